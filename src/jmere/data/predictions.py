"""Predictions as JSON Lines, written by jmere or any other system."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from jmere.data.annotations import (
    UNKNOWN_LABEL,
    annotation_fields,
    entity_from_json,
    entity_to_json,
    quintuple_to_json,
)
from jmere.data.fields import (
    Faults,
    RecordError,
    id_of,
    integer_of,
    items_of,
    name_of,
    object_of,
    required,
    score_of,
    text_of,
)
from jmere.data.jsonl import (
    KEYS,
    SCHEMA,
    check_schema,
    json_records,
    records_of,
    scene_field,
    text_fields,
)
from jmere.data.origin import origin_fields, origin_of
from jmere.data.readers.lines import numbered_lines
from jmere.data.scene_json import scene_graph_to_json
from jmere.errors import OnProblem, refuse, short_repr
from jmere.files.whole import written_whole
from jmere.records import Entity, Extraction, Grounding, SceneGraph
from jmere.terminal import json_line

if TYPE_CHECKING:
    from jmere.data.plain_predictions import PlainPrediction


def extraction_to_json(extraction: Extraction) -> dict[str, object]:
    """Convert a result to JSON, without its alignment.

    Entities include their text as well as offsets.
    """
    scene, entities = extraction.scene_graph, extraction.entities
    value: dict[str, object] = {
        "schema_version": SCHEMA,
        "id": extraction.id,
        "text": extraction.text,
        "image": extraction.image,
        **origin_of(extraction),
        "model": extraction.model,
        "quintuples": [quintuple_to_json(found, text=True) for found in extraction.quintuples],
        "entities": [entity_to_json(found, text=True) for found in entities],
        "names": [entity_to_json(found, text=True) for found in extraction.names] or None,
        "scene_graph": scene_graph_to_json(scene) if scene.objects or scene.size else None,
        "groundings": [_grounding_to_json(each, entities) for each in extraction.groundings]
        or None,
        "warnings": list(extraction.warnings) or None,
    }
    return {key: item for key, item in value.items() if item is not None}


def at_least(found: Extraction, min_score: float) -> Extraction:
    """Return a result without the quintuples below a score."""
    kept = tuple(each for each in found.quintuples if (each.score or 0.0) >= min_score)
    return replace(found, quintuples=kept)


def extraction_from_json(value: object) -> Extraction:
    """Parse a result; gold posts are accepted too.

    ``text`` is optional; without it offsets are not checked. An entity may give its ``text`` in
    place of ``start`` and ``end``, which are then -1. Without ``schema_version`` the line is
    from another system, and the ends of its quintuples are added to ``entities``.

    Raises:
        RecordError: A ``ValueError`` listing every problem of the value.

    Example:
        >>> extraction_from_json({"id": "1", "text": "Bonn wins", "quintuples": []}).text
        'Bonn wins'
    """
    check_schema(value)
    faults, warnings = Faults(), []
    known = object_of(value, (*KEYS, "names", "groundings", "model", "warnings"), faults)
    fields = {key: item for key, item in known.items() if item is not None}
    text = None
    if {"text", "tokens"} & fields.keys():
        text, _ = text_fields(fields, faults)
    names: dict[str, str | None] = {"id": None, "image": None, "model": None}
    for key, check in (("id", id_of), ("image", name_of), ("model", name_of)):
        if key in fields:
            with faults.within(key):
                names[key] = check(fields[key])
    for index, item in enumerate(items_of(fields, "warnings", faults)):
        with faults.within(f"warnings[{index}]"):
            warnings.append(text_of(item))
    graph = scene_field(fields, faults) or SceneGraph()
    origin = origin_fields(fields, faults)
    quintuples, entities = annotation_fields(fields, faults, text, surface=True)
    all_names = []
    for index, item in enumerate(items_of(fields, "names", faults)):
        with faults.within(f"names[{index}]"):
            all_names.append(entity_from_json(item, text, surface=True))
    groundings = []
    for index, item in enumerate(items_of(fields, "groundings", faults)):
        with faults.within(f"groundings[{index}]"):
            groundings.append(_grounding(item, entities, graph))
    faults.settle()

    if "schema_version" not in fields:
        ends = [end for quintuple in quintuples for end in (quintuple.head, quintuple.tail)]
        entities = _distinct([*entities, *ends])
    return Extraction(
        id=names["id"],
        text=text or "",
        quintuples=tuple(quintuples),
        entities=tuple(entities),
        scene_graph=graph,
        groundings=tuple(groundings),
        image=names["image"],
        warnings=tuple(warnings),
        model=names["model"],
        names=tuple(all_names),
        **origin,
    )


def write_predictions(path: str | Path, found: Iterable[Extraction]) -> int:
    """Write predictions to a file, atomically; return their number."""
    count = 0
    with written_whole(path) as stream:
        for each in found:
            stream.write(json_line(extraction_to_json(each)) + "\n")
            count += 1
    return count


def read_predictions(path: str | Path, *, on_problem: OnProblem = refuse) -> Iterator[Extraction]:
    """Read predictions one at a time; blank lines are skipped.

    Raises:
        FileNotFoundError: If the file does not exist.
        DataError: At the first problem, unless ``on_problem`` continues.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "found.jsonl"
        >>> _ = path.write_text('{"id": "1", "text": "Bonn wins", "quintuples": []}')
        >>> [found.text for found in read_predictions(path)]
        ['Bonn wins']
    """
    yield from json_records(path, _named, on_problem)


def read_for_graph(
    path: str | Path,
    *,
    lines: Iterable[tuple[int, bytes]] | None = None,
    on_problem: OnProblem = refuse,
) -> Iterator[Extraction | PlainPrediction]:
    """Read predictions for a graph, faster where msgspec is installed; see ``read_predictions``.

    A prediction without pictures' objects and kept columns is a ``PlainPrediction``.

    Args:
        path: File of predictions.
        lines: The lines to read, with their numbers; by default all.
        on_problem: Told of every problem; its line is then skipped.
    """
    plain: Callable[[str], Extraction | PlainPrediction | None] | None = None
    if find_spec("msgspec") is not None:
        from jmere.data.plain_predictions import plain_prediction

        plain = plain_prediction
    own = numbered_lines(path) if lines is None else lines
    named: Callable[[object, int], Extraction | PlainPrediction] = _named
    yield from records_of(path, own, named, on_problem, plain=plain)


def _named(value: object, _number: int) -> Extraction:
    extraction = extraction_from_json(value)
    if extraction.id is None:
        raise RecordError("missing 'id'")
    return extraction


def _grounding(value: object, entities: Sequence[Entity], graph: SceneGraph) -> Grounding:
    faults = Faults()
    # The probability follows from the shares and the entity.
    fields = object_of(value, ("entity", "object", "plan", "attention", "probability"), faults)
    indices, shares = {"entity": 0, "object": 0}, {"plan": 0.0, "attention": 0.0}
    for key, known in (("entity", len(entities)), ("object", len(graph.objects))):
        with faults.within(key):
            indices[key] = integer_of(required(fields, key))
            if not 0 <= indices[key] < known:
                raise RecordError(f"there is no {key} {indices[key]} among {known}")
    for key in shares:
        with faults.within(key):
            shares[key] = score_of(required(fields, key))
    faults.settle()
    return Grounding(entities[indices["entity"]], indices["object"], **shares)


def _grounding_to_json(grounding: Grounding, entities: Sequence[Entity]) -> dict[str, object]:
    if grounding.entity not in entities:
        raise ValueError(
            f"grounding of {short_repr(grounding.entity)}, which is not among the entities"
        )
    value: dict[str, object] = {
        "entity": entities.index(grounding.entity),
        "object": grounding.object,
        "plan": grounding.plan,
        "attention": grounding.attention,
    }
    if grounding.entity.visible is not None:
        value["probability"] = grounding.probability
    return value


def _distinct(entities: Iterable[Entity]) -> list[Entity]:
    # Entities without offsets are distinguished by text, which equality ignores.
    return list(
        {
            (each, each.text if each.start == UNKNOWN_LABEL else ""): each for each in entities
        }.values()
    )
