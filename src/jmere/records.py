"""The nouns everyone shares: posts, entities, quintuples and the two graphs.

Records are frozen and hold no tensors. Offsets are half-open. Those of an
``Entity`` count characters of the post's text; those of a ``Mention`` count
words. ``jmere.text.words`` translates between the two.

Whatever a caller hands in is checked for its type when a record is made. Faults of data, such
as a box that is not finite, are left in: ``jmere.data.mend`` puts them right where posts are read
for a model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jmere import checks
from jmere.errors import short_repr

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

    def to_dict(self) -> dict[str, object]:
        """The entity as a line of results holds it."""
        from jmere.data.annotations import entity_to_json

        return entity_to_json(self, text=True)

    @classmethod
    def from_dict(cls, value: object) -> Entity:
        """Read what ``to_dict`` gives.

        Raises:
            ValueError: With every fault of the value.
        """
        from jmere.data.annotations import entity_from_json

        return entity_from_json(value, None, surface=True)


@dataclass(frozen=True, slots=True)
class Quintuple:
    """Head, head's type, tail, tail's type and relation; the score takes no part in equality."""

    head: Entity
    tail: Entity
    relation: str
    score: float | None = field(default=None, compare=False)
    """Confidence in (0, 1], absent on gold quintuples."""

    def to_dict(self) -> dict[str, object]:
        """The quintuple as a line of results holds it."""
        from jmere.data.annotations import quintuple_to_json

        return quintuple_to_json(self, text=True)

    @classmethod
    def from_dict(cls, value: object) -> Quintuple:
        """Read what ``to_dict`` gives.

        Raises:
            ValueError: With every fault of the value.
        """
        from jmere.data.annotations import quintuple_from_json

        return quintuple_from_json(value, None, surface=True)


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

    def __post_init__(self) -> None:
        checks.name(self.label, "label")
        if self.box is not None:
            _set(self, "box", _box(self.box))
        if self.score is not None:
            _set(self, "score", checks.number(self.score, "score"))


@dataclass(frozen=True, slots=True)
class SceneRelation:
    """``objects[subject]`` stands in ``predicate`` to ``objects[object]``."""

    subject: int
    predicate: str
    object: int
    score: float | None = None

    def __post_init__(self) -> None:
        checks.name(self.predicate, "predicate")
        _set(self, "subject", checks.whole(self.subject, "subject"))
        _set(self, "object", checks.whole(self.object, "object"))
        if self.score is not None:
            _set(self, "score", checks.number(self.score, "score"))


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
        _set(self, "objects", checks.instances(self.objects, SceneObject, "objects"))
        _set(self, "relations", checks.instances(self.relations, SceneRelation, "relations"))
        if self.size is not None:
            _set(self, "size", _size(self.size))
        for relation in self.relations:
            for end in (relation.subject, relation.object):
                if not 0 <= end < len(self.objects):
                    raise ValueError(
                        f"relation {relation.predicate!r} names object {end}, "
                        f"but the scene graph has {len(self.objects)} objects"
                    )
        if self.appearance is not None:
            _set(self, "appearance", _rows(self.appearance))
            if len(self.appearance) != len(self.objects):
                raise ValueError(
                    f"{len(self.appearance)} appearance vectors for {len(self.objects)} objects"
                )

    def to_dict(self) -> dict[str, object]:
        """The graph as a post's line holds it; ``appearance`` has no place there."""
        from jmere.data.scene_json import scene_graph_to_json

        return scene_graph_to_json(self)

    @classmethod
    def from_dict(cls, value: object) -> SceneGraph:
        """Read what ``to_dict`` gives.

        Raises:
            ValueError: With every fault of the value.
        """
        from jmere.data.scene_json import scene_graph_from_json

        return scene_graph_from_json(value)


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

    Raises:
        TypeError: If a field is of another type; one line that names the field.
        ValueError: If ``text`` and ``tokens`` disagree.
    """

    text: str = ""
    image: Any = field(default=None, hash=False)
    """A path, relative ones against the images folder of the caller; or a picture in memory."""
    alt_text: str | None = None
    scene_graph: SceneGraph | None = None
    id: str | None = None
    """A whole number becomes text."""
    tokens: Sequence[str] | None = None
    quintuples: Sequence[Quintuple] = ()
    entities: Sequence[Entity] = ()
    """Entities that take part in no quintuple."""
    warnings: Sequence[str] = field(default=(), compare=False)
    """What a reader left out of the post or put right; its result repeats them."""

    def __post_init__(self) -> None:
        if self.tokens is not None:
            words = checks.items(self.tokens, "tokens", "words")
            for place, word in enumerate(words):
                checks.string(word, f"tokens[{place}]")
            joined = " ".join(words)
            if self.text and checks.string(self.text, "text") != joined:
                raise ValueError(
                    "text and tokens disagree: text must be the words joined by spaces"
                )
            _set(self, "text", joined)
            _set(self, "tokens", words)
        checks.string(self.text, "text")
        if self.alt_text is not None:
            checks.string(self.alt_text, "alt_text")
        if self.scene_graph is not None:
            checks.instance(self.scene_graph, SceneGraph, "scene_graph")
        if self.id is not None:
            _set(self, "id", checks.checked_id(self.id, "id"))
        _set(self, "quintuples", checks.instances(self.quintuples, Quintuple, "quintuples"))
        _set(self, "entities", checks.instances(self.entities, Entity, "entities"))
        _set(self, "warnings", checks.instances(self.warnings, str, "warnings"))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Post):
            return NotImplemented
        return self._but_image() == other._but_image() and _alike(self.image, other.image)

    def _but_image(self) -> tuple[object, ...]:
        return (
            self.text, self.alt_text, self.scene_graph, self.id, self.tokens, self.quintuples,
            self.entities,
        )  # fmt: skip

    def to_dict(self) -> dict[str, object]:
        """The post as a line of a file of posts holds it.

        Raises:
            ValueError: If its image is a picture in memory instead of a path.
        """
        from jmere.data.jsonl import post_to_json

        return post_to_json(self)

    @classmethod
    def from_dict(cls, value: object) -> Post:
        """Read what ``to_dict`` gives.

        Raises:
            ValueError: With every fault of the value.
        """
        from jmere.data.jsonl import post_from_json

        return post_from_json(value)

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

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Alignment):
            return NotImplemented
        names = (self.words, self.objects) == (other.words, other.objects)
        return names and _alike(self.plan, other.plan) and _alike(self.attention, other.attention)

    def __hash__(self) -> int:
        return hash((self.words, self.objects))


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
    """What was found in one post.

    Results are compared and hashed without their alignment, which ``to_dict`` leaves out too;
    quintuples are compared without their scores.
    """

    id: str | None
    text: str
    quintuples: tuple[Quintuple, ...]
    entities: tuple[Entity, ...]
    """Every entity found, in a quintuple or not."""
    scene_graph: SceneGraph = field(default_factory=SceneGraph)
    alignment: Alignment | None = field(default=None, compare=False)
    groundings: tuple[Grounding, ...] = ()
    """For each entity the objects that get more than an even share of it, the most first."""
    image: str | None = None
    warnings: tuple[str, ...] = ()

    def __repr__(self) -> str:
        counts = (
            f"{len(self.quintuples)} quintuples, {len(self.entities)} entities, "
            f"{len(self.scene_graph.objects)} objects"
        )
        return f"<Extraction id={short_repr(self.id)} text={short_repr(self.text)}: {counts}>"

    def _repr_html_(self) -> str:
        from jmere.show.result import result_html

        return result_html(self)

    def to_dict(self) -> dict[str, object]:
        """The result as ``jmere extract`` writes it: all but the alignment, ready for JSON."""
        from jmere.data.predictions import extraction_to_json

        return extraction_to_json(self)

    @classmethod
    def from_dict(cls, value: object) -> Extraction:
        """Read what ``to_dict`` gives; the result is equal to the one written.

        Raises:
            ValueError: With every fault of the value.
        """
        from jmere.data.predictions import extraction_from_json

        return extraction_from_json(value)


_set = object.__setattr__


def _box(value: object) -> Box:
    corners = checks.items(value, "box", "four numbers")
    if len(corners) != 4:
        raise ValueError(f"box: expected x0, y0, x1, y1, got {short_repr(corners)}")
    x0, y0, x1, y1 = (checks.number(corner, "box") for corner in corners)
    return x0, y0, x1, y1


def _size(value: object) -> tuple[int, int]:
    sides = checks.items(value, "size", "two whole numbers")
    if len(sides) != 2:
        raise ValueError(f"size: expected width and height, got {short_repr(sides)}")
    return checks.whole(sides[0], "size"), checks.whole(sides[1], "size")


def _rows(value: object) -> FloatArray:
    try:
        rows = np.asarray(value, np.float32)
    except (TypeError, ValueError):
        rows = np.zeros(0, np.float32)
    if rows.ndim != 2:
        got = short_repr(value)
        raise TypeError(f"appearance: expected an array of objects x width, got {got}")
    return rows


def _alike(one: object, other: object) -> bool:
    """Whether two pictures or arrays are equal, wherever they are in memory."""
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return isinstance(one, np.ndarray) and np.array_equal(one, other)  # type: ignore[arg-type]
    return one is other or bool(one == other)
