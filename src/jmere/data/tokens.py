"""Annotation in words, as data sets have it, made into posts with character offsets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jmere.data.annotations import check_ends
from jmere.data.fields import Faults, RecordError, list_of, name_of, shown, span_of
from jmere.records import Entity, Quintuple


def word_entity(words: Sequence[str], start: int, end: int, kind: str) -> Entity:
    """The entity of ``words[start:end]`` in the words joined by single spaces."""
    first = sum(len(word) + 1 for word in words[:start])
    text = " ".join(words[start:end])
    return Entity(text, kind, first, first + len(text))


def word_quintuple(
    words: Sequence[str], head: object, tail: object, kinds: tuple[str, str], relation: str
) -> Quintuple:
    """The quintuple of two objects with ``pos``, a half-open span of words.

    Raises:
        RecordError: With every fault of head and tail.
    """
    faults, ends = Faults(), []
    for name, value, kind in (("head", head, kinds[0]), ("tail", tail, kinds[1])):
        with faults.within(name):
            ends.append(word_entity(words, *_position(value, len(words)), kind))
    faults.settle()
    quintuple = Quintuple(ends[0], ends[1], relation)
    check_ends(quintuple)
    return quintuple


def image_of(record: Mapping[str, object]) -> str | None:
    """The ``img_id`` of a record, where it has one; a bare number stands for its ``.jpg``.

    MNRE version 1 has such numbers, and its scene graphs name those images so.
    """
    value = record.get("img_id")
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value}.jpg"
    return None if value is None else name_of(value)


def _position(value: object, n_words: int) -> tuple[int, int]:
    if not isinstance(value, dict) or "pos" not in value:
        raise RecordError(f"expected an object with 'pos': [start, end], got {shown(value)}")
    span = list_of(value["pos"])
    if len(span) != 2:
        raise RecordError(f"expected 'pos': [start, end], got {len(span)} numbers")
    return span_of(span[0], span[1], n_words, "word")
