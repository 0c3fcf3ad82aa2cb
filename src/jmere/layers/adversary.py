"""Modality adversary: a modality classifier with gradient reversal."""

import math
from itertools import pairwise
from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from jmere.layers.norm import MaskedBatchNorm

VISUAL, TEXT = 0, 1


class GradientReversal(torch.autograd.Function):
    """The identity, whose gradient is multiplied by -``strength``."""

    @staticmethod
    def forward(ctx: Any, vectors: Tensor, strength: float) -> Tensor:
        """Pass vectors on."""
        ctx.strength = strength
        return vectors.view_as(vectors)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> tuple[Tensor, None]:
        """Turn the gradient round."""
        return -ctx.strength * gradients[0], None


def reverse_gradient(vectors: Tensor, strength: float) -> Tensor:
    """``vectors``, whose gradient comes back multiplied by -``strength``."""
    reversed_: Tensor = GradientReversal.apply(vectors, strength)  # type: ignore[no-untyped-call]
    return reversed_


def reversal_strength(progress: float) -> float:
    """``2 / (1 + exp(-10 p)) - 1``: 0 at the start of training, nearly 1 at its end."""
    return 2 / (1 + math.exp(-10 * min(progress, 1.0))) - 1


class ModalityClassifier(nn.Module):
    """Says of each vector whether it is an object's or a word's."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        widths = (hidden, max(2, hidden // 2), max(2, hidden // 4))
        self.linears = nn.ModuleList(nn.Linear(width, after) for width, after in pairwise(widths))
        self.norms = nn.ModuleList(MaskedBatchNorm(width) for width in widths[1:])
        self.output = nn.Linear(widths[-1], 2)

    def forward(
        self, vectors: Float[Tensor, "batch nodes hidden"], mask: Bool[Tensor, "batch nodes"]
    ) -> Float[Tensor, "batch nodes modalities"]:
        """Scores of both modalities; padding takes no part."""
        for linear, norm in zip(self.linears, self.norms, strict=True):
            vectors = norm(linear(vectors), mask).relu()
        scores: Tensor = self.output(vectors)
        return scores


def modality_loss(
    scores: Float[Tensor, "batch nodes modalities"],
    mask: Bool[Tensor, "batch nodes"],
    modality: int,
) -> Float[Tensor, " batch"]:
    """Mean cross-entropy over the vectors of each post, which all are of one modality."""
    gold = torch.full_like(mask, modality, dtype=torch.long)
    losses = cross_entropy(scores.float().flatten(0, 1), gold.flatten(), reduction="none")
    return (losses.view(mask.shape) * mask).sum(dim=1) / mask.sum(dim=1).clamp(min=1)


def modality_weights(
    object_mask: Bool[Tensor, "batch objects"], word_mask: Bool[Tensor, "batch words"]
) -> tuple[Float[Tensor, " batch"], Float[Tensor, " batch"]]:
    """Weights of an object's and of a word's loss: the other modality's share of the post.

    They sum to 1, and the rarer modality has the larger.
    """
    objects, words = object_mask.sum(dim=1), word_mask.sum(dim=1)
    visual = words / (objects + words).clamp(min=1)
    return visual, 1 - visual
