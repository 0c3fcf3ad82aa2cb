"""Output of every model, and its loss."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import cross_entropy

from jmere.tags import IGNORE, NONE

Reduction = Literal["sum", "post", "cell"]


class SoftAlignment(NamedTuple):
    """Words matched with objects, two ways."""

    plan: Float[Tensor, "batch words objects"]
    attention: Float[Tensor, "batch words objects"]


@dataclass(frozen=True)
class Tagging:
    """Scores of the tags of every pair of words, and what else the model has to say."""

    scores: Float[Tensor, "batch words words tags"]
    """Unnormalised log-probabilities."""
    auxiliary: Mapping[str, Float[Tensor, " batch"]] = field(default_factory=dict)
    """Losses beside the tagging's, weighted, one value per post; empty when predicting."""
    alignment: SoftAlignment | None = None
    decided: bool = False
    """Whether the scores encode hard decisions, without gradients."""
    shares: Mapping[str, Float[Tensor, " some"]] = field(default_factory=dict)
    """Values in [0, 1] for the log, each of those posts that have one."""


@dataclass(frozen=True, kw_only=True)
class LossConfig:
    """Reduction of the cells of a grid to one loss (equation 12)."""

    none_weight: float = 1.0
    """Weight of a cell whose gold tag is none, beside 1 for every other."""
    reduction: Reduction = "cell"
    """``sum``: over all cells of all posts of the batch, equation 12 as printed; ``post``: a post's
    sum, mean over posts; ``cell``: a post's mean over its cells, mean over posts. A weight beside
    the tagging, such as lambda, is beside a whole grid in the first two, a cell in the third."""
    per_word: bool = False
    """Divide a post's summed loss by its words instead of by its cells."""
    taught_share: float = 0.5
    """Share of the teachers' probabilities in the loss of an annotated post."""

    def __post_init__(self) -> None:
        if self.per_word and self.reduction != "cell":
            raise ValueError(
                f"loss.per_word: a loss of reduction {self.reduction!r} is not divided"
            )
        if not 0 <= self.taught_share <= 1:
            raise ValueError(f"loss.taught_share must be in [0, 1], got {self.taught_share}")
        if not 0 < self.none_weight < math.inf:
            raise ValueError(
                f"loss.none_weight must be finite and positive, got {self.none_weight}"
            )


def post_losses(
    scores: Float[Tensor, "batch words words tags"],
    gold: Int[Tensor, "batch words words"],
    config: LossConfig,
    taught: Float[Tensor, "batch words words tags"] | None = None,
) -> Float[Tensor, " batch"]:
    """Cross-entropy over all pairs of words of each post, padding ignored (equation 12).

    Where there are other models' probabilities they are learned beside the gold tag, or by
    themselves where nothing is annotated. A post's loss is the same alone and in any batch;
    that of an empty post is 0.
    """
    weight = scores.new_ones(scores.shape[-1], dtype=torch.float32)
    weight[NONE] = config.none_weight
    cells = cross_entropy(
        scores.float().flatten(0, 2),
        gold.flatten(),
        weight=weight,
        ignore_index=IGNORE,
        reduction="none",
    ).view(gold.shape)
    annotated = gold != IGNORE
    if taught is not None:
        known = taught.sum(dim=-1) > 0
        weights = taught * weight
        theirs = -(weights * scores.float().log_softmax(dim=-1)).sum(dim=-1)
        share = torch.where(annotated, config.taught_share, 1.0) * known
        cells = (1 - share) * cells + share * theirs
        annotated = annotated | known
    if config.reduction != "cell":
        return cells.sum(dim=(1, 2))
    counted = annotated.sum(dim=(1, 2)).clamp(min=1)
    divisor = counted.float().sqrt() if config.per_word else counted
    return cells.sum(dim=(1, 2)) / divisor


def total_loss(
    tagging: Tagging,
    gold: Int[Tensor, "batch words words"],
    config: LossConfig,
    taught: Float[Tensor, "batch words words tags"] | None = None,
) -> dict[str, Float[Tensor, ""]]:
    """Compute the loss to minimise, under ``total``, and its parts (equation 13).

    Means over the posts, or, where the config says ``sum``, sums.

    Raises:
        ValueError: If the scores are decisions and there are other models' to learn from.
    """
    if tagging.decided and taught is not None:
        raise ValueError("a model that makes hard decisions cannot be distilled from other models")
    parts = dict(tagging.auxiliary)
    if not tagging.decided:
        parts = {"tagging": post_losses(tagging.scores, gold, config, taught), **parts}
    summed = config.reduction == "sum"
    whole = {name: v.sum() if summed else v.mean() for name, v in parts.items()}
    return {"total": torch.stack(list(whole.values())).sum(), **whole}
