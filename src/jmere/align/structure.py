"""Structural alignment of two graphs: nodes are alike whose neighbourhoods have like degrees.

The features and their embedding are those of xNetMF (REGAL), as MEGA uses them. Its
embedding is a factorisation of the nodes' similarities by landmarks. With every
distinct node a landmark the factorisation is exact, so the distance of two embedded
nodes is ``sqrt(2 - 2 s)`` of their similarity ``s``: no landmark is drawn, no matrix
inverted, and the answer is that of the limit, in a handful of products.
"""

from typing import Literal

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn.functional import one_hot

from jmere.align.traced import is_traced

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
    # While a graph is traced sizes are not numbers: there are buckets for any degree.
    traced = is_traced()
    buckets = 16 if traced else max(first.shape[1], second.shape[1], 1).bit_length()
    row_features = structural_features(first, buckets=buckets, discount=discount)
    column_features = structural_features(second, buckets=buckets, discount=discount)
    distance = (row_features[:, :, None] - column_features[:, None]).norm(dim=-1)
    if mode == "xnetmf":
        distance = (-2 * torch.expm1(-distance)).sqrt()
    alike = torch.exp(-distance)

    edges = _without_loops(first).any(dim=(1, 2)) | _without_loops(second).any(dim=(1, 2))
    valid = row_mask[:, :, None] & column_mask[:, None] & edges[:, None, None]
    alike = alike * valid
    return alike * (_ranks(alike) < top)


def _ranks(
    values: Float[Tensor, "batch rows columns"],
) -> Int[Tensor, "batch rows columns"]:
    """Count the columns before each one in its row: those larger, and on ties those to its left.

    By comparisons, since a stable sort is not exported.
    """
    places = torch.arange(values.shape[2], device=values.device)
    own, other = values[:, :, :, None], values[:, :, None, :]
    before = (other > own) | ((other == own) & (places < places[:, None]))
    return before.sum(dim=3)


def structural_features(
    adjacency: Bool[Tensor, "batch nodes nodes"], *, buckets: int, discount: float = 0.01
) -> Float[Tensor, "batch nodes buckets"]:
    """Compute histograms of the degrees of each node's neighbours, by hop, in powers of two.

    The node itself is hop 0, and a node counts at its minimum hop only. A node without
    neighbours has no degree to count.
    """
    adjacency = _without_loops(adjacency)
    degrees = adjacency.sum(dim=2)
    # Half a degree more, so that no rounding takes a power of two to the bucket below.
    bucket = (degrees.clamp(min=1) + 0.5).log2().floor().long()
    degree_of = one_hot(bucket, buckets).float() * (degrees > 0)[:, :, None]

    itself = _diagonal(adjacency)
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
    return adjacency & ~_diagonal(adjacency)


def _diagonal(adjacency: Bool[Tensor, "batch nodes nodes"]) -> Bool[Tensor, "nodes nodes"]:
    """Return the identity, by a comparison: ``torch.eye`` of booleans is not exported."""
    places = torch.arange(adjacency.shape[1], device=adjacency.device)
    return places[:, None] == places
