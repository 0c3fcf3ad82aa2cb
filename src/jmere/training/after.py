"""The end of a training: the best model read back, its decoding chosen, its scores calibrated."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from jmere.evaluation.scores import Scores
from jmere.export.model_graph import write_graph_file
from jmere.inputs.prepare import Prepared, PreparedPost
from jmere.tagger.predict import extract_prepared
from jmere.tagger.storage import load_tagger, save_config
from jmere.training.calibrate import calibrate
from jmere.training.centre import centre_taken
from jmere.training.claim import MODEL
from jmere.training.dev import evaluate_on
from jmere.training.run_config import RunConfig
from jmere.training.team import team, told
from jmere.training.tune import tune_decoding

log = logging.getLogger(__name__)


def finish(
    config: RunConfig, dev: Sequence[Sequence[Prepared]], learned: Sequence[PreparedPost]
) -> Scores:
    """Read the best model back, as it is stored, and choose its decoding, and write its graph.

    Decoding and calibration are chosen on all dev sets; the scores are those of the first. Of
    several processes the first does all this.

    Args:
        config: The run.
        dev: The dev sets.
        learned: The training posts; those with objects centre the model, if the run says so.
    """
    return told(_finish(config, dev, learned) if team().is_main_process else None)


def _finish(
    config: RunConfig, dev: Sequence[Sequence[Prepared]], learned: Sequence[PreparedPost]
) -> Scores:
    settings = config.training
    folder, batch_size = Path(config.output) / MODEL, 4 * settings.batch_size
    tagger = load_tagger(folder)
    if settings.centre:
        shown = [post for post in learned if post.scene.objects][: settings.centre]
        count = centre_taken(tagger, shown, batch_size=batch_size)
        log.info("what words take from objects is centred over %d posts", count)
        tagger.save_pretrained(folder, precision=settings.storage)
    if settings.tune_decoding:
        tagger.decoder = tune_decoding(tagger, dev, settings.reading, batch_size=batch_size)
        log.info("decoding chosen on dev: %s", tagger.decoder.options)
    if settings.calibrate:
        tagger.decoder = replace(tagger.decoder, calibration=None)
        pooled = [post for each in dev for post in each]
        found = list(extract_prepared(tagger, pooled, batch_size=batch_size))
        tagger.decoder = calibrate(tagger.decoder, pooled, found)
    save_config(tagger, folder)
    write_graph_file(tagger, folder, int8=settings.storage == "int8")
    return evaluate_on(tagger, dev[0], settings)
