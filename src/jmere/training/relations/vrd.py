"""Files of annotated relations, in the form of Visual Relationship Detection (Lu et al. 2016)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jmere.data.fields import (
    Faults,
    RecordError,
    integer_of,
    list_of,
    name_of,
    number_of,
    object_of,
    required,
)
from jmere.data.jsonl import parse_line
from jmere.errors import DataError, Problem, short_repr
from jmere.vision.relate.geometry import Float64s, Int64s

MAX_OBJECTS_PER_PICTURE = 1_000
"""Objects that one picture of a file may have: a million ordered pairs."""
FURTHEST = 1e9
"""Largest coordinate of a file, either way."""
_MOST_MESSAGES = 3


@dataclass(frozen=True, slots=True, eq=False)
class AnnotatedPicture:
    """The objects of a picture and the relations somebody saw between them."""

    name: str | None
    labels: Int64s
    """Of each object, the number of its label among the file's."""
    boxes: Float64s
    """Of each object, ``x0, y0, x1, y1`` in pixels."""
    relations: Int64s
    """Distinct rows of subject, predicate and object; the ends are the picture's objects."""
    appearance: NDArray[np.float32] | None = None
    """A feature vector of each object, where there is one; files hold none."""


@dataclass(frozen=True, slots=True, eq=False)
class Annotations:
    """Pictures with annotated relations, and what the numbers in them mean."""

    labels: tuple[str, ...]
    predicates: tuple[str, ...]
    pictures: tuple[AnnotatedPicture, ...]


def read_vrd(path: str | Path) -> Annotations:
    """Read ``{"objects": [name], "predicates": [name], "images": [picture]}``.

    A picture is ``{"image": name or null, "objects": [{"label", "box"}], "relations":
    [{"subject", "object", "predicates": [number]}]}``; a label or a predicate is an index into the
    file's lists, a subject or an object one in the picture's. What is said twice counts once.

    Raises:
        FileNotFoundError: If there is no such file.
        DataError: If the file is in another form; the message names the picture.
    """
    try:
        return _annotations(parse_line(_text(Path(path))))
    except RecordError as error:
        first = error.messages[:_MOST_MESSAGES]
        rest = len(error.messages) - len(first)
        message = "; ".join([*first, *([f"and {rest} more"] if rest else [])])
        raise DataError(Problem(str(path), None, message)) from None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise RecordError(f"is not UTF-8 at byte {error.start}") from None


def _annotations(value: object) -> Annotations:
    faults = Faults()
    fields = object_of(value, ("objects", "predicates", "images"), faults)
    names: dict[str, tuple[str, ...]] = {"objects": (), "predicates": ()}
    for key in names:
        with faults.within(key):
            names[key] = _names(required(fields, key))
    with faults.within("images"):
        images = list_of(required(fields, "images"))
    faults.settle()
    pictures = []
    for index, item in enumerate(images):
        with faults.within(f"images[{index}]"):
            pictures.append(_picture(item, len(names["objects"]), len(names["predicates"])))
        if len(faults) > _MOST_MESSAGES:
            break
    faults.settle()
    return Annotations(names["objects"], names["predicates"], tuple(pictures))


def _names(value: object) -> tuple[str, ...]:
    faults, names = Faults(), []
    for index, item in enumerate(list_of(value)):
        with faults.within(f"name {index}"):
            names.append(name_of(item))
    faults.settle()
    return tuple(names)


def _picture(value: object, n_labels: int, n_predicates: int) -> AnnotatedPicture:
    faults, name = Faults(), None
    fields = object_of(value, ("image", "objects", "relations"), faults)
    if fields.get("image") is not None:
        with faults.within("image"):
            name = name_of(fields["image"])
    labels, boxes = [], []
    things = list_of(required(fields, "objects"))
    if len(things) > MAX_OBJECTS_PER_PICTURE:
        raise RecordError(f"{len(things)} objects; expected at most {MAX_OBJECTS_PER_PICTURE}")
    for index, item in enumerate(things):
        with faults.within(f"objects[{index}]"):
            label, box = _object(item, n_labels)
            labels.append(label)
            boxes.append(box)
    rows: set[tuple[int, int, int]] = set()
    for index, item in enumerate(list_of(fields.get("relations", []))):
        with faults.within(f"relations[{index}]"):
            rows.update(_relation(item, len(things), n_predicates))
    faults.settle()
    return AnnotatedPicture(
        name,
        np.array(labels, dtype=np.int64),
        np.array(boxes, dtype=np.float64).reshape(-1, 4),
        np.array(sorted(rows), dtype=np.int64).reshape(-1, 3),
    )


def _object(value: object, n_labels: int) -> tuple[int, list[float]]:
    faults = Faults()
    fields = object_of(value, ("label", "box"), faults)
    label = _place(required(fields, "label"), n_labels, "label")
    box = [number_of(item) for item in islice(list_of(required(fields, "box")), 5)]
    faults.settle()
    if len(box) != 4 or box[0] > box[2] or box[1] > box[3]:
        raise RecordError(
            f"expected [x0, y0, x1, y1], x0 <= x1 and y0 <= y1, got {short_repr(box)}"
        )
    if max(map(abs, box)) > FURTHEST:
        raise RecordError(
            f"box {short_repr(box)}: expected pixels, at most {FURTHEST:g} either way"
        )
    return label, box


def _relation(value: object, n_objects: int, n_predicates: int) -> list[tuple[int, int, int]]:
    faults = Faults()
    fields = object_of(value, ("subject", "object", "predicates"), faults)
    faults.settle()
    subject = _place(required(fields, "subject"), n_objects, "subject")
    target = _place(required(fields, "object"), n_objects, "object")
    return [
        (subject, _place(item, n_predicates, "predicate"), target)
        for item in list_of(required(fields, "predicates"))
    ]


def _place(value: object, count: int, what: str) -> int:
    index = integer_of(value)
    if not 0 <= index < count:
        raise RecordError(f"there is no {what} {short_repr(index)} among {count} (counted from 0)")
    return index
