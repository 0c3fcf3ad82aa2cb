"""Evaluation on the dev posts, by which a run selects its best epoch."""

from __future__ import annotations

from collections.abc import Sequence

from jmere.evaluation.scores import Scores, score
from jmere.inputs.prepare import Prepared
from jmere.tagger.predict import extract_prepared
from jmere.tagger.tagger import Tagger
from jmere.training.run_config import TrainingConfig


def evaluate_on(
    tagger: Tagger, dev: Sequence[Prepared], settings: TrainingConfig, *, gold: bool = False
) -> Scores:
    """Score a tagger on dev; ``gold`` is that of ``predict``."""
    found = extract_prepared(tagger, dev, batch_size=4 * settings.batch_size, gold=gold)
    return score([each.post for each in dev], list(found), settings.reading)


def mean_f1(scores: Sequence[Scores], *, mner: bool = False) -> float:
    """Return the mean F1 over the dev sets, by which a run selects."""
    found = [each.mner.f1 if mner else each.main.f1 for each in scores]
    return sum(found) / len(found)


def stacked_f1(scores: Sequence[Scores]) -> dict[str, float]:
    """Return the mean F1 over the stacked dev sets for the log; empty if there is none."""
    return {"dev_stacked_f1": mean_f1(scores[1:])} if len(scores) > 1 else {}
