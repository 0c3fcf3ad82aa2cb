"""Type checks of arguments; each error is one line that names the field."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Set
from numbers import Integral, Real
from typing import Any, TypeVar

from jmere.errors import short_repr

T = TypeVar("T")


def instance(value: object, kind: type[T], field: str) -> T:
    """Return a value of one class.

    Raises:
        TypeError: If it is of another class.
    """
    if not isinstance(value, kind):
        raise _wrong(field, kind.__name__, value)
    return value


def string(value: object, field: str) -> str:
    """Return a string.

    Raises:
        TypeError: If it is anything else, bytes included.
    """
    if not isinstance(value, str):
        raise _wrong(field, "a string", value)
    return value


def whole(value: object, field: str) -> int:
    """Return an integer, from any library; booleans are rejected.

    Raises:
        TypeError: If it is anything else.
    """
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise _wrong(field, "a whole number", value)
    return int(value)


def number(value: object, field: str) -> float:
    """Return a number, from any library; infinity is allowed, booleans are rejected.

    Raises:
        TypeError: If it is anything else.
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        raise _wrong(field, "a number", value)
    try:
        return float(value)
    except OverflowError:  # a whole number beyond all floats
        return math.inf


def items(value: object, field: str, of: str) -> tuple[Any, ...]:
    """Return the items of a list, tuple, array or other ordered iterable.

    Raises:
        TypeError: If it is a string, a mapping, a set or no iterable.
    """
    if isinstance(value, (str, bytes, Mapping, Set)) or not isinstance(value, Iterable):
        raise _wrong(field, f"a list of {of}", value)
    return tuple(value)


def instances(value: object, kind: type[T], field: str) -> tuple[T, ...]:
    """Return a list's items, all of one class.

    Raises:
        TypeError: If it is no list, or at the first item of another class.
    """
    name = kind.__name__
    found = items(value, field, f"{name} records")
    return tuple(instance(item, kind, f"{field}[{index}]") for index, item in enumerate(found))


def name(value: object, field: str) -> str:
    """Return a string that is not blank.

    Raises:
        TypeError: If it is no string.
        ValueError: If it is blank.
    """
    text = string(value, field)
    if not text.strip():
        raise ValueError(f"{field}: expected a name, got blank text")
    return text


def checked_id(value: object, field: str) -> str:
    """Return an id: a string, or a whole number as text.

    >>> checked_id(17, "id")
    '17'

    Raises:
        TypeError: If it is anything else.
    """
    return value if isinstance(value, str) else str(whole(value, field))


def _wrong(field: str, expected: str, value: object) -> TypeError:
    return TypeError(f"{field}: expected {expected}, got {short_repr(value)}")


def check_choices(
    config: object,
    where: str = "",
    *,
    shares: tuple[str, ...] = (),
    counts: tuple[str, ...] = (),
    amounts: tuple[str, ...] = (),
    positive: tuple[str, ...] = (),
) -> None:
    """Check the ranges of a config's values.

    Args:
        config: The config.
        where: Name of the config in errors, such as ``model``.
        shares: Names of values in [0, 1].
        counts: Names of values of at least 1.
        amounts: Names of values of at least 0.
        positive: Names of values greater than 0.

    Raises:
        ValueError: If a value is out of its range.
    """
    prefix = f"{where}." if where else ""
    for name in shares:
        if not 0 <= getattr(config, name) <= 1:
            raise ValueError(f"{prefix}{name} must be in [0, 1], got {getattr(config, name)}")
    for name in counts:
        if getattr(config, name) < 1:
            raise ValueError(f"{prefix}{name} must be at least 1, got {getattr(config, name)}")
    for name in amounts:
        if getattr(config, name) < 0:
            raise ValueError(f"{prefix}{name} must not be negative, got {getattr(config, name)}")
    for name in positive:
        if not getattr(config, name) > 0:
            raise ValueError(f"{prefix}{name} must be positive, got {getattr(config, name)}")
