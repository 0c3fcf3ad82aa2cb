"""Training examples of a relation classifier: all ordered pairs of many pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from jmere.records import FloatArray
from jmere.training.relations.recall import named
from jmere.training.relations.vrd import AnnotatedPicture
from jmere.vision.relate.geometry import Int64s, in_frame, ordered_pairs, pair_features
from jmere.vision.relate.prior import FrequencyPrior, smoothed


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """All ordered pairs of many pictures, one row each."""

    ends: Int64s
    """Labels of subject and object."""
    geometry: FloatArray
    prior: FloatArray
    """Evidence of a prior that doesn't know the pair's own picture."""
    gold: FloatArray
    """1 for each annotated predicate."""
    seen: tuple[FloatArray, FloatArray] | None
    """Appearance of subject and object, where the pictures have it."""


def collect(pictures: Sequence[AnnotatedPicture], prior: FrequencyPrior) -> Pairs:
    """The pairs of pictures, each with what the prior says when its picture is left out.

    Raises:
        ValueError: If no picture has a relation between two things.
    """
    labels, _, predicates = prior.counts.shape
    by_subject, by_object = prior.counts.sum(axis=1), prior.counts.sum(axis=0)
    overall = prior.counts.sum(axis=(0, 1))
    ends, geometry, evidence, gold, seen = [], [], [], [], []
    for picture in pictures:
        pairs = ordered_pairs(len(picture.labels))
        marks = np.zeros((len(picture.labels),) * 2 + (predicates,), np.float32)
        subject, predicate, target = picture.relations.T
        marks[subject, target, predicate] = 1
        own = FrequencyPrior.count(named(picture), labels=labels, predicates=predicates).counts
        names = picture.labels[pairs]
        first, second = names.T
        probabilities = smoothed(
            (prior.counts - own)[first, second],
            (by_subject - own.sum(axis=1))[first],
            (by_object - own.sum(axis=0))[second],
            overall - own.sum(axis=(0, 1)),
        )
        ends.append(names)
        geometry.append(pair_features(in_frame(picture.boxes), pairs))
        evidence.append(prior.evidence(probabilities))
        gold.append(marks[pairs[:, 0], pairs[:, 1]])
        if picture.appearance is not None:
            seen.append((picture.appearance[pairs[:, 0]], picture.appearance[pairs[:, 1]]))
    if not any(marks.any() for marks in gold):
        raise ValueError("no picture to train on has a relation between two things")
    return Pairs(
        np.concatenate(ends),
        np.concatenate(geometry),
        np.concatenate(evidence),
        np.concatenate(gold),
        _joined(seen) if seen else None,
    )


def _joined(seen: Sequence[tuple[FloatArray, FloatArray]]) -> tuple[FloatArray, FloatArray]:
    subjects, objects = zip(*seen, strict=True)
    return np.concatenate(subjects), np.concatenate(objects)
