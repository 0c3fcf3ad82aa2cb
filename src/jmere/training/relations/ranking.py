"""The likeliest relations of annotated pictures, one predicate per ordered pair."""

from __future__ import annotations

from typing import Literal

import numpy as np

from jmere.training.relations.recall import DEPTHS, Ranked
from jmere.training.relations.vrd import AnnotatedPicture, Annotations
from jmere.vision.relate.classifier import Classifier, PairProbabilities
from jmere.vision.relate.geometry import Int64s, ordered_pairs
from jmere.vision.relate.label_vectors import same_label

Scoring = Literal["full", "no-prior", "prior", "unbiased"]
"""Classifier with prior, without, the prior alone, or the direct effect of the boxes alone."""

_CHUNK = 1 << 14
"""Pairs judged at a time."""


class Ranker:
    """Ranks pairs of a file's pictures by the probability of their most probable predicate."""

    def __init__(
        self, classifier: Classifier, annotations: Annotations, *, scoring: Scoring = "full"
    ) -> None:
        self._classifier, self._scoring = classifier, scoring
        self._vectors = classifier.vectors(annotations.labels)
        self._mixtures = classifier.mixtures(annotations.labels)
        numbers: dict[str, int] = {}
        for number, name in enumerate(annotations.predicates):
            numbers.setdefault(name, number)
        known = classifier.config.predicates
        self._numbers = np.array([numbers.get(name, -1) for name in known], dtype=np.int64)

    def __call__(self, picture: AnnotatedPicture) -> Ranked:
        """The ``max(DEPTHS)`` likeliest, or all where they are fewer; of equals the first pair."""
        pairs = ordered_pairs(len(picture.labels))
        chosen = np.zeros(len(pairs), np.int64)
        scores = np.zeros(len(pairs), np.float32)
        for start in range(0, len(pairs), _CHUNK):
            part = slice(start, start + _CHUNK)
            chosen[part], scores[part] = self._predict(picture, pairs[part]).best()
        order = np.argsort(-scores, kind="stable")[: max(DEPTHS)]
        return Ranked(pairs[order], self._numbers[chosen[order]])

    def _predict(self, picture: AnnotatedPicture, pairs: Int64s) -> PairProbabilities:
        mixtures = self._mixtures.of(picture.labels)
        if self._scoring == "prior":
            probabilities = self._classifier.prior.of(
                mixtures.of(pairs[:, 0]), mixtures.of(pairs[:, 1])
            )
            return PairProbabilities(probabilities, np.ones(len(pairs), np.float32))
        return self._classifier.predict(
            self._vectors[picture.labels],
            mixtures,
            picture.boxes,
            pairs,
            prior=self._scoring == "full",
            unbiased=self._scoring == "unbiased",
        )


def seen_triples(classifier: Classifier) -> frozenset[tuple[str, str, str]]:
    """The names, as ``same_label`` has them, that the classifier saw together."""
    labels, predicates = classifier.config.labels, classifier.config.predicates
    return frozenset(
        (same_label(labels[subject]), predicates[predicate], same_label(labels[target]))
        for subject, target, predicate in np.argwhere(classifier.prior.counts > 0).tolist()
    )
