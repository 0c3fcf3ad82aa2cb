"""A controlled world: posts whose text cannot tell what their pictures tell.

Everything here is synthetic. Names say nothing, and neither do the words between them:
which types the two entities have, and how they are related, is told by the visual graph
alone, by one of its nodes or by one of its edges. So a model that scores above the text
looks at the picture, and at that part of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeVar

import numpy as np

from jmere.records import Entity, Post, Quintuple, SceneGraph, SceneObject, SceneRelation
from jmere.text.words import join

ToldBy = Literal["nodes", "edges", "both"]
T = TypeVar("T")


class Fact(NamedTuple):
    """Two types and a relation, and what tells them: a word, an object or a predicate."""

    head: str
    tail: str
    relation: str
    verb: str
    label: str
    predicate: str


FACTS = (
    Fact("per", "per", "couple", "married", "ring", "kissing"),
    Fact("per", "per", "peer", "joins", "ball", "chasing"),
    Fact("per", "org", "member_of", "represents", "jersey", "wearing"),
    Fact("per", "loc", "place_of_residence", "inhabits", "house", "entering"),
    Fact("per", "misc", "awarded", "wins", "trophy", "lifting"),
    Fact("org", "loc", "locate_at", "occupies", "tower", "facing"),
)
NAMES = (
    "Avalon", "Jordan", "Phoenix", "Chelsea", "Madison", "Sydney", "Austin", "Dakota",
    "Savannah", "Georgia", "Carolina", "Paris", "London", "Houston", "Lincoln", "Jackson",
    "Preston", "Kingston", "Hudson", "Brooklyn", "Verona", "Siena", "Florence", "Adelaide",
    "Victoria", "Orlando", "Dallas", "Denver", "Memphis", "Trenton", "Camden", "Ashton",
    "Easton", "Weston", "Clifton", "Milan",
)  # fmt: skip
FILLERS = ("today", "again", "tonight", "finally", "everyone", "together", "soon", "here")
DISTRACTORS = ("tree", "car", "sky", "table", "lamp", "street", "dog", "window")
NEUTRAL = ("near", "behind", "under", "above")
VAGUE = "with"
PEOPLE = ("man", "woman")


@dataclass(frozen=True, kw_only=True)
class World:
    """How much the pictures of a world tell, and how well."""

    told_by: ToldBy = "both"
    """The part of the visual graph that tells a post's fact."""
    share: float = 1.0
    """Share of the posts whose text cannot tell; the text of the others has a telling verb."""
    node_noise: float = 0.0
    """Probability of a telling object being that of a fact drawn at random."""
    edge_noise: float = 0.0
    """Probability of a telling predicate being that of a fact drawn at random."""
    distractors: int = 3
    """Objects that say nothing, each beside some other one."""

    def __post_init__(self) -> None:
        for name in ("share", "node_noise", "edge_noise"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must be in [0, 1], got {getattr(self, name)}")
        if self.distractors < 0:
            raise ValueError(f"distractors must not be negative, got {self.distractors}")

    def posts(self, count: int, *, seed: int) -> list[Post]:
        """Posts of this world, every fact as often as any other."""
        draw = np.random.default_rng(seed)
        return [
            self._post(FACTS[number % len(FACTS)], f"world-{seed}-{number}", draw)
            for number in range(count)
        ]

    def _post(self, fact: Fact, name: str, draw: np.random.Generator) -> Post:
        told_in_text = draw.random() >= self.share
        verb = fact.verb if told_in_text else VAGUE
        names = [str(each) for each in draw.choice(NAMES, size=4, replace=False)]
        cuts = draw.integers(1, 3, size=2)
        head, tail = names[: cuts[0]], names[2 : 2 + cuts[1]]
        before, after = ([_one(FILLERS, draw)] * int(draw.integers(0, 2)) for _ in range(2))
        words = join([*before, *head, verb, *tail, *after])
        start = len(before)
        ends = [(start, start + len(head), fact.head)]
        start += len(head) + 1
        ends += [(start, start + len(tail), fact.tail)]
        entities = [
            Entity(
                words.text[words.spans[first][0] : words.spans[last - 1][1]],
                kind,
                words.spans[first][0],
                words.spans[last - 1][1],
            )
            for first, last, kind in ends
        ]
        return Post(
            id=name,
            tokens=words.words,
            scene_graph=self._scene(fact, draw),
            quintuples=[Quintuple(entities[0], entities[1], fact.relation)],
        )

    def _scene(self, fact: Fact, draw: np.random.Generator) -> SceneGraph:
        """Two people, what tells, and distractors, in no order."""
        labels, relations = list(PEOPLE), list[tuple[int, str, int]]()
        if self.told_by != "edges":
            relations += [(0, "near", len(labels))]
            labels += [_noisy(fact, self.node_noise, draw).label]
        predicate = _one(NEUTRAL, draw)
        if self.told_by != "nodes":
            predicate = _noisy(fact, self.edge_noise, draw).predicate
        relations += [(0, predicate, 1)]
        for _ in range(self.distractors):
            relations += [(int(draw.integers(len(labels))), _one(NEUTRAL, draw), len(labels))]
            labels += [_one(DISTRACTORS, draw)]
        order = draw.permutation(len(labels))
        place = np.argsort(order)
        return SceneGraph(
            objects=tuple(SceneObject(labels[index]) for index in order),
            relations=tuple(
                SceneRelation(int(place[subject]), name, int(place[thing]))
                for subject, name, thing in relations
            ),
        )


def vocabulary() -> Iterator[str]:
    """Every word of every world, once, in lower case."""
    facts = [name for fact in FACTS for name in (fact.verb, fact.label)]
    words = (*NAMES, *FILLERS, *DISTRACTORS, *PEOPLE, VAGUE, *facts)
    yield from dict.fromkeys(word.lower() for word in words)


def _noisy(fact: Fact, noise: float, draw: np.random.Generator) -> Fact:
    return _one(FACTS, draw) if draw.random() < noise else fact


def _one(choices: tuple[T, ...], draw: np.random.Generator) -> T:
    return choices[int(draw.integers(len(choices)))]
