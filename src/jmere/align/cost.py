"""Inputs of the solvers: distances between nodes, and masses of nodes."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from jmere.align.transport import full_precision


def cosine_distance(
    a: Float[Tensor, "batch rows hidden"], b: Float[Tensor, "batch columns hidden"]
) -> Float[Tensor, "batch rows columns"]:
    """Compute one minus the cosine of every pair of vectors: ``c`` of EEGA's equation 5.

    A zero vector, such as padding, is at distance 1 from everything, and its
    gradient is finite. Works in float32 also under mixed precision.

    Returns:
        Distances from 0 (same direction) to 2 (opposite), up to rounding.

    Example:
        >>> a = torch.tensor([[[1.0, 0.0]]])
        >>> b = torch.tensor([[[2.0, 0.0], [0.0, 1.0], [-1.0, 0.0]]])
        >>> cosine_distance(a, b).tolist()
        [[[0.0, 1.0, 2.0]]]
    """
    with torch.autocast(a.device.type, enabled=False):
        return 1 - unit(full_precision(a)) @ unit(full_precision(b)).mT


def uniform_mass(mask: Bool[Tensor, "batch nodes"]) -> Float[Tensor, "batch nodes"]:
    """Return equal weights for the nodes of each post, with sum 1; 0 on padding.

    Example:
        >>> uniform_mass(torch.tensor([[True, True, False]])).tolist()
        [[0.5, 0.5, 0.0]]
    """
    weights = mask.float()
    return weights / weights.sum(dim=1, keepdim=True).clamp(min=1)


def unit(vectors: Float[Tensor, "batch nodes hidden"]) -> Float[Tensor, "batch nodes hidden"]:
    """Divide vectors by their lengths; a zero vector stays."""
    squared = vectors.square().sum(dim=2, keepdim=True)
    # The derivative of the root is infinite at 0, so a zero vector is divided by 1 instead.
    present = squared > torch.finfo(squared.dtype).tiny
    return vectors * squared.where(present, torch.ones_like(squared)).rsqrt()
