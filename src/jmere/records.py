"""Data records: posts, entities, quintuples and the two graphs.

Records are frozen and contain no tensors. Offsets are half-open. Those of an ``Entity`` count
characters of the post's text; those of a ``Mention`` count words. ``jmere.text.words`` converts
between the two.

Constructors check types. Invalid values, such as a box that is not finite, are kept;
``jmere.data.mend`` corrects them when posts are read for a model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
"""Upright image: height x width x 3 (RGB), 0 to 255."""


@dataclass(frozen=True, slots=True)
class Entity:
    """A typed span of a post's text; two are equal if type and offsets are equal.

    Example:
        >>> Entity("Gisele Frey", "per", 0, 11)
        Entity(text='Gisele Frey', type='per', start=0, end=11)
    """

    text: str = field(compare=False)
    type: str
    start: int
    """First character, or -1 if only the surface text is known."""
    end: int
    """One past the last character, or -1 if only the surface text is known."""
    box: Box | None = field(default=None, repr=False)
    """Where a word read in the picture stands, in pixels; such an entity has no offsets."""
    visible: float | None = field(default=None, compare=False, repr=False)
    """Probability that the picture shows it, from 0 to 1; ``None`` is unknown."""
    score: float | None = field(default=None, compare=False, repr=False)
    """Probability of a name, from 0 to 1; entities have none."""

    def to_dict(self) -> dict[str, object]:
        """Return the entity as a JSON object."""
        from jmere.data.annotations import entity_to_json

        return entity_to_json(self, text=True)

    @classmethod
    def from_dict(cls, value: object) -> Entity:
        """Build an entity from the output of ``to_dict``.

        Raises:
            ValueError: Listing every problem of the value.
        """
        from jmere.data.annotations import entity_from_json

        return entity_from_json(value, None, surface=True)


@dataclass(frozen=True, slots=True)
class Quintuple:
    """Head, head type, tail, tail type and relation; equality ignores the score.

    Example:
        >>> head, tail = Entity("Ann", "per", 0, 3), Entity("Bonn", "loc", 13, 17)
        >>> Quintuple(head, tail, "residence") == Quintuple(head, tail, "residence", score=0.9)
        True
    """

    head: Entity
    tail: Entity
    relation: str
    score: float | None = field(default=None, compare=False)
    """Confidence in (0, 1], absent on gold quintuples."""
    source: str | None = field(default=None, compare=False, repr=False)
    """``picture`` if it was read in the picture's words; ``None`` is the post's text."""

    def to_dict(self) -> dict[str, object]:
        """Return the quintuple as a JSON object."""
        from jmere.data.annotations import quintuple_to_json

        return quintuple_to_json(self, text=True)

    @classmethod
    def from_dict(cls, value: object) -> Quintuple:
        """Build a quintuple from the output of ``to_dict``.

        Raises:
            ValueError: Listing every problem of the value.
        """
        from jmere.data.annotations import quintuple_from_json

        return quintuple_from_json(value, None, surface=True)


@dataclass(frozen=True, slots=True, order=True)
class Mention:
    """An entity in word offsets: ``words[start:end]`` has type ``type``."""

    start: int
    end: int
    type: str


@dataclass(frozen=True, slots=True, order=True)
class Link:
    """A quintuple in word offsets: ``relation`` holds from ``head`` to ``tail``."""

    head: Mention
    tail: Mention
    relation: str
    score: float | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class SceneObject:
    """An object in an image: class name, box and detection score.

    Example:
        >>> SceneObject("dog", (10, 20, 110, 220), 0.9).box
        (10.0, 20.0, 110.0, 220.0)
    """

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
    """The relation ``predicate`` from ``objects[subject]`` to ``objects[object]``.

    Example:
        >>> man, hat = SceneObject("man"), SceneObject("hat")
        >>> graph = SceneGraph((man, hat), (SceneRelation(0, "wears", 1),))
        >>> graph.objects[graph.relations[0].object].label
        'hat'
    """

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
    """Visual graph of a post, from any source; no objects means no image.

    Example:
        >>> man, car = SceneObject("man"), SceneObject("car")
        >>> SceneGraph((man, car), (SceneRelation(0, "near", 1),)).relations[0].predicate
        'near'
    """

    objects: tuple[SceneObject, ...] = ()
    relations: tuple[SceneRelation, ...] = ()
    size: tuple[int, int] | None = None
    """Width and height of the image in pixels, if known."""
    appearance: FloatArray | None = field(default=None, compare=False)
    """Feature vectors, one row per object; a row of NaN means none."""
    caption: str | None = field(default=None, compare=False)
    """Description of the image, which a model may read behind the text (``graphs.context``)."""

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
        if self.caption is not None:
            checks.string(self.caption, "caption")

    @property
    def is_blank(self) -> bool:
        """Return whether nothing is known of an image."""
        return not self.objects and not self.caption

    def to_dict(self) -> dict[str, object]:
        """Return the graph as a JSON object, without ``appearance`` and ``caption``."""
        from jmere.data.scene_json import scene_graph_to_json

        return scene_graph_to_json(self)

    @classmethod
    def from_dict(cls, value: object) -> SceneGraph:
        """Build a scene graph from the output of ``to_dict``.

        Raises:
            ValueError: Listing every problem of the value.
        """
        from jmere.data.scene_json import scene_graph_from_json

        return scene_graph_from_json(value)


@dataclass(frozen=True, slots=True)
class TextGraph:
    """Dependency graph of a post; every field has one entry per word."""

    words: tuple[str, ...]
    pos: tuple[str, ...]
    """Universal part-of-speech tags."""
    heads: tuple[int, ...]
    """Index of the governing word; a root governs itself. There may be several roots."""
    labels: tuple[str, ...]
    """Dependency label of the edge from the head to each word."""


@dataclass(frozen=True)
class Post:
    """A text, optionally with an image, a scene graph and gold annotation.

    Give either ``text`` or ``tokens``. With ``tokens`` the text is the words joined by single
    spaces, and the words are kept as given.

    Raises:
        TypeError: If a field is of another type; one line that names the field.
        ValueError: If ``text`` and ``tokens`` disagree.

    Example:
        >>> Post(tokens=("Bonn", "wins")).text
        'Bonn wins'
    """

    text: str = ""
    image: Any = field(default=None, hash=False)
    """Path (relative to the image folder), bytes of a file, Pillow image or array."""
    alt_text: str | None = None
    scene_graph: SceneGraph | None = None
    id: str | None = None
    """Identifier; integers are converted to strings."""
    tokens: Sequence[str] | None = None
    quintuples: Sequence[Quintuple] = ()
    entities: Sequence[Entity] = ()
    """Entities that are in no quintuple."""
    warnings: Sequence[str] = field(default=(), compare=False)
    """Warnings of the reader about omitted or corrected fields; results repeat them."""
    time: str | None = None
    """When it was posted; this and the next three pass unchanged to results and to a graph."""
    author: str | None = None
    url: str | None = None
    language: str | None = None
    kept: Mapping[str, object] = field(default_factory=dict, hash=False)
    """Further columns of a table, such as ``likes``; they pass to results and to a graph."""
    alt_texts: Sequence[str] = ()
    """Several descriptions of the image: training draws one per epoch, prediction reads the first,
    which becomes ``alt_text`` if there is none."""

    def __post_init__(self) -> None:
        if self.tokens is not None:
            words = checks.items(self.tokens, "tokens", "words")
            for index, word in enumerate(words):
                checks.string(word, f"tokens[{index}]")
            joined = " ".join(words)
            if self.text and checks.string(self.text, "text") != joined:
                raise ValueError(
                    "text and tokens disagree: text must be the words joined by spaces"
                )
            _set(self, "text", joined)
            _set(self, "tokens", words)
        checks.string(self.text, "text")
        _set(self, "alt_texts", checks.instances(self.alt_texts, str, "alt_texts"))
        if self.alt_text is not None:
            checks.string(self.alt_text, "alt_text")
        elif self.alt_texts:
            _set(self, "alt_text", self.alt_texts[0])
        if self.scene_graph is not None:
            checks.instance(self.scene_graph, SceneGraph, "scene_graph")
        if self.id is not None:
            _set(self, "id", checks.checked_id(self.id, "id"))
        for name in ("time", "author", "url", "language"):
            if (value := getattr(self, name)) is not None:
                checks.string(value, name)
        checks.instance(self.kept, Mapping, "kept")  # type: ignore[type-abstract]
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
            self.entities, self.time, self.author, self.url, self.language, self.kept,
            self.alt_texts,
        )  # fmt: skip

    @property
    def descriptions(self) -> tuple[str, ...]:
        """Return the distinct descriptions of the image, ``alt_text`` first.

        Example:
            >>> Post(alt_texts=["a man", "a woman", "a man"]).descriptions
            ('a man', 'a woman')
        """
        given = (self.alt_text or "", *self.alt_texts)
        return tuple(dict.fromkeys(each for each in given if each.strip()))

    def to_dict(self) -> dict[str, object]:
        """Return the post as a JSON object.

        Raises:
            ValueError: If its image is a picture in memory instead of a path.
        """
        from jmere.data.jsonl import post_to_json

        return post_to_json(self)

    @classmethod
    def from_dict(cls, value: object) -> Post:
        """Build a post from the output of ``to_dict``.

        Raises:
            ValueError: Listing every problem of the value.
        """
        from jmere.data.jsonl import post_from_json

        return post_from_json(value)

    def all_entities(self) -> tuple[Entity, ...]:
        """Return the distinct entities, those of quintuples included, in text order."""
        ends = [end for quintuple in self.quintuples for end in (quintuple.head, quintuple.tail)]
        distinct = dict.fromkeys([*ends, *self.entities])
        return tuple(sorted(distinct, key=lambda entity: (entity.start, entity.end, entity.type)))


@dataclass(frozen=True)
class Alignment:
    """Alignment of a post's words with the objects of its image.

    Example:
        >>> plan = np.array([[0.4, 0.1], [0.1, 0.4]], np.float32)
        >>> found = Alignment(("Ann", "reads"), ("woman", "book"), plan, 2 * plan)
        >>> found.objects[int(found.plan[1].argmax())]
        'book'
    """

    words: tuple[str, ...]
    objects: tuple[str, ...]
    plan: FloatArray
    """Transport plan, words x objects; sums to 1, or 0 without objects."""
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
    """An entity and an object that its words are aligned with.

    Example:
        >>> Grounding(Entity("Ann", "per", 0, 3), object=0, plan=0.5, attention=0.7).weight
        0.6
    """

    entity: Entity
    object: int
    """Index of the object in the scene graph."""
    plan: float
    """Share of the transport plan's mass at the entity's words, from 0 to 1."""
    attention: float
    """Share of the attention of the entity's words, from 0 to 1."""

    @property
    def weight(self) -> float:
        """Return the mean of both shares."""
        return (self.plan + self.attention) / 2

    @property
    def probability(self) -> float:
        """Return the weight, times the probability that the entity is visible if it is known.

        Example:
            >>> seen = Entity("Ann", "per", 0, 3, visible=0.75)
            >>> Grounding(seen, object=0, plan=0.5, attention=0.7).probability
            0.45
        """
        visible = self.entity.visible
        return self.weight if visible is None else round(self.weight * visible, 4)


