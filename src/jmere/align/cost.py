"""What the solvers are given: distances between nodes, and masses of nodes."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from jmere.align.transport import full_precision


def cosine_distance(
    a: Float[Tensor, "batch rows hidden"], b: Float[Tensor, "batch columns hidden"]
) -> Float[Tensor, "batch rows columns"]:
    """One minus the cosine of every pair of vectors, the ``c`` of EEGA's equation 5.

    A zero vector, such as padding, is at distance 1 from everything, and its
    gradient is finite. Works in float32 also under mixed precision.

    Returns:
        Distances from 0 (same direction) to 2 (opposite), rounding aside.
    """
    with torch.autocast(a.device.type, enabled=False):
        return 1 - _unit(full_precision(a)) @ _unit(full_precision(b)).mT


def uniform_mass(mask: Bool[Tensor, "batch nodes"]) -> Float[Tensor, "batch nodes"]:
    """Equal weights for the nodes of each post, 1 in all; 0 on padding and in an empty post."""
    weights = mask.float()
    return weights / weights.sum(dim=1, keepdim=True).clamp(min=1)


def _unit(vectors: Float[Tensor, "batch nodes hidden"]) -> Float[Tensor, "batch nodes hidden"]:
    squared = vectors.square().sum(dim=2, keepdim=True)
    # The root's slope at 0 is infinite, so a zero vector is divided by 1 instead.
    present = squared > torch.finfo(squared.dtype).tiny
    return vectors * squared.where(present, torch.ones_like(squared)).rsqrt()
