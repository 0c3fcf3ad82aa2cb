"""Conversion of word-level annotation to posts with character offsets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from jmere.data.annotations import check_ends
from jmere.data.fields import Faults, RecordError, list_of, name_of, span_of
from jmere.errors import short_repr
from jmere.records import Entity, Mention, Quintuple
from jmere.text.words import join

IMAGE_KEYS = ("img_id", "image_id", "image")
"""Keys of a record's image."""

_NO_RELATION = frozenset({"", "none", "null", "na", "n/a", "no_relation", "no relation"})
_REQUIRED = object()


def word_entities(
    words: Sequence[str], mentions: Iterable[tuple[int, int, str]]
) -> tuple[Entity, ...]:
    """Build entities from word spans and types, for words joined by single spaces."""
    joined = join(words)
    return tuple(joined.entity(Mention(*mention)) for mention in mentions)


def word_quintuple(
    words: Sequence[str], head: object, tail: object, kinds: tuple[str, str], relation: str
) -> Quintuple:
    """Build the quintuple of two objects with ``pos``, a half-open span of words.

    Raises:
        RecordError: With every fault of head and tail.
    """
    faults, mentions = Faults(), []
    for name, value, kind in (("head", head, kinds[0]), ("tail", tail, kinds[1])):
        with faults.within(name):
            mentions.append((*_position(value, len(words)), kind))
    faults.settle()
    first, second = word_entities(words, mentions)
    quintuple = Quintuple(first, second, relation)
    check_ends(quintuple)
    return quintuple


def image_of(record: Mapping[str, object]) -> str | None:
    """Return the image name of a record's ``img_id``; a bare number means its ``.jpg``.

    MNRE version 1 has such numbers, and its scene graphs use those image names.
    """
    value = one_of(record, *IMAGE_KEYS, default=None)
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value}.jpg"
    return None if value in (None, "") else name_of(value)


def is_no_relation(value: object) -> bool:
    """Return whether a relation means none: null, ``None``, ``NA``, blank."""
    return value is None or (
        isinstance(value, str) and value.strip().strip("/").lower() in _NO_RELATION
    )


def one_of(record: Mapping[str, object], *names: str, default: object = _REQUIRED) -> object:
    """Return the value of the first key present.

    Raises:
        RecordError: If there is none, and no default.
    """
    for name in names:
        if name in record:
            return record[name]
    if default is _REQUIRED:
        raise RecordError("missing")
    return default


def _position(value: object, n_words: int) -> tuple[int, int]:
    """Parse a half-open span of words: ``pos``, ``[start, end]`` or a list of one."""
    if not isinstance(value, dict) or "pos" not in value:
        raise RecordError(f"expected an object with 'pos': [start, end], got {short_repr(value)}")
    span = list_of(value["pos"])
    if len(span) == 1:
        span = list_of(span[0])
    if len(span) != 2:
        raise RecordError(f"expected 'pos': [start, end], got {len(span)} numbers")
    return span_of(span[0], span[1], n_words, "word")
