"""Recall at k: how many of the annotated relations are among a picture's likeliest."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jmere.training.relations.vrd import AnnotatedPicture, Annotations
from jmere.vision.relate.geometry import Int64s
from jmere.vision.relate.label_vectors import same_label

DEPTHS = (50, 100)

Triple = tuple[str, str, str]
"""Names of a subject, a predicate and an object."""


@dataclass(frozen=True, slots=True, eq=False)
class Ranked:
    """The likeliest relations of a picture, the likeliest first."""

    pairs: Int64s
    """Subject and object, each ordered pair of two things once at most."""
    predicates: Int64s
    """The one predicate of each pair, by its number among the file's; -1 for one not there."""


Rank = Callable[[AnnotatedPicture], Ranked]


@dataclass(frozen=True, slots=True)
class Recall:
    """Shares of annotated relations found, by how many of a picture's likeliest count."""

    at: dict[int, float]
    count: int
    """Annotated relations."""

    def to_json(self) -> dict[str, float]:
        """The shares by name."""
        return {f"recall@{depth}": share for depth, share in self.at.items()}


@dataclass(frozen=True, slots=True)
class Measured:
    """Scores of a classifier on a file."""

    all: Recall
    zero_shot: Recall
    """Of the relations whose names were not seen together in training."""
    mean: dict[int, float]
    """The mean over annotated predicates of the recall of each."""

    def to_json(self) -> dict[str, object]:
        """The figures, as fractions of 1."""
        return {
            **self.all.to_json(),
            "count": self.all.count,
            "zero_shot": {**self.zero_shot.to_json(), "count": self.zero_shot.count},
            **{f"mean_recall@{depth}": share for depth, share in self.mean.items()},
        }


def measure_recall(
    annotations: Annotations,
    rank: Rank,
    *,
    seen: Collection[Triple],
    pictures: Iterable[AnnotatedPicture] | None = None,
) -> Measured:
    """Count the annotated relations among the likeliest of each picture.

    Every annotated (subject, predicate, object) of the file counts once, whichever picture it
    is in (Lu et al. 2016). One of a thing with itself counts and can't be found: candidates
    are pairs of two things.

    Args:
        annotations: The file.
        rank: Gives a picture's most probable relations, each pair once, at least ``max(DEPTHS)``
            where there are as many.
        seen: The names that were together in training, labels as ``same_label`` has them.
        pictures: Those of the file to measure on; all by default.
    """
    chosen = list(annotations.pictures if pictures is None else pictures)
    found = [ranks(picture, rank(picture)) for picture in chosen if len(picture.relations)]
    every = np.concatenate([*found, np.zeros(0)])
    triples = np.concatenate([*map(named, chosen), np.zeros((0, 3), np.int64)]).astype(np.int64)
    labels, names = list(map(same_label, annotations.labels)), annotations.predicates
    new = np.array(
        [(labels[s], names[p], labels[o]) not in seen for s, p, o in triples], dtype=bool
    )
    by_predicate = [every[triples[:, 1] == each] for each in np.unique(triples[:, 1])]
    mean = {
        depth: float(np.mean([np.mean(each < depth) for each in by_predicate] or [0.0]))
        for depth in DEPTHS
    }
    return Measured(_recall(every), _recall(every[new]), mean)


def ranks(picture: AnnotatedPicture, ranked: Ranked) -> NDArray[np.float64]:
    """The rank of each annotated relation from 0, infinite where it isn't found."""
    ranks = {
        (subject, predicate, target): position
        for position, ((subject, target), predicate) in enumerate(
            zip(ranked.pairs.tolist(), ranked.predicates.tolist(), strict=True)
        )
    }
    found = [ranks.get((s, p, o), np.inf) for s, p, o in picture.relations.tolist()]
    return np.array(found, dtype=np.float64)


def named(picture: AnnotatedPicture) -> Int64s:
    """The annotated relations by the labels of their ends: label, predicate, label."""
    subject, predicate, target = picture.relations.T
    return np.stack([picture.labels[subject], predicate, picture.labels[target]], axis=1)


def _recall(ranks: NDArray[np.float64]) -> Recall:
    at = {depth: float(np.mean(ranks < depth)) if len(ranks) else 0.0 for depth in DEPTHS}
    return Recall(at, len(ranks))
