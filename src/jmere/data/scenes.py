"""Scene graphs as JSON: objects with boxes and scores, and the relations between them."""

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
    shown,
)
from jmere.records import Box, SceneGraph, SceneObject, SceneRelation


def scene_graph_to_json(graph: SceneGraph) -> dict[str, object]:
    """A scene graph as a post's line holds it; appearance vectors have no place there."""
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


def scene_graph_from_json(value: object) -> SceneGraph:
    """The scene graph of an object with ``objects`` and, optionally, ``relations`` and ``size``.

    Raises:
        RecordError: With every fault of the value.
    """
    faults = Faults()
    fields = object_of(value, ("objects", "relations", "size"), faults)
    with faults.within("objects"):
        things = list_of(required(fields, "objects"))
    faults.settle()

    objects, relations, size = [], [], None
    for index, item in enumerate(things):
        with faults.within(f"objects[{index}]"):
            objects.append(_object(item))
    for index, item in enumerate(items_of(fields, "relations", faults)):
        with faults.within(f"relations[{index}]"):
            relations.append(_relation(item, len(things)))
    if "size" in fields:
        with faults.within("size"):
            size = _size(fields["size"])
    faults.settle()
    return SceneGraph(tuple(objects), tuple(relations), size)


def _object(value: object) -> SceneObject:
    faults, label, box, score = Faults(), "", None, None
    fields = object_of(value, ("label", "box", "score"), faults)
    with faults.within("label"):
        label = name_of(required(fields, "label"))
    if fields.get("box") is not None:
        with faults.within("box"):
            box = _box(fields["box"])
    if fields.get("score") is not None:
        with faults.within("score"):
            score = score_of(fields["score"])
    faults.settle()
    return SceneObject(label, box, score)


def _box(value: object) -> Box:
    corners = [number_of(item) for item in list_of(value)]
    if len(corners) != 4 or corners[0] > corners[2] or corners[1] > corners[3]:
        raise RecordError(f"expected [x0, y0, x1, y1], x0 <= x1 and y0 <= y1, got {shown(value)}")
    return corners[0], corners[1], corners[2], corners[3]


def _relation(value: object, n_objects: int) -> SceneRelation:
    faults, ends, predicate, score = Faults(), [0, 0], "", None
    fields = object_of(value, ("subject", "predicate", "object", "score"), faults)
    for place, key in enumerate(("subject", "object")):
        with faults.within(key):
            ends[place] = end = integer_of(required(fields, key))
            if not 0 <= end < n_objects:
                raise RecordError(f"there is no object {end} among {n_objects} (counted from 0)")
    with faults.within("predicate"):
        predicate = name_of(required(fields, "predicate"))
    if fields.get("score") is not None:
        with faults.within("score"):
            score = score_of(fields["score"])
    faults.settle()
    return SceneRelation(ends[0], predicate, ends[1], score)


def _size(value: object) -> tuple[int, int]:
    sides = [integer_of(item) for item in list_of(value)]
    if len(sides) != 2 or min(sides) <= 0:
        raise RecordError(f"expected [width, height] in pixels, got {shown(value)}")
    return sides[0], sides[1]


def _present(**fields: object) -> dict[str, object]:
    return {key: value for key, value in fields.items() if value is not None}


def _listed(box: Box | None) -> list[float] | None:
    return None if box is None else list(box)
