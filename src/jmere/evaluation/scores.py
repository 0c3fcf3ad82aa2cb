"""Precision, recall and F1 of quintuples (JMERE) and of entities (MNER), micro-averaged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jmere.evaluation.readings import (
    Annotated,
    Answer,
    Key,
    Reading,
    answer,
    as_reading,
    identified,
)

__all__ = ["Gold", "Measure", "Reading", "Scores", "read_gold", "score", "score_against"]


@dataclass(frozen=True, slots=True)
class Measure:
    """Counts of correct, predicted and gold items; a ratio with denominator 0 is 0.

    Example:
        >>> measure = Measure(correct=1, predicted=2, gold=4)
        >>> measure.precision, measure.recall, round(measure.f1, 3)
        (0.5, 0.25, 0.333)
    """

    correct: int
    predicted: int
    gold: int

    @property
    def precision(self) -> float:
        """Share of predicted items that are correct."""
        return self.correct / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """Share of gold items that were found."""
        return self.correct / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        total = self.predicted + self.gold
        return 2 * self.correct / total if total else 0.0


@dataclass(frozen=True)
class Scores:
    """Micro-averaged scores of a set of posts, with the counts per post.

    Example:
        >>> from jmere import Post, score
        >>> gold = [Post("Ann", id="1")]
        >>> score(gold, gold).jmere.f1
        0.0
    """

    reading: Reading
    posts: int
    jmere: Measure
    mner: Measure
    relations: Mapping[str, Measure]
    """JMERE by relation, sorted by name."""
    types: Mapping[str, Measure]
    """MNER by entity type, sorted by name."""
    missing: int
    """Gold posts without a prediction, which count as empty predictions."""
    jmere_counts: NDArray[np.int64] = field(compare=False, repr=False)
    """Correct, predicted and gold quintuples of each gold post, in the gold's order: posts x 3."""
    mner_counts: NDArray[np.int64] = field(compare=False, repr=False)
    """Correct, predicted and gold entities of each gold post."""

    @property
    def main(self) -> Measure:
        """Measure for model selection: JMERE, or MNER if no gold post has a quintuple."""
        return self.jmere if self.jmere.gold else self.mner

    @property
    def main_counts(self) -> NDArray[np.int64]:
        """Counts per post of the measure ``main``."""
        return self.jmere_counts if self.jmere.gold else self.mner_counts


class Gold(NamedTuple):
    """Gold answers, prepared for scoring any number of systems."""

    reading: Reading
    answers: Mapping[str, Answer]
    """By id."""
    texts: Mapping[str, str]
    """By id; only in the surface reading, for predictions that give offsets alone."""
    all_entities: bool


def score(
    gold: Iterable[Annotated],
    predicted: Iterable[Annotated],
    reading: Reading = "directed",
    *,
    all_entities: bool | None = None,
) -> Scores:
    """Score predictions against gold posts of the same ids.

    Args:
        gold: Posts with their gold annotation.
        predicted: A system's predictions, at most one per post, in any order. A post without a
            prediction counts as an empty prediction.
        reading: Definition of equality; see ``jmere.evaluation.readings``.
        all_entities: Whether the gold of MNER has the entities outside quintuples too. By
            default it has them only where no gold post has a quintuple, as in an MNER corpus:
            JMERE annotates no entity without a relation. Predicted entities always count all.

    Raises:
        ValueError: If an id is absent, repeated, or unknown to the gold; or if an entity
            lacks the offsets or the text that the reading needs.

    Example:
        >>> from jmere.records import Entity, Post, Quintuple
        >>> fact = Quintuple(Entity("Ann", "per", 0, 3), Entity("Rome", "loc", 7, 11), "in")
        >>> gold = [Post(text="Ann in Rome", id="1", quintuples=(fact,))]
        >>> score(gold, gold).jmere.f1
        1.0
    """
    return score_against(read_gold(gold, reading, all_entities=all_entities), predicted)


def read_gold(
    gold: Iterable[Annotated], reading: Reading, *, all_entities: bool | None = None
) -> Gold:
    """Prepare gold answers for ``score_against``; arguments are those of ``score``."""
    answers, texts = {}, {}
    for name, post in identified(gold, "gold"):
        answers[name] = _answer(post, as_reading(reading), post.text, "gold")
        if reading == "surface":
            texts[name] = post.text
    if all_entities is None:
        all_entities = not any(truth.links for truth in answers.values())
    return Gold(as_reading(reading), answers, texts, all_entities)


def score_against(gold: Gold, predicted: Iterable[Annotated]) -> Scores:
    """Score one system's predictions; arguments and errors are those of ``score``."""
    predictions = {}
    for name, post in identified(predicted, "predicted"):
        if name not in gold.answers:
            raise ValueError(f"predicted post {name!r} is not among the gold posts")
        text = gold.texts.get(name, "")
        predictions[name] = _answer(post, gold.reading, text, "predicted")

    quintuples, entities = _Tally(), _Tally()
    for name, truth in gold.answers.items():
        found = predictions.get(name, Answer())
        quintuples.add(truth.links, found.links)
        expected = truth.ends | truth.listed if gold.all_entities else truth.ends
        entities.add(expected, found.ends | found.listed)

    return Scores(
        reading=gold.reading,
        posts=len(gold.answers),
        jmere=quintuples.total(),
        mner=entities.total(),
        relations=quintuples.by_name(),
        types=entities.by_name(),
        missing=len(gold.answers) - len(predictions),
        jmere_counts=quintuples.counts(),
        mner_counts=entities.counts(),
    )


class _Tally:
    """Adds up posts; the last field of every key is the name it is listed under."""

    def __init__(self) -> None:
        self._posts: list[tuple[int, int, int]] = []
        self._names: tuple[Counter[str], ...] = (Counter(), Counter(), Counter())

    def add(self, gold: Set[Key], predicted: Set[Key]) -> None:
        sides = (gold & predicted, predicted, gold)
        self._posts.append((len(sides[0]), len(sides[1]), len(sides[2])))
        for counter, keys in zip(self._names, sides, strict=True):
            counter.update(key[-1] for key in keys)

    def counts(self) -> NDArray[np.int64]:
        return np.array(self._posts, dtype=np.int64).reshape(-1, 3)

    def total(self) -> Measure:
        return Measure(*self.counts().sum(axis=0).tolist())

    def by_name(self) -> dict[str, Measure]:
        correct, predicted, gold = self._names
        names = sorted(predicted.keys() | gold.keys())
        return {name: Measure(correct[name], predicted[name], gold[name]) for name in names}


def _answer(post: Annotated, reading: Reading, text: str, side: str) -> Answer:
    try:
        return answer(post, reading, text)
    except ValueError as error:
        raise ValueError(f"{side} post {post.id!r}: {error}") from None
