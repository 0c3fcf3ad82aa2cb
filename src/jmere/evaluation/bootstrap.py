"""Paired bootstrap over posts: a significance test of the F1 difference of two systems."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from jmere.evaluation.scores import Scores


@dataclass(frozen=True, slots=True)
class Difference:
    """F1 of one system minus F1 of another, in [-1, 1], with interval and p-value."""

    f1: float
    low: float
    """Lower end of the 95 % interval (percentiles of the resamples)."""
    high: float
    """Upper end of the 95 % interval."""
    p_value: float
    """Two-sided p-value of the null hypothesis that both systems are equal."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Differences of JMERE and MNER F1 between two systems on the same posts."""

    jmere: Difference
    mner: Difference
    resamples: int
    seed: int


def compare(system: Scores, other: Scores, *, resamples: int = 10_000, seed: int = 0) -> Comparison:
    """Compare two systems scored against the same gold: ``system`` minus ``other``.

    Raises:
        ValueError: If the scores are of different readings or posts.
    """
    if system.reading != other.reading:
        raise ValueError(f"cannot compare readings {system.reading!r} and {other.reading!r}")
    if system.posts != other.posts:
        raise ValueError(f"cannot compare {system.posts} posts with {other.posts}")
    options = {"resamples": resamples, "seed": seed}
    return Comparison(
        paired_bootstrap(system.jmere_counts, other.jmere_counts, **options),
        paired_bootstrap(system.mner_counts, other.mner_counts, **options),
        **options,
    )


def paired_bootstrap(
    system: Int[np.ndarray, "posts counts"],
    other: Int[np.ndarray, "posts counts"],
    *,
    resamples: int = 10_000,
    seed: int = 0,
) -> Difference:
    """Test a difference of F1 by resampling posts with replacement, the same for both systems.

    The p-value is that of Berg-Kirkpatrick et al. (2012), "An Empirical Investigation of
    Statistical Significance in NLP", section 3, made two-sided: the share of resamples whose
    difference deviates from the observed one by at least the observed one. It is never 0,
    because the observation counts as one of the resamples.

    Posts with equal counts are interchangeable, so a resample is one multinomial draw over the
    distinct rows, and time hardly depends on the number of posts.

    Args:
        system: Counts of correct, predicted and gold items of each post.
        other: Counts of the other system, in the same order of posts.
        resamples: Number of resamples.
        seed: Seed of the random draws.

    Raises:
        ValueError: If there is no post, or ``resamples`` is not positive.

    Example:
        >>> system = np.array([[1, 1, 1]] * 8 + [[0, 1, 1]] * 2)
        >>> other = np.array([[0, 1, 1]] * 10)
        >>> found = paired_bootstrap(system, other, resamples=200)
        >>> round(found.f1, 2), found.p_value < 0.05
        (0.8, True)
    """
    if not len(system):
        raise ValueError("a bootstrap needs at least one post")
    if resamples < 1:
        raise ValueError(f"resamples must be positive, got {resamples}")

    rows, times = np.unique(np.hstack([system, other]), axis=0, return_counts=True)
    drawn = np.random.default_rng(seed).multinomial(
        len(system), times / len(system), size=resamples
    )
    observed = float(_difference(times[None] @ rows)[0])
    differences = _difference(drawn @ rows)

    # Ratios of equal counts can differ in the last bit; the tolerance counts them as equal.
    extreme = np.abs(differences - observed) >= abs(observed) - 1e-12
    low, high = np.percentile(differences, [2.5, 97.5])
    p_value = (1 + int(extreme.sum())) / (1 + resamples)
    return Difference(observed, float(low), float(high), p_value)


def comparison_to_json(comparison: Comparison) -> dict[str, Any]:
    """Return the comparison as JSON values."""
    return {
        name: {"f1": it.f1, "low": it.low, "high": it.high, "p_value": it.p_value}
        for name, it in (("jmere", comparison.jmere), ("mner", comparison.mner))
    } | {"resamples": comparison.resamples, "seed": comparison.seed}


def _difference(sums: Int[np.ndarray, "resamples counts"]) -> Float[np.ndarray, " resamples"]:
    difference: np.ndarray = _f1(sums[:, :3]) - _f1(sums[:, 3:])
    return difference


def _f1(sums: Int[np.ndarray, "resamples 3"]) -> Float[np.ndarray, " resamples"]:
    correct, predicted, gold = sums.T
    f1: np.ndarray = 2 * correct / np.maximum(predicted + gold, 1)
    return f1
