"""Scene graphs as JSON: objects with boxes and scores, and relations between them."""

from __future__ import annotations

from jmere.data.fields import (
    Faults,
    RecordError,
    integer_of,
    items_of,
    list_of,
    name_of,
    number_of,
    object_of,
    required,
    score_of,
)
from jmere.errors import short_repr
from jmere.records import Box, SceneGraph, SceneObject, SceneRelation

MAX_COORDINATE = 1_000_000
"""Maximum image side or box coordinate, in pixels."""

BOX = f"[x0, y0, x1, y1], x0 <= x1 and y0 <= y1, each of at most {MAX_COORDINATE:,} pixels"


def scene_graph_to_json(graph: SceneGraph) -> dict[str, object]:
    """Convert a scene graph to JSON, without appearance vectors."""
    value: dict[str, object] = {
        "objects": [
            _present(label=thing.label, box=_listed(thing.box), score=thing.score)
            for thing in graph.objects
        ],
        "relations": [
            _present(
                subject=relation.subject,
                predicate=relation.predicate,
                object=relation.object,
                score=relation.score,
            )
            for relation in graph.relations
        ],
    }
    return value if graph.size is None else {**value, "size": list(graph.size)}


def is_sound(box: Box) -> bool:
    """Return whether a box is finite, not inverted and of plausible size."""
    x0, y0, x1, y1 = box
    return x0 <= x1 and y0 <= y1 and all(abs(corner) <= MAX_COORDINATE for corner in box)


def scene_graph_from_json(value: object, *, strict: bool = True) -> SceneGraph:
    """Parse a scene graph with ``objects`` and optional ``relations`` and ``size``.

    Args:
        value: The object.
        strict: Whether unknown keys, unsound boxes and scores beyond 0 to 1 are faults; else
            keys are passed over and numbers left for ``jmere.data.mend``.

    Raises:
        RecordError: Listing every problem of the value.

    Example:
        >>> scene_graph_from_json({"objects": [{"label": "man"}]}).objects[0].label
        'man'
    """
    faults = Faults()
    fields = _fields(value, ("objects", "relations", "size"), faults, strict)
    with faults.within("objects"):
        things = list_of(required(fields, "objects"))
    faults.settle()

    objects, relations, size = [], [], None
    for index, item in enumerate(things):
        with faults.within(f"objects[{index}]"):
            objects.append(_object(item, strict))
    for index, item in enumerate(items_of(fields, "relations", faults)):
        with faults.within(f"relations[{index}]"):
            relations.append(_relation(item, len(things), strict))
    if fields.get("size") is not None:
        with faults.within("size"):
            size = _size(fields["size"], strict)
    faults.settle()
    return SceneGraph(tuple(objects), tuple(relations), size)


def _fields(
    value: object, known: tuple[str, ...], faults: Faults, strict: bool
) -> dict[str, object]:
    return object_of(value, known, faults if strict else Faults())


def _object(value: object, strict: bool) -> SceneObject:
    faults, label, box, score = Faults(), "", None, None
    fields = _fields(value, ("label", "box", "score"), faults, strict)
    with faults.within("label"):
        label = name_of(required(fields, "label"), strict=strict)
    if fields.get("box") is not None:
        with faults.within("box"):
            box = box_of(fields["box"], strict=strict)
    if fields.get("score") is not None:
        with faults.within("score"):
            score = _score(fields["score"], strict)
    faults.settle()
    return SceneObject(label, box, score)


def box_of(value: object, *, strict: bool = True) -> Box:
    """Parse a box of four numbers; unless ``strict``, an unsound one too."""
    corners = [number_of(item, finite=strict) for item in list_of(value)]
    if len(corners) != 4:
        raise RecordError(f"expected {BOX}, got {short_repr(value)}")
    box = (corners[0], corners[1], corners[2], corners[3])
    if strict and not is_sound(box):
        raise RecordError(f"expected {BOX}, got {short_repr(value)}")
    return box


def _score(value: object, strict: bool) -> float:
    return score_of(value) if strict else number_of(value, finite=False)


def _relation(value: object, n_objects: int, strict: bool) -> SceneRelation:
    faults, ends, predicate, score = Faults(), [0, 0], "", None
    fields = _fields(value, ("subject", "predicate", "object", "score"), faults, strict)
    for place, key in enumerate(("subject", "object")):
        with faults.within(key):
            ends[place] = end = integer_of(required(fields, key))
            if not 0 <= end < n_objects:
                raise RecordError(f"there is no object {end} among {n_objects} (counted from 0)")
    with faults.within("predicate"):
        predicate = name_of(required(fields, "predicate"), strict=strict)
    if fields.get("score") is not None:
        with faults.within("score"):
            score = _score(fields["score"], strict)
    faults.settle()
    return SceneRelation(ends[0], predicate, ends[1], score)


def _size(value: object, strict: bool) -> tuple[int, int]:
    sides = [integer_of(item) for item in list_of(value)]
    if len(sides) != 2 or (strict and not 0 < min(sides) <= max(sides) <= MAX_COORDINATE):
        raise RecordError(f"expected [width, height] in pixels, got {short_repr(value)}")
    return sides[0], sides[1]


def _present(**fields: object) -> dict[str, object]:
    return {key: value for key, value in fields.items() if value is not None}


def _listed(box: Box | None) -> list[float] | None:
    return None if box is None else list(box)
