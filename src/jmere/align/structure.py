"""Structural alignment of two graphs: nodes are alike whose neighbourhoods have like degrees.

The features and their embedding are those of xNetMF (REGAL), as MEGA uses them. Its
embedding is a factorisation of the nodes' similarities by landmarks. With every
distinct node a landmark the factorisation is exact, so the distance of two embedded
nodes is ``sqrt(2 - 2 s)`` of their similarity ``s``: no landmark is drawn, no matrix
inverted, and the answer is that of the limit, in a handful of products.
"""

from typing import Literal

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn.functional import one_hot

StructureMode = Literal["xnetmf", "exact"]

HOPS = 2
"""Maximum hop distance of the neighbours whose degrees count."""


def structural_alignment(
    first: Bool[Tensor, "batch rows rows"],
    second: Bool[Tensor, "batch columns columns"],
    *,
    row_mask: Bool[Tensor, "batch rows"],
    column_mask: Bool[Tensor, "batch columns"],
    mode: StructureMode = "xnetmf",
    top: int = 1,
    discount: float = 0.01,
) -> Float[Tensor, "batch rows columns"]:
    """Compute the structural similarity of the nodes of two graphs; nothing is learned.

    Args:
        first: Adjacency of one graph, symmetric; loops do not count.
        second: Adjacency of the other.
        row_mask: The nodes of ``first``; the similarity of padding is 0.
        column_mask: The nodes of ``second``.
        mode: ``xnetmf`` is ``exp(-|Y_i - Y_j|)`` of the embedded nodes, ``exact``
            ``exp(-|f_i - f_j|)`` of their features.
        top: Number of columns that keep their value in each row; on ties the lowest index.
        discount: Weight of a hop beside that of the hop before it.

    Returns:
        Values in [0, 1]; all 0 in a post whose graphs have no edge.

    Example:
        >>> star = torch.tensor([[[0, 1, 1], [1, 0, 0], [1, 0, 0]]]).bool()
        >>> nodes = torch.ones(1, 3, dtype=torch.bool)
        >>> structural_alignment(star, star, row_mask=nodes, column_mask=nodes)[0, 0].tolist()
        [1.0, 0.0, 0.0]
    """
    buckets = max(first.shape[1], second.shape[1], 1).bit_length()
    row_features = structural_features(first, buckets=buckets, discount=discount)
    column_features = structural_features(second, buckets=buckets, discount=discount)
    distance = (row_features[:, :, None] - column_features[:, None]).norm(dim=-1)
    if mode == "xnetmf":
        distance = (-2 * torch.expm1(-distance)).sqrt()
    alike = torch.exp(-distance)

    edges = _without_loops(first).any(dim=(1, 2)) | _without_loops(second).any(dim=(1, 2))
    valid = row_mask[:, :, None] & column_mask[:, None] & edges[:, None, None]
    alike = alike * valid
    ranks = alike.argsort(dim=2, descending=True, stable=True).argsort(dim=2)
    return alike * (ranks < top)


def structural_features(
    adjacency: Bool[Tensor, "batch nodes nodes"], *, buckets: int, discount: float = 0.01
) -> Float[Tensor, "batch nodes buckets"]:
    """Compute histograms of the degrees of each node's neighbours, by hop, in powers of two.

    The node itself is hop 0, and a node counts at its minimum hop only. A node without
    neighbours has no degree to count.
    """
    adjacency = _without_loops(adjacency)
    degrees = adjacency.sum(dim=2)
    bucket = torch.frexp(degrees.clamp(min=1).float()).exponent.long() - 1
    degree_of = one_hot(bucket, buckets).float() * (degrees > 0)[:, :, None]

    itself = torch.eye(adjacency.shape[1], dtype=torch.bool, device=adjacency.device)
    ring = seen = itself.expand_as(adjacency)
    features = degree_of
    for hop in range(1, HOPS + 1):
        ring = (ring.float() @ adjacency.float() > 0) & ~seen
        seen = seen | ring
        features = features + discount**hop * (ring.float() @ degree_of)
    return features


def _without_loops(
    adjacency: Bool[Tensor, "batch nodes nodes"],
) -> Bool[Tensor, "batch nodes nodes"]:
    loops = torch.eye(adjacency.shape[1], dtype=torch.bool, device=adjacency.device)
    return adjacency & ~loops
