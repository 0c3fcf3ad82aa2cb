"""GMNER in JSON Lines: posts with named entities, and which of them the picture shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from jmere.data.fields import (
    Faults,
    RecordError,
    checked_words,
    items_of,
    list_of,
    name_of,
    object_of,
    required,
)
from jmere.data.jsonl import json_records
from jmere.data.readers.bio import Counts, parse_label, spans
from jmere.data.readers.conll import TWITTER_TYPES
from jmere.data.readers.lines import Ids
from jmere.data.readers.tokens import word_entities
from jmere.data.scene_json import box_of
from jmere.errors import OnProblem, nearest, refuse, short_repr
from jmere.records import Entity, Post

_KEYS = ("image", "tokens", "tags", "size", "boxes")


def read_gmner(
    path: str | Path,
    *,
    types: Mapping[str, str] = TWITTER_TYPES,
    tally: Counter[str] | None = None,
    on_problem: OnProblem = refuse,
) -> Iterator[Post]:
    """Read posts whose entities are marked as visible in the picture (1) or not (0).

    A line is an object of ``image``, ``tokens``, ``tags`` (a BIO label for each token) and, where
    an entity is to be seen, ``boxes``: ``{"name", "box"}``, the words of the entity and its
    corners in the picture. Every entity with the words of a box is visible. Boxes are checked,
    but not kept. The id is the image's name without its ending.

    Args:
        path: The file, UTF-8.
        types: What each type of the file is called in the tag set, whatever its case.
        tally: Counter of irregularities; this format has none so far.
        on_problem: Called for every problem; the post is then skipped.

    Raises:
        FileNotFoundError: If the file does not exist.
        DataError: At the first problem, unless ``on_problem`` continues.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "gmner.jsonl"
        >>> _ = path.write_text(
        ...     '{"image": "1.jpg", "tokens": ["Ann", "in", "Bonn"],'
        ...     ' "tags": ["B-PER", "O", "B-LOC"], "boxes": [{"name": "Ann", "box": [0, 0, 9, 9]}]}'
        ... )
        >>> [(found.text, found.visible) for post in read_gmner(path) for found in post.entities]
        [('Ann', 1.0), ('Bonn', 0.0)]
    """
    ids = Ids()
    names = {name.upper(): called for name, called in types.items()}

    def parse(value: object, number: int) -> Post:
        return _post(value, number, names, ids)

    yield from json_records(path, parse, on_problem)


def _post(value: object, number: int, types: Mapping[str, str], ids: Ids) -> Post:
    faults = Faults()
    image, words, boxed = None, None, set[str]()
    labels: list[tuple[str, str]] = []
    fields = object_of(value, _KEYS, faults)
    with faults.within("image"):
        image = name_of(required(fields, "image"))
    with faults.within("tokens"):
        words = checked_words(required(fields, "tokens"))
    with faults.within("tags"):
        labels = [_label(each, types) for each in list_of(required(fields, "tags"))]
        if words is not None and len(labels) != len(words):
            raise RecordError(f"expected one for each of {len(words)} tokens, got {len(labels)}")
    for index, item in enumerate(items_of(fields, "boxes", faults)):
        with faults.within(f"boxes[{index}]"):
            boxed.add(_boxed_name(item))
    faults.settle()
    found = spans(labels, stray="drop", counts=Counts())
    entities = word_entities(words or (), [(each.start, each.end, each.type) for each in found])
    unknown = boxed - {entity.text for entity in entities}
    if unknown:
        raise RecordError(f"boxes: {short_repr(min(unknown))} is not an entity of the tags")
    return Post(
        id=ids.unique(image, number),
        tokens=words,
        image=image,
        entities=[_marked(entity, boxed) for entity in entities],
    )


def _label(value: object, types: Mapping[str, str]) -> tuple[str, str]:
    label = parse_label(value) if isinstance(value, str) else None
    if label is None:
        raise RecordError(f"expected a label O, B-TYPE or I-TYPE, got {short_repr(value)}")
    prefix, kind = label
    if kind and kind.upper() not in types:
        known = nearest(kind[:40].upper(), types)
        raise RecordError(f"unknown entity type {short_repr(kind)}; {known}")
    return prefix, types[kind.upper()] if kind else ""


def _boxed_name(value: object) -> str:
    faults, name = Faults(), ""
    fields = object_of(value, ("name", "box"), faults)
    with faults.within("name"):
        name = name_of(required(fields, "name"))
    with faults.within("box"):
        box_of(required(fields, "box"))
    faults.settle()
    return name


def _marked(entity: Entity, boxed: set[str]) -> Entity:
    return replace(entity, visible=float(entity.text in boxed))
