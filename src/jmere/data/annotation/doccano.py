"""doccano: JSON Lines of sequence labelling projects, with relations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from pathlib import Path

from jmere.data.annotation.marks import Span, marked_post, marks_of, other_fields
from jmere.data.annotation.offsets import Utf16Offsets
from jmere.data.fields import Faults, RecordError, integer_of, list_of, text_of
from jmere.data.jsonl import json_records
from jmere.errors import OnProblem, refuse, short_repr
from jmere.files.whole import written_whole
from jmere.records import Extraction, Post
from jmere.terminal import json_line

_TEXTS = ("text", "data")
_LABELS = ("entities", "label", "labels")


class Unit(str, Enum):
    """Unit of offsets: doccano's own, UTF-16, or characters (Unicode code points)."""

    UTF16 = "utf-16"
    CHARACTERS = "characters"


def write_doccano(
    path: str | Path,
    posts: Iterable[Post | Extraction],
    *,
    unit: Unit = Unit.UTF16,
    tally: Counter[str] | None = None,
) -> int:
    """Write posts or results for import into doccano, atomically; return their number.

    The project must allow relations and overlapping spans. Fields other than text, entities and
    relations become doccano's metadata of the example.

    Args:
        path: File of JSON Lines to write.
        posts: The posts.
        unit: Unit of the offsets; the browser part of doccano counts in UTF-16.
        tally: Counter of what cannot be written.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "doccano.jsonl"
        >>> write_doccano(path, [Post("Bonn wins", id="1")])
        1
        >>> [post.text for post in read_doccano(path)]
        ['Bonn wins']
    """
    count = 0
    with written_whole(path) as stream:
        for count, post in enumerate(posts, start=1):  # noqa: B007
            stream.write(json_line(_record(post, unit, tally)) + "\n")
    return count


def read_doccano(
    path: str | Path,
    *,
    unit: Unit = Unit.UTF16,
    tally: Counter[str] | None = None,
    on_problem: OnProblem = refuse,
) -> Iterator[Post]:
    """Read posts that doccano exported: ``entities`` and ``relations``, or a list ``label``.

    Args:
        path: File of JSON Lines.
        unit: Unit of the offsets.
        tally: Counter of dropped items.
        on_problem: Called for every problem; the record is then skipped.

    Raises:
        FileNotFoundError: If the file does not exist.
        DataError: At the first problem, unless ``on_problem`` continues.
    """
    dropped = Counter() if tally is None else tally
    yield from json_records(
        path, lambda value, number: _post(value, number, unit, dropped), on_problem
    )


def _record(post: Post | Extraction, unit: Unit, tally: Counter[str] | None) -> dict[str, object]:
    marks, offsets = marks_of(post, tally), _to_units(post.text, unit)
    return {
        **({} if post.id is None else {"id": post.id}),
        "text": post.text,
        "entities": [
            {
                "id": number,
                "label": entity.type,
                "start_offset": offsets(entity.start),
                "end_offset": offsets(entity.end),
            }
            for number, entity in enumerate(marks.entities)
        ],
        "relations": [
            {"id": number, "from_id": each.head, "to_id": each.tail, "type": each.name}
            for number, each in enumerate(marks.relations)
        ],
        **other_fields(post),
    }


def _post(value: object, line: int, unit: Unit, tally: Counter[str]) -> Post:
    if not isinstance(value, dict):
        raise RecordError(f"expected an object, got {short_repr(value)}")
    text = next((value[key] for key in _TEXTS if key in value), None)
    if text is None:
        raise RecordError("missing 'text'")
    characters = _to_characters(text_of(text), unit)
    faults, spans, relations = Faults(), [], []
    labels: object = next((value[key] for key in _LABELS if value.get(key) is not None), [])
    for index, item in enumerate(list_of(labels)):
        with faults.within(f"entities[{index}]"):
            spans.append(_span(item, index, characters))
    for index, item in enumerate(list_of(value.get("relations") or [])):
        with faults.within(f"relations[{index}]"):
            if not isinstance(item, dict):
                raise RecordError(f"expected an object, got {short_repr(item)}")
            relations.append((item.get("from_id"), item.get("to_id"), item.get("type")))
    faults.settle()
    if value.get("Comments") or value.get("comments"):
        tally["comments of annotators were dropped"] += 1
    name = value.get("id")
    unnamed = name is None or isinstance(name, float)  # a data frame's NaN
    return marked_post(f"line-{line}" if unnamed else name, text, spans, relations, value)


def _span(item: object, index: int, characters: Callable[[int], int]) -> Span:
    if isinstance(item, dict):
        name = item.get("id", f"#{index}")
        start, end, kind = (item.get(key) for key in ("start_offset", "end_offset", "label"))
    else:
        parts = list_of(item)
        if len(parts) != 3:
            raise RecordError(f"expected [start, end, label], got {short_repr(item)}")
        name, (start, end, kind) = f"#{index}", parts
    if not isinstance(name, str | int):
        raise RecordError(f"id: expected a number, got {short_repr(name)}")
    return Span(name, characters(integer_of(start)), characters(integer_of(end)), kind)


def _to_units(text: str, unit: Unit) -> Callable[[int], int]:
    return Utf16Offsets(text).units if unit is Unit.UTF16 else int


def _to_characters(text: str, unit: Unit) -> Callable[[int], int]:
    return Utf16Offsets(text).characters if unit is Unit.UTF16 else int
