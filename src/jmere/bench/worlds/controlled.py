"""Controlled synthetic benchmark: posts whose relations only the pictures show.

Everything here is synthetic. Names say nothing, and neither do the words between them:
the visual graph alone shows which types the two entities have and how they are related
alone, by one of its nodes or by one of its edges. So a model that scores above the text
looks at the picture, and at that part of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeVar

import numpy as np

from jmere.records import Link, Mention, Post, SceneGraph, SceneObject, SceneRelation
from jmere.text.words import join

ShownBy = Literal["nodes", "edges", "both"]
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
_PEOPLE = (("man", "woman"), ("boy", "girl"))


@dataclass(frozen=True, kw_only=True)
class World:
    """Settings of the pictures' signal in a controlled dataset."""

    shown_by: ShownBy = "both"
    """Part of the visual graph that carries the signal."""
    share: float = 1.0
    """Share of the posts whose text cannot tell; the text of the others has a telling verb."""
    node_noise: float = 0.0
    """Probability of a telling object being that of a fact drawn at random."""
    edge_noise: float = 0.0
    """Probability of a telling predicate being that of a fact drawn at random."""
    distractors: int = 3
    """Objects that say nothing, each beside some other one."""
    named: bool = False
    """Whether the text links each entity to an object of the picture."""
    pairs: int = 1
    """Facts of a post; where there are two, the text is ``named``."""

    def __post_init__(self) -> None:
        for name in ("share", "node_noise", "edge_noise"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must be in [0, 1], got {getattr(self, name)}")
        if self.distractors < 0:
            raise ValueError(f"distractors must not be negative, got {self.distractors}")
        if not 1 <= self.pairs <= len(_PEOPLE):
            raise ValueError(f"pairs must be 1 or {len(_PEOPLE)}, got {self.pairs}")

    def posts(self, count: int, *, seed: int) -> list[Post]:
        """Posts of this world, every fact as often as any other."""
        draw = np.random.default_rng(seed)
        posts = []
        for number in range(count):
            facts = [FACTS[(number + offset) % len(FACTS)] for offset in _offsets(self.pairs, draw)]
            posts.append(self._post(facts, f"world-{seed}-{number}", draw))
        return posts

    def _post(self, facts: Sequence[Fact], name: str, draw: np.random.Generator) -> Post:
        names = [str(each) for each in draw.choice(NAMES, size=4 * len(facts), replace=False)]
        people = [_PEOPLE[index] for index in draw.permutation(len(_PEOPLE))][: len(facts)]
        tokens, ends = [_one(FILLERS, draw)] * int(draw.integers(0, 2)), list[Mention]()
        for index, (fact, who) in enumerate(zip(facts, people, strict=True)):
            tokens += ["while"] * (index > 0)
            told_in_text = draw.random() >= self.share
            for end, kind in enumerate((fact.head, fact.tail)):
                tokens += [fact.verb if told_in_text else VAGUE] * end
                tokens += [who[end]] * (self.named or self.pairs > 1)
                entity = [names.pop() for _ in range(int(draw.integers(1, 3)))]
                ends.append(Mention(len(tokens), len(tokens) + len(entity), kind))
                tokens += entity
        words = join(tokens)
        return Post(
            id=name,
            tokens=words.words,
            scene_graph=self._scene(facts, people, draw),
            quintuples=[
                words.quintuple(Link(head, tail, fact.relation))
                for fact, head, tail in zip(facts, ends[::2], ends[1::2], strict=True)
            ],
        )

    def _scene(
        self, facts: Sequence[Fact], people: Sequence[tuple[str, str]], draw: np.random.Generator
    ) -> SceneGraph:
        """Two people for each fact, what tells it, and distractors, in no order."""
        labels, relations = list[str](), list[tuple[int, str, int]]()
        for fact, who in zip(facts, people, strict=True):
            first = len(labels)
            labels += who
            predicate = _one(NEUTRAL, draw)
            if self.shown_by != "nodes":
                predicate = _noisy(fact, self.edge_noise, draw).predicate
            relations += [(first, predicate, first + 1)]
            if self.shown_by != "edges":
                relations += [(first, _one(NEUTRAL, draw), len(labels))]
                labels += [_noisy(fact, self.node_noise, draw).label]
        for _ in range(self.distractors):
            relations += [(int(draw.integers(len(labels))), _one(NEUTRAL, draw), len(labels))]
            labels += [_one(DISTRACTORS, draw)]
        order = draw.permutation(len(labels))
        position = np.argsort(order)
        return SceneGraph(
            objects=tuple(SceneObject(labels[index]) for index in order),
            relations=tuple(
                SceneRelation(int(position[subject]), name, int(position[thing]))
                for subject, name, thing in relations
            ),
        )


def vocabulary() -> Iterator[str]:
    """Return every word of all controlled datasets, once, in lower case."""
    facts = [name for fact in FACTS for name in (fact.verb, fact.label)]
    people = [name for who in _PEOPLE for name in who]
    words = (*NAMES, *FILLERS, *DISTRACTORS, *people, VAGUE, "while", *facts)
    yield from dict.fromkeys(word.lower() for word in words)


def _offsets(count: int, draw: np.random.Generator) -> list[int]:
    """Return offsets of the post's facts in the list, counted from the first one; all differ."""
    return [0, *(int(each) for each in 1 + draw.permutation(len(FACTS) - 1)[: count - 1])]


def _noisy(fact: Fact, noise: float, draw: np.random.Generator) -> Fact:
    return _one(FACTS, draw) if draw.random() < noise else fact


def _one(choices: tuple[T, ...], draw: np.random.Generator) -> T:
    return choices[int(draw.integers(len(choices)))]
