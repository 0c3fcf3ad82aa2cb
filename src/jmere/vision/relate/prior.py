"""Frequency prior of predicates given two labels, with smoothing for unseen pairs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from jmere.records import FloatArray
from jmere.vision.relate.geometry import Int64s

LABEL_WEIGHT, PAIR_WEIGHT, OVERALL_WEIGHT = 20.0, 20.0, 0.5
"""Pseudo-counts of the backoff distributions."""


class Mixture(NamedTuple):
    """Objects as mixtures of known labels; a known label is a mixture of itself alone."""

    labels: Int64s
    """Label indices; objects x labels."""
    shares: FloatArray
    """Weight of each label; rows sum to 1."""

    def of(self, things: Int64s) -> Mixture:
        """Return the mixtures of some objects."""
        return Mixture(self.labels[things], self.shares[things])


class FrequencyPrior:
    """Predicate frequencies by labels of subject and object, with backoff.

    Counts of a label pair are smoothed with the expectation from its two labels, as if they were
    independent given the predicate; counts of a label are smoothed with the overall counts.
    """

    def __init__(self, counts: FloatArray) -> None:
        """Create a prior from ``counts``: labels x labels x predicates, subject before object."""
        self.counts = counts
        self.probabilities = smoothed(
            counts,
            counts.sum(axis=1)[:, None],
            counts.sum(axis=0)[None, :],
            counts.sum(axis=(0, 1)),
        )
        overall = counts.sum(axis=(0, 1)) + OVERALL_WEIGHT
        self.overall: FloatArray = overall / overall.sum()

    @classmethod
    def count(cls, triples: Int64s, *, labels: int, predicates: int) -> FrequencyPrior:
        """Count rows of subject label, predicate and object label."""
        counts = np.zeros((labels, labels, predicates), np.float32)
        np.add.at(counts, (triples[:, 0], triples[:, 2], triples[:, 1]), 1)
        return cls(counts)

    def of(self, subjects: Mixture, objects: Mixture) -> FloatArray:
        """Return predicate probabilities, pairs x predicates, of labels or mixtures."""
        found = np.zeros((len(subjects.labels), len(self.overall)), np.float32)
        for first, share in zip(subjects.labels.T, subjects.shares.T, strict=True):
            for second, other in zip(objects.labels.T, objects.shares.T, strict=True):
                weight = share * other
                rows = np.flatnonzero(weight)
                if len(rows):
                    probabilities = self.probabilities[first[rows], second[rows]]
                    found[rows] += weight[rows, None] * probabilities
        return found

    def evidence(self, probabilities: FloatArray) -> FloatArray:
        """Return the log-ratio of predicate probabilities to the overall ones."""
        found: FloatArray = np.log(probabilities / self.overall)
        return found


def smoothed(
    pair: FloatArray, subject: FloatArray, target: FloatArray, overall: FloatArray
) -> FloatArray:
    """Estimate predicate probabilities from counts of the pair, of both labels and overall.

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
    probabilities: FloatArray = mixed.astype(np.float32)
    return probabilities
