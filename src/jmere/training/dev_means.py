"""Means over the dev posts and the stacked dev sets."""

from __future__ import annotations

from collections.abc import Sequence

from jmere.evaluation.scores import Scores


def mean_f1(scores: Sequence[Scores], *, mner: bool = False) -> float:
    """Return the mean F1 over the dev sets, by which a run selects."""
    found = [each.mner.f1 if mner else each.main.f1 for each in scores]
    return sum(found) / len(found)


def stacked_f1(scores: Sequence[Scores]) -> dict[str, float]:
    """Return the mean F1 over the stacked dev sets for the log; empty if there is none."""
    return {"dev_stacked_f1": mean_f1(scores[1:])} if len(scores) > 1 else {}