@dataclass(frozen=True)
class Extraction:
    """The result for one post.

    Equality, hash and ``to_dict`` ignore the alignment; quintuples are compared without scores,
    results without ``model``.

    Example:
        >>> found = Extraction("1", "Ann reads", (), (Entity("Ann", "per", 0, 3),))
        >>> found
        <Extraction id='1' text='Ann reads': 0 quintuples, 1 entities, 0 objects>
        >>> Extraction.from_dict(found.to_dict()) == found
        True
    """

    id: str | None
    text: str
    quintuples: tuple[Quintuple, ...]
    entities: tuple[Entity, ...]
    """All entities found, in a quintuple or not."""
    scene_graph: SceneGraph = field(default_factory=SceneGraph)
    alignment: Alignment | None = field(default=None, compare=False)
    groundings: tuple[Grounding, ...] = ()
    """For each entity the objects with more than an even share, largest share first; none for an
    entity that is more likely not to be seen."""
    image: str | None = None
    warnings: tuple[str, ...] = ()
    time: str | None = None
    """This and the next three are the post's."""
    author: str | None = None
    url: str | None = None
    language: str | None = None
    kept: Mapping[str, object] = field(default_factory=dict, hash=False)
    """Columns of a table that ``--keep`` named, of the post."""
    model: str | None = field(default=None, compare=False)
    """Name of the model that made the result."""
    names: tuple[Entity, ...] = ()
    """All names of the text, in a quintuple or not, with their scores, where they were asked for
    (``Extractor.from_pretrained(names=...)``)."""

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
        """Return the result as a JSON object, as ``jmere extract`` writes it."""
        from jmere.data.predictions import extraction_to_json

        return extraction_to_json(self)

    @classmethod
    def from_dict(cls, value: object) -> Extraction:
        """Build a result from the output of ``to_dict``; it equals the original.

        Raises:
            ValueError: Listing every problem of the value.
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
    """Return whether two images or arrays are equal."""
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return isinstance(one, np.ndarray) and np.array_equal(one, other)  # type: ignore[arg-type]
    return one is other or bool(one == other)
