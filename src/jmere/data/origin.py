"""Where a post comes from: time, author, address and language, passed through unchanged."""

from __future__ import annotations

from typing import TypedDict, cast

from jmere.data.fields import Faults, RecordError, name_of, number_of
from jmere.errors import short_repr
from jmere.records import Extraction, Post

ORIGIN_KEYS = ("time", "author", "url", "language")
"""Keys of a post that its results repeat."""


class Origin(TypedDict, total=False):
    """The origin of a post, as keyword arguments of a ``Post`` or an ``Extraction``."""

    time: str | None
    author: str | None
    url: str | None
    language: str | None


def origin_of(post: Post | Extraction) -> Origin:
    """Return the origin that a post or a result has.

    Example:
        >>> origin_of(Post("Bonn wins", author="ann"))
        {'author': 'ann'}
    """
    values = {key: getattr(post, key) for key in ORIGIN_KEYS}
    return cast(Origin, {key: each for key, each in values.items() if each is not None})


def origin_fields(fields: dict[str, object], faults: Faults, *, strict: bool = True) -> Origin:
    """Parse the origin of a post: texts, or numbers such as an id or the seconds since 1970.

    Args:
        fields: The fields of the post.
        faults: Where problems are collected.
        strict: Whether texts must be valid Unicode and not blank.
    """
    found: dict[str, str | None] = {}
    for key in ORIGIN_KEYS:
        if fields.get(key) is not None:
            with faults.within(key if strict else f"{key} left out"):
                found[key] = _text(fields[key], strict)
    return cast(Origin, found)


def _text(value: object, strict: bool) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        number = number_of(value)
        return str(int(number)) if number.is_integer() else repr(number)
    if not isinstance(value, str):
        raise RecordError(f"expected a string or a number, got {short_repr(value)}")
    return name_of(value, strict=strict)
