"""Reliability: precision by score, and the expected calibration error."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jmere.evaluation.readings import Annotated, Reading, answer, identified
from jmere.records import Extraction, Quintuple


@dataclass(frozen=True, slots=True)
class Bin:
    """Statistics of the quintuples whose scores are in [low, high)."""

    low: float
    high: float
    count: int
    score: float
    """Mean score."""
    precision: float
    """Share that is correct."""


def scored(
    gold: Iterable[Annotated], found: Iterable[Annotated], reading: Reading
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the score of each predicted quintuple, and whether it is correct.

    Raises:
        ValueError: If a quintuple has no score, or a predicted post is not in gold.
    """
    right = {
        name: answer(post, reading, post.text).links for name, post in identified(gold, "gold")
    }
    values: list[tuple[float, bool]] = []
    for name, post in identified(found, "predicted"):
        if name not in right:
            raise ValueError(f"predicted post {name!r} is not among the gold posts")
        for quintuple in post.quintuples:
            if quintuple.score is None:
                raise ValueError(f"predicted post {name!r}: a quintuple has no score")
            values.append((quintuple.score, _link(post, quintuple, reading) <= right[name]))
    scores = np.array([score for score, _ in values], np.float64)
    return scores, np.array([correct for _, correct in values], np.bool_)


def reliability(
    scores: NDArray[np.float64], right: NDArray[np.bool_], *, bins: int = 10
) -> list[Bin]:
    """Return the bins of equal width that are not empty, by increasing score.

    Example:
        >>> bins = reliability(np.array([0.2, 0.9, 0.9]), np.array([False, True, False]))
        >>> [(each.low, each.count, each.precision) for each in bins]
        [(0.2, 1, 0.0), (0.9, 2, 0.5)]
    """
    numbers = np.minimum((scores * bins).astype(int), bins - 1)
    return [
        Bin(
            low=number / bins,
            high=(number + 1) / bins,
            count=int((inside := numbers == number).sum()),
            score=float(scores[inside].mean()),
            precision=float(right[inside].mean()),
        )
        for number in np.unique(numbers).tolist()
    ]


def calibration_error(bins: Iterable[Bin]) -> float:
    """Return the expected calibration error: mean of |score - precision| over quintuples.

    Example:
        >>> bins = reliability(np.array([0.75, 0.75]), np.array([True, False]))
        >>> calibration_error(bins)
        0.25
    """
    bins = list(bins)
    count = sum(each.count for each in bins)
    return sum(each.count * abs(each.score - each.precision) for each in bins) / max(1, count)


def debiased_error(bins: Iterable[Bin]) -> float:
    """Return the root mean square of score less precision, without what chance adds to it.

    A bin of n quintuples differs from its score by chance, by p (1 - p) / (n - 1) in the mean
    square, which is taken off (Kumar et al., "Verified Uncertainty Calibration", NeurIPS 2019,
    section 4). Quintuples that depend on each other differ by more.

    Example:
        >>> bins = reliability(np.full(4, 0.5), np.array([True, True, True, False]))
        >>> round(calibration_error(bins), 3), debiased_error(bins)
        (0.25, 0.0)
    """
    bins = list(bins)
    total = sum(
        each.count
        * (
            (each.score - each.precision) ** 2
            - each.precision * (1 - each.precision) / max(1, each.count - 1)
        )
        for each in bins
    )
    return math.sqrt(max(0.0, total / max(1, sum(each.count for each in bins))))


def _link(post: Annotated, quintuple: Quintuple, reading: Reading) -> set[object]:
    alone = Extraction(id=post.id, text=post.text, quintuples=(quintuple,), entities=())
    return set(answer(alone, reading, post.text).links)
