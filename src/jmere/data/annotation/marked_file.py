"""A file of posts or of predictions, as records that can be exported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from jmere.data.annotation.labelstudio import Role
from jmere.data.fields import RecordError
from jmere.data.jsonl import json_records, post_from_json
from jmere.data.predictions import extraction_from_json
from jmere.errors import OnProblem, refuse
from jmere.records import Extraction, Post


def read_marked(
    path: str | Path, *, role: Role = Role.AUTO, on_problem: OnProblem = refuse
) -> Iterator[Post | Extraction]:
    """Read posts or predictions, each line as what it is.

    A line is a prediction if it has a score, groundings or warnings, or if it has a
    ``schema_version`` and entities with their text, as ``jmere extract`` writes them.

    Args:
        path: File of JSON Lines.
        role: ``AUTO``, or what every line is.
        on_problem: Called for every problem; the line is then skipped.

    Raises:
        FileNotFoundError: If the file does not exist.
        DataError: At the first problem, unless ``on_problem`` continues.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "found.jsonl"
        >>> _ = path.write_text('{"id": "1", "text": "Bonn wins", "warnings": ["no picture"]}')
        >>> [type(each).__name__ for each in read_marked(path)]
        ['Extraction']
    """
    yield from json_records(path, lambda value, _: _record(value, role), on_problem)


def _record(value: object, role: Role) -> Post | Extraction:
    predicted = role is Role.PREDICTIONS or (role is Role.AUTO and _is_prediction(value))
    record = extraction_from_json(value) if predicted else post_from_json(value)
    if record.id is None:
        raise RecordError("missing 'id'")
    if not record.text:
        raise RecordError("missing 'text'; an export needs the text of every post")
    return record


def _is_prediction(value: object) -> bool:
    if not isinstance(value, Mapping):
        return False
    found = [each for each in _items(value, "quintuples") if each.get("score") is not None]
    if found or value.get("groundings") or value.get("warnings"):
        return True
    ends = [each.get("head") for each in _items(value, "quintuples")]
    entities = [*_items(value, "entities"), *(end for end in ends if isinstance(end, Mapping))]
    texts = any("text" in each for each in entities)
    return "schema_version" in value and (texts or not entities)


def _items(value: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
    items = value.get(key)
    return [each for each in items if isinstance(each, Mapping)] if isinstance(items, list) else []
