"""How often each predicate stands between two labels, seen or not."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from jmere.records import FloatArray
from jmere.vision.relate.geometry import Int64s

LABEL_WEIGHT, PAIR_WEIGHT, OVERALL_WEIGHT = 20.0, 20.0, 0.5
"""What the less particular frequencies weigh, in annotations, beside the more particular."""


class Mixture(NamedTuple):
    """Things as mixtures of known labels; one that has a known label is all that label."""

    labels: Int64s
    """Of each thing, a few labels; things x few."""
    shares: FloatArray
    """How much of each of them; rows sum to 1."""

    def of(self, things: Int64s) -> Mixture:
        """The mixtures of some of the things."""
        return Mixture(self.labels[things], self.shares[things])


class FrequencyPrior:
    """Frequencies of predicates by the labels of subject and object, with backoff.

    What was counted of a pair of labels is mixed with what its two labels lead to expect, as if
    they were independent given the predicate, and the counts of a label with those overall.
    """

    def __init__(self, counts: FloatArray) -> None:
        """Take ``counts``: labels x labels x predicates, subject before object."""
        self.counts = counts
        self.chances = smoothed(
            counts,
            counts.sum(axis=1)[:, None],
            counts.sum(axis=0)[None, :],
            counts.sum(axis=(0, 1)),
        )
        overall = counts.sum(axis=(0, 1)) + OVERALL_WEIGHT
        self.overall: FloatArray = overall / overall.sum()

    @classmethod
    def count(cls, triples: Int64s, *, labels: int, predicates: int) -> FrequencyPrior:
        """Count rows of subject's label, predicate and object's label."""
        counts = np.zeros((labels, labels, predicates), np.float32)
        np.add.at(counts, (triples[:, 0], triples[:, 2], triples[:, 1]), 1)
        return cls(counts)

    def of(self, subjects: Mixture, objects: Mixture) -> FloatArray:
        """Chances of each predicate, pairs x predicates, of labels or mixtures of them."""
        found = np.zeros((len(subjects.labels), len(self.overall)), np.float32)
        for first, share in zip(subjects.labels.T, subjects.shares.T, strict=True):
            for second, other in zip(objects.labels.T, objects.shares.T, strict=True):
                weight = share * other
                rows = np.flatnonzero(weight)
                if len(rows):
                    chances = self.chances[first[rows], second[rows]]
                    found[rows] += weight[rows, None] * chances
        return found

    def evidence(self, chances: FloatArray) -> FloatArray:
        """How far chances of predicates are from the overall ones: logarithms of their ratios."""
        found: FloatArray = np.log(chances / self.overall)
        return found


def smoothed(
    pair: FloatArray, subject: FloatArray, target: FloatArray, overall: FloatArray
) -> FloatArray:
    """Chances of predicates from counts: of a pair, of its labels as subject and as object, of all.

    The last axis is that of predicates; the others broadcast.
    """
    overall = overall + OVERALL_WEIGHT
    overall = overall / overall.sum()
    by_subject, by_object = (
        (counts + LABEL_WEIGHT * overall) / (counts.sum(axis=-1, keepdims=True) + LABEL_WEIGHT)
        for counts in (subject, target)
    )
    expected = by_subject * by_object / overall
    expected = expected / expected.sum(axis=-1, keepdims=True)
    mixed = (pair + PAIR_WEIGHT * expected) / (pair.sum(axis=-1, keepdims=True) + PAIR_WEIGHT)
    chances: FloatArray = mixed.astype(np.float32)
    return chances
