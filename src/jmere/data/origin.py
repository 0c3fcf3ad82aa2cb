"""Where a post comes from: time, author, address, language and kept columns, passed unchanged."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TypedDict, cast

from jmere.data.fields import Faults, RecordError, name_of, number_of, text_of
from jmere.errors import short_repr
from jmere.records import Extraction, Post

ORIGIN_KEYS = ("time", "author", "url", "language")
"""Keys of a post that its results repeat."""

KEPT = "kept"
"""Key of an object with further columns that results repeat."""

Scalar = str | int | float | bool
"""Value of a kept column."""


class Origin(TypedDict, total=False):
    """The origin of a post, as keyword arguments of a ``Post`` or an ``Extraction``."""

    time: str | None
    author: str | None
    url: str | None
    language: str | None
    kept: Mapping[str, object]


def origin_of(post: Post | Extraction) -> Origin:
    """Return the origin that a post or a result has.

    Example:
        >>> origin_of(Post("Bonn wins", author="ann"))
        {'author': 'ann'}
    """
    values = {key: getattr(post, key) for key in ORIGIN_KEYS}
    if post.kept:
        values[KEPT] = dict(post.kept)
    return cast(Origin, {key: each for key, each in values.items() if each is not None})


def origin_fields(fields: dict[str, object], faults: Faults, *, strict: bool = True) -> Origin:
    """Parse the origin of a post: texts, or numbers such as an id or the seconds since 1970.

    Args:
        fields: The fields of the post.
        faults: Where problems are collected.
        strict: Whether texts must be valid Unicode and not blank.
    """
    found: dict[str, object] = {}
    for key in ORIGIN_KEYS:
        if fields.get(key) is not None:
            with faults.within(key if strict else f"{key} left out"):
                found[key] = _text(fields[key], strict)
    if fields.get(KEPT) is not None:
        with faults.within(KEPT if strict else f"{KEPT} left out"):
            found[KEPT] = kept_of(fields[KEPT])
    return cast(Origin, found)


def kept_of(value: object) -> dict[str, Scalar]:
    """Parse an object of kept columns: texts, finite numbers and booleans by name.

    Raises:
        RecordError: Listing every problem.
    """
    if not isinstance(value, dict):
        raise RecordError(f"expected an object, got {short_repr(value)}")
    faults = Faults()
    kept: dict[str, Scalar] = {}
    for name, item in value.items():
        with faults.within(short_repr(name)):
            if not isinstance(item, str | int | float):
                raise RecordError(f"expected text or a number, got {short_repr(item)}")
            if isinstance(item, float) and not math.isfinite(item):
                raise RecordError(f"expected a finite number, got {item}")
            kept[name_of(name)] = text_of(item) if isinstance(item, str) else item
    faults.settle()
    return kept


def _text(value: object, strict: bool) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        number = number_of(value)
        return str(int(number)) if number.is_integer() else repr(number)
    if not isinstance(value, str):
        raise RecordError(f"expected a string or a number, got {short_repr(value)}")
    return name_of(value, strict=strict)
