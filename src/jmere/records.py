"""The nouns everyone shares: posts, entities, quintuples and the two graphs.

Records are frozen and hold no tensors. Offsets are half-open. Those of an
``Entity`` count characters of the post's text; those of a ``Mention`` count
words. ``jmere.text.words`` translates between the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Box = tuple[float, float, float, float]
"""Corners ``x0, y0, x1, y1`` in pixels."""

FloatArray = NDArray[np.float32]

Pixels = NDArray[np.uint8]
"""A picture, upright: height x width x 3, red, green and blue from 0 to 255."""


@dataclass(frozen=True, slots=True)
class Entity:
    """A typed stretch of a post's text; two are equal where type and offsets are."""

    text: str = field(compare=False)
    type: str
    start: int
    """First character, or -1 where only the surface text is known."""
    end: int
    """One past the last character, or -1 where only the surface text is known."""


@dataclass(frozen=True, slots=True)
class Quintuple:
    """Head, head's type, tail, tail's type and relation; the score takes no part in equality."""

    head: Entity
    tail: Entity
    relation: str
    score: float | None = field(default=None, compare=False)
    """Confidence in (0, 1], absent on gold quintuples."""


@dataclass(frozen=True, slots=True, order=True)
class Mention:
    """An entity seen in words: ``words[start:end]`` is of ``type``."""

    start: int
    end: int
    type: str


@dataclass(frozen=True, slots=True, order=True)
class Link:
    """A quintuple seen in words: ``head`` stands in ``relation`` to ``tail``."""

    head: Mention
    tail: Mention
    relation: str
    score: float | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class SceneObject:
    """A thing in a picture: its class name, where it is and how sure that is."""

    label: str
    box: Box | None = None
    score: float | None = None


@dataclass(frozen=True, slots=True)
class SceneRelation:
    """``objects[subject]`` stands in ``predicate`` to ``objects[object]``."""

    subject: int
    predicate: str
    object: int
    score: float | None = None


@dataclass(frozen=True, slots=True)
class SceneGraph:
    """The visual graph of a post, from whichever source; no object means no picture."""

    objects: tuple[SceneObject, ...] = ()
    relations: tuple[SceneRelation, ...] = ()
    size: tuple[int, int] | None = None
    """Width and height of the picture in pixels, where known."""
    appearance: FloatArray | None = field(default=None, compare=False)
    """Feature vectors, one row per object, where there are any; a row of NaN is of none."""

    def __post_init__(self) -> None:
        for relation in self.relations:
            for end in (relation.subject, relation.object):
                if not 0 <= end < len(self.objects):
                    raise ValueError(
                        f"relation {relation.predicate!r} names object {end}, "
                        f"but the scene graph has {len(self.objects)} objects"
                    )
        if self.appearance is not None and len(self.appearance) != len(self.objects):
            raise ValueError(
                f"{len(self.appearance)} appearance vectors for {len(self.objects)} objects"
            )


@dataclass(frozen=True, slots=True)
class TextGraph:
    """The dependency graph of a post: one entry per word in every field."""

    words: tuple[str, ...]
    pos: tuple[str, ...]
    """Universal part-of-speech tags."""
    heads: tuple[int, ...]
    """Index of the governing word; a root governs itself, and each root is a tree of its own."""
    labels: tuple[str, ...]
    """Dependency label between a word and its head."""


@dataclass(frozen=True)
class Post:
    """A text with, perhaps, a picture, what is known of the picture, and gold annotation.

    Either ``text`` or ``tokens`` is given. With ``tokens`` the text is the
    words joined by single spaces, and those words are kept as they are.
    """

    text: str = ""
    image: Any = None
    """A path, relative ones against the images folder of the caller."""
    alt_text: str | None = None
    scene_graph: SceneGraph | None = None
    id: str | None = None
    tokens: Sequence[str] | None = None
    quintuples: Sequence[Quintuple] = ()
    entities: Sequence[Entity] = ()
    """Entities that take part in no quintuple."""

    def __post_init__(self) -> None:
        if self.tokens is not None:
            joined = " ".join(self.tokens)
            if self.text and self.text != joined:
                raise ValueError(
                    "text and tokens disagree: text must be the words joined by spaces"
                )
            object.__setattr__(self, "text", joined)
            object.__setattr__(self, "tokens", tuple(self.tokens))
        object.__setattr__(self, "quintuples", tuple(self.quintuples))
        object.__setattr__(self, "entities", tuple(self.entities))

    def all_entities(self) -> tuple[Entity, ...]:
        """The distinct entities of the quintuples and those beside them, in text order."""
        ends = [end for quintuple in self.quintuples for end in (quintuple.head, quintuple.tail)]
        distinct = dict.fromkeys([*ends, *self.entities])
        return tuple(sorted(distinct, key=lambda entity: (entity.start, entity.end, entity.type)))


@dataclass(frozen=True)
class Alignment:
    """How the words of a post match the objects of its picture."""

    words: tuple[str, ...]
    objects: tuple[str, ...]
    plan: FloatArray
    """Transport plan, words x objects; sums to 1 (0 where there is no object)."""
    attention: FloatArray
    """Image-to-text attention, words x objects; each row sums to 1."""


@dataclass(frozen=True, slots=True)
class Grounding:
    """An entity and an object of the picture that its words are aligned with."""

    entity: Entity
    object: int
    """Place of the object in the scene graph."""
    plan: float
    """Share of what the transport plan moves from the entity's words, from 0 to 1."""
    attention: float
    """Share of the attention of the entity's words, from 0 to 1."""

    @property
    def weight(self) -> float:
        """The mean of both shares."""
        return (self.plan + self.attention) / 2


@dataclass(frozen=True)
class Extraction:
    """What was found in one post."""

    id: str | None
    text: str
    quintuples: tuple[Quintuple, ...]
    entities: tuple[Entity, ...]
    """Every entity found, in a quintuple or not."""
    scene_graph: SceneGraph = field(default_factory=SceneGraph)
    alignment: Alignment | None = None
    groundings: tuple[Grounding, ...] = ()
    """For each entity the objects that get more than an even share of it, the most first."""
    image: str | None = None
    warnings: tuple[str, ...] = ()
