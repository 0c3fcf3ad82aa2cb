"""Scores of telling visible entities from others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class VisibleScores:
    """Accuracy, precision, recall and F1; a visible entity is a positive."""

    posts: int
    entities: int
    accuracy: float
    precision: float
    recall: float
    f1: float

    def to_json(self) -> dict[str, float]:
        """Return the scores as plain values."""
        return asdict(self)


def score_visible(gold: Sequence[bool], found: Sequence[bool], *, posts: int) -> VisibleScores:
    """Compare what is said to be visible with what is.

    Args:
        gold: Whether each entity is visible.
        found: Whether each is said to be.
        posts: Number of posts that they are from.

    Example:
        >>> score_visible([True, True, False], [True, False, False], posts=2).f1
        0.6666666666666666
    """
    truth, said = np.array(gold, np.bool_), np.array(found, np.bool_)
    right = int((truth & said).sum())
    return VisibleScores(
        posts=posts,
        entities=len(truth),
        accuracy=float((truth == said).mean()) if len(truth) else 0.0,
        precision=right / max(1, int(said.sum())),
        recall=right / max(1, int(truth.sum())),
        f1=2 * right / max(1, int(truth.sum() + said.sum())),
    )
