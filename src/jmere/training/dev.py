"""Evaluation on the dev posts, by which a run selects its best epoch."""

from __future__ import annotations

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
