"""Threshold and calibration of the heads for ``visible``, cross-fitted on the training posts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jmere.grid.calibration import Calibration, fit_calibration, probabilities
from jmere.layers.visible import VisibleHeads
from jmere.training.visible.fit_visible import fit_heads, log_odds_of
from jmere.training.visible.marked_posts import MarkedPost
from jmere.training.visible.visible_options import VisibleTraining


@dataclass(frozen=True, slots=True)
class CrossFit:
    """What is fixed on posts judged by heads that have not seen them."""

    calibration: Calibration
    threshold: float
    """Calibrated probability from which on F1 is best."""
    f1: float
    """F1 there."""


def cross_fit(
    make: Callable[[], VisibleHeads],
    posts: Sequence[MarkedPost],
    altered: Sequence[MarkedPost],
    types: Sequence[str],
    options: VisibleTraining,
) -> CrossFit:
    """Judge each fold by heads that the others have trained, and fit on all of it.

    Args:
        make: Makes untrained heads.
        posts: The posts, in any order; those of one picture stand together.
        altered: More posts to train on, of which nothing is judged. ``altered[i]`` is
            ``posts[i]`` with less said of its picture.
        types: Entity types by number, from 1.
        options: How to train.
    """
    odds, truths = [], []
    for fold in range(options.folds):
        heads = make()
        seen = [post for index, post in enumerate(posts) if index % options.folds != fold]
        less = [post for index, post in enumerate(altered) if index % options.folds != fold]
        fit_heads(heads, [*seen, *less], types, options, name=f"fold {fold + 1}")
        held = posts[fold :: options.folds]
        odds.append(log_odds_of(heads, held, types))
        truths.append(np.array([mark for post in held for mark in post.visible], np.bool_))
    confidence, truth = probabilities(np.concatenate(odds)), np.concatenate(truths)
    calibration = fit_calibration(confidence, truth)
    threshold, f1 = best_threshold(calibration(confidence), truth)
    return CrossFit(calibration, threshold, f1)


def best_threshold(scores: NDArray[np.float64], truth: NDArray[np.bool_]) -> tuple[float, float]:
    """Return the score from which on F1 is best, to three digits, and F1 there.

    F1 is smoothed over 0.02 to either side, so that the threshold is not one of chance.

    Example:
        >>> best_threshold(np.array([0.1, 0.4, 0.8]), np.array([False, True, True]))[1]
        1.0
    """
    thresholds = np.arange(1, 1000) / 1000
    said = scores[None] >= thresholds[:, None]
    right = (said & truth).sum(axis=1)
    f1 = 2 * right / np.maximum(1, said.sum(axis=1) + truth.sum())
    window = np.ones(41)
    smooth = np.convolve(f1, window, "same") / np.convolve(np.ones(len(f1)), window, "same")
    best = int(smooth.argmax())
    return float(thresholds[best]), float(f1[best])
