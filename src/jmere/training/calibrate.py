"""Calibration of a tagger's scores on dev."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from jmere.evaluation.reliability import calibration_error, reliability, scored
from jmere.grid.calibration import fit_calibration, precision_curve
from jmere.grid.decode import Decoder
from jmere.inputs.prepare import Prepared
from jmere.records import Extraction

log = logging.getLogger(__name__)

PARTS = 5
"""Folds of dev; each is evaluated with a calibration fitted on the others."""


def calibrate(decoder: Decoder, dev: Sequence[Prepared], found: Sequence[Extraction]) -> Decoder:
    """Fit a decoder's scores to probabilities of being right on dev, direction counted.

    Args:
        decoder: Without a calibration.
        dev: The posts to fit on.
        found: The extractions of each post by that decoder.
    """
    judged = [scored([own.post], [each], "directed") for own, each in zip(dev, found, strict=True)]
    confidence, right = (np.concatenate(side) for side in zip(*judged, strict=True))
    fitted = fit_calibration(confidence, right)
    chosen = replace(fitted, curve=precision_curve(fitted(confidence), right))
    before = calibration_error(reliability(confidence, right))
    log.info(
        "expected calibration error: %.4f before, %.4f after (cross-validated)",
        before,
        _cross_validated(judged),
    )
    return replace(decoder, calibration=chosen)


def _cross_validated(judged: Sequence[tuple[NDArray[np.float64], NDArray[np.bool_]]]) -> float:
    """Return the cross-validated expected calibration error."""
    probabilities, truths = [], []
    for part in range(PARTS):
        others = [each for index, each in enumerate(judged) if index % PARTS != part]
        if not others:
            continue
        fitted = fit_calibration(*(np.concatenate(side) for side in zip(*others, strict=True)))
        for confidence, right in judged[part::PARTS]:
            probabilities.append(fitted(confidence))
            truths.append(right)
    if not probabilities:
        return 0.0
    return calibration_error(reliability(np.concatenate(probabilities), np.concatenate(truths)))
