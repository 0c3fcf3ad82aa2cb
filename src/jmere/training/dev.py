"""Evaluation on the dev posts, by which a run selects its best epoch."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from jmere.evaluation.scores import Scores, score
from jmere.inputs.prepare import Dev
from jmere.records import Extraction
from jmere.tagger.predict import extraction, predict
from jmere.tagger.tagger import Tagger
from jmere.training.run_config import TrainingConfig


def extractions(
    tagger: Tagger, dev: Dev, *, batch_size: int, gold: bool = False
) -> list[Extraction]:
    """Predict each dev post; ``gold`` is that of ``predict``."""
    windows = [window for _, parts in dev for window in parts]
    found = iter(predict(tagger, windows, batch_size=batch_size, gold=gold))
    return [extraction(post, list(islice(found, len(parts)))) for post, parts in dev]


def evaluate_on(
    tagger: Tagger, dev: Dev, settings: TrainingConfig, *, gold: bool = False
) -> Scores:
    """Score a tagger on dev; ``gold`` is that of ``predict``."""
    found = extractions(tagger, dev, batch_size=4 * settings.batch_size, gold=gold)
    return score([post for post, _ in dev], found, settings.reading)


def mean_f1(scores: Sequence[Scores], *, mner: bool = False) -> float:
    """Return the mean F1 over the dev sets, by which a run selects."""
    found = [each.mner.f1 if mner else each.main.f1 for each in scores]
    return sum(found) / len(found)


def stacked_f1(scores: Sequence[Scores]) -> dict[str, float]:
    """Return the mean F1 over the stacked dev sets for the log; empty if there is none."""
    return {"dev_stacked_f1": mean_f1(scores[1:])} if len(scores) > 1 else {}
