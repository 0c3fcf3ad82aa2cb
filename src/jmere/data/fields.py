"""Field parsers for untrusted records: each field is checked once, and every problem is kept."""

from __future__ import annotations

import math
from collections.abc import Collection
from types import TracebackType

from jmere.errors import nearest, short_repr

__all__ = [
    "Faults",
    "RecordError",
    "checked_words",
    "id_of",
    "integer_of",
    "items_of",
    "list_of",
    "name_of",
    "number_of",
    "object_of",
    "required",
    "score_of",
    "span_of",
    "string_of",
    "strings_of",
    "text_of",
]


class RecordError(ValueError):
    """A record is invalid; lists all its problems."""

    def __init__(self, *messages: str) -> None:
        super().__init__("; ".join(messages))
        self.messages = messages


class Faults(list[str]):
    """Collector of the problems of a record; parsing continues after each."""

    def within(self, where: str) -> _Within:
        """Collect the problems of a block under the name of a field."""
        return _Within(self, where)

    def settle(self) -> None:
        """Raise the collected problems.

        Raises:
            RecordError: If there is any problem; lists all of them.
        """
        if self:
            raise RecordError(*self)


class _Within:
    """Block of ``Faults.within``; as a class it costs a third of a generator's time."""

    __slots__ = ("faults", "where")

    def __init__(self, faults: Faults, where: str) -> None:
        self.faults = faults
        self.where = where

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> bool:
        if not isinstance(error, RecordError):
            return False
        self.faults += [f"{self.where}: {message}" for message in error.messages]
        return True


def object_of(value: object, known: Collection[str], faults: Faults) -> dict[str, object]:
    """Return a JSON object; unknown keys are recorded as problems and dropped.

    Raises:
        RecordError: If it is no object.
    """
    if not isinstance(value, dict):
        raise RecordError(f"expected an object, got {short_repr(value)}")
    for key in value:
        if key not in known:
            faults.append(f"unknown key {short_repr(key)}; {nearest(str(key)[:40], known)}")
    return {key: item for key, item in value.items() if key in known}


def required(fields: dict[str, object], key: str) -> object:
    """Return the value of a mandatory key."""
    if key not in fields:
        raise RecordError("missing")
    return fields[key]


def string_of(value: object) -> str:
    """Return a string, with any characters."""
    if not isinstance(value, str):
        raise RecordError(f"expected a string, got {short_repr(value)}")
    return value


def text_of(value: object) -> str:
    """Return a string that is valid UTF-8 without null characters."""
    value = string_of(value)
    if value.isprintable():  # most texts: nothing to doubt
        return value
    if "\0" in value:
        raise RecordError("contains a null character")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise RecordError(f"is not valid Unicode at character {error.start}") from None
    return value


def name_of(value: object, *, strict: bool = True) -> str:
    """Return a string that is not blank; unless ``strict``, with any characters."""
    name = text_of(value) if strict else string_of(value)
    if not name.strip():
        raise RecordError("expected a name, got a blank")
    return name


def id_of(value: object, *, strict: bool = True) -> str:
    """Return an id: a name, or an integer converted to a string."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return name_of(value, strict=strict)


def integer_of(value: object) -> int:
    """Return an integer; booleans are rejected."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise RecordError(f"expected a whole number, got {short_repr(value)}")
    return value


def number_of(value: object, *, finite: bool = True) -> float:
    """Return a number, by default a finite one; booleans are rejected."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise RecordError(f"expected a number, got {short_repr(value)}")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if finite and not math.isfinite(number):
        raise RecordError(f"expected a finite number, got {short_repr(value)}")
    return number


def score_of(value: object) -> float:
    """Return a confidence from 0 to 1."""
    score = number_of(value)
    if not 0 <= score <= 1:
        raise RecordError(f"expected a number from 0 to 1, got {short_repr(value)}")
    return score


def list_of(value: object) -> list[object]:
    """Return a list; Python literals may use a tuple."""
    if not isinstance(value, (list, tuple)):
        raise RecordError(f"expected a list, got {short_repr(value)}")
    return list(value)


def items_of(fields: dict[str, object], key: str, faults: Faults) -> list[object]:
    """Return the list of a key; empty if it is absent or, recorded as a problem, not a list."""
    try:
        return list_of(fields.get(key, []))
    except RecordError as error:
        faults.append(f"{key}: {error}")
        return []


def checked_words(value: object) -> tuple[str, ...]:
    """Return a list of non-empty words."""
    faults, words = Faults(), []
    for index, item in enumerate(list_of(value)):
        if isinstance(item, str) and item and item.isprintable():  # most words: nothing to doubt
            words.append(item)
            continue
        with faults.within(f"word {index}"):
            words.append(text_of(item))
            if not item:
                raise RecordError("is empty")
    faults.settle()
    return tuple(words)


def strings_of(value: object) -> tuple[str, ...]:
    """Return a list of strings, with any characters."""
    faults, strings = Faults(), []
    for index, item in enumerate(list_of(value)):
        with faults.within(f"word {index}"):
            strings.append(string_of(item))
    faults.settle()
    return tuple(strings)


def span_of(start: object, end: object, length: int | None, unit: str) -> tuple[int, int]:
    """Return a non-empty half-open span of units, within ``length`` if that is known."""
    first, last = integer_of(start), integer_of(end)
    if first < 0 or first >= last:
        raise RecordError(f"{unit}s {first} to {last} are not a span: expected 0 <= start < end")
    if length is not None and last > length:
        raise RecordError(f"ends at {unit} {last}, but the text has {length} {unit}s")
    return first, last
