"""Evaluation on the dev posts, by which a run selects its best epoch."""

from __future__ import annotations

from collections.abc import Sequence

from jmere.evaluation.scores import Scores, score
from jmere.inputs.prepare import Prepared
from jmere.records import Extraction
from jmere.tagger.predict import extract_prepared
from jmere.tagger.tagger import Tagger
from jmere.training.run_config import TrainingConfig
from jmere.training.team import of_all, team


def evaluate_on(
    tagger: Tagger, dev: Sequence[Prepared], settings: TrainingConfig, *, gold: bool = False
) -> Scores:
    """Score a tagger on dev; ``gold`` is that of ``predict``."""
    found = extract_prepared(tagger, dev, batch_size=4 * settings.batch_size, gold=gold)
    return score([each.post for each in dev], list(found), settings.reading)


def evaluate_together(
    tagger: Tagger, dev: Sequence[Prepared], settings: TrainingConfig, *, gold: bool = False
) -> Scores:
    """Score a tagger as ``evaluate_on`` does; each process reads its share of the posts."""
    processes = team()
    own = dev[processes.process_index :: processes.num_processes]
    found = extract_prepared(tagger, own, batch_size=4 * settings.batch_size, gold=gold)
    bare = [Extraction(each.id, each.text, each.quintuples, each.entities) for each in found]
    return score([each.post for each in dev], of_all(bare), settings.reading)
