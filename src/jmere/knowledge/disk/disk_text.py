"""Texts composed from columns of Arrow, many rows at a time.

No text of a single row is made in Python.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np

from jmere.knowledge.disk.disk_columns import (
    arrow_module,
    constant,
    number_column,
    numbers_of,
    picked,
)

TextParts = list[Any]
"""What a text is made of: constants, and columns of texts."""


def joined(parts: TextParts, *, absent: bool = False) -> Any:
    """Return the text of each row as a column; without any column, one constant.

    Args:
        parts: Constants and columns; what is null in them is empty.
        absent: Whether a text is null where a part is.

    Example:
        >>> joined(["<", "urn:", ">"])
        '<urn:>'
    """
    pieces: TextParts = []
    for is_fixed, some in groupby(parts, lambda part: isinstance(part, str)):
        own = list(some)
        pieces += ["".join(own)] if is_fixed else own
    if all(isinstance(piece, str) for piece in pieces):
        return "".join(pieces)
    pieces = [constant(piece) if isinstance(piece, str) else piece for piece in pieces]
    rule = {"null_handling": "emit_null" if absent else "replace", "null_replacement": ""}
    join = arrow_module("pyarrow.compute").binary_join_element_wise
    return join(*pieces, constant(""), **rule)


def taken(parts: TextParts, rows: Any) -> TextParts:
    """Return the parts of some rows, by their numbers."""
    return [part if isinstance(part, str) else picked(part, rows) for part in parts]


def escaped(column: Any, *pairs: tuple[str, str]) -> Any:
    """Return texts in which each first of a pair is replaced by the second."""
    compute = arrow_module("pyarrow.compute")
    for old, new in pairs:
        if compute.any(compute.match_substring(column, old)).as_py():
            column = compute.replace_substring(column, old, new)
    return column


class Members(NamedTuple):
    """Rows that belong to other rows, in the order of these."""

    owners: Any
    """Number of the row that each belongs to, as an array of NumPy."""
    total: int
    """Number of owners."""

    @property
    def is_first(self) -> Any:
        """Return which rows are the first of their owner."""
        return changes(self.owners)

    def some(self, mask: Any) -> Members:
        """Return the rows of a mask."""
        return Members(self.owners[mask], self.total)

    def texts(self, parts: TextParts, *, between: str = "") -> Any:
        """Return the text of each owner: those of its rows, one after the other."""
        arrow = arrow_module()
        if not len(self.owners):
            return ""
        if between:
            ends = constant(""), constant(between)
            parts = [chosen(self.is_first, *ends), *parts]
        _, ends, data = joined(parts).buffers()
        spots = np.searchsorted(self.owners, np.arange(self.total + 1))
        own = np.frombuffer(ends, np.int32)[spots]
        return arrow.Array.from_buffers(
            arrow.string(), self.total, [None, arrow.py_buffer(own), data]
        )


def changes(*columns: Any) -> Any:
    """Return where a row differs from the one before, as a mask; the first row does."""
    mask = np.ones(len(columns[0]), bool)
    mask[1:] = np.any([column[1:] != column[:-1] for column in columns], axis=0)
    return mask


def codes(column: Any) -> Any:
    """Return an integer for each text, equal for equal texts, as an array of NumPy."""
    return numbers_of(column.dictionary_encode().indices)


def chosen(mask: Any, one: Any, other: Any) -> Any:
    """Return a column of one value or the other, by a mask of NumPy; each is a column or scalar."""
    return arrow_module("pyarrow.compute").if_else(number_column(mask), one, other)


class TextRows(NamedTuple):
    """Texts of some rows, with the values that these are sorted by."""

    keys: Any
    """Column of Arrow."""
    texts: Any
    """Column of Arrow."""

    def part(self, first: int, last: int) -> memoryview:
        """Return the bytes of the texts from one row up to another."""
        return text_bytes(self.texts, first, last)


def text_bytes(texts: Any, first: int, last: int) -> memoryview:
    """Return the bytes of the texts from one row up to another."""
    _, offsets, data = texts.buffers()
    if data is None or first == last:
        return memoryview(b"")
    ends = memoryview(offsets).cast("i")
    return memoryview(data)[ends[texts.offset + first] : ends[texts.offset + last]]


def interleaved(
    parts: Iterable[TextRows], others: Iterator[tuple[str, str]]
) -> Iterator[memoryview | bytes]:
    """Yield the texts of rows with other texts among them, in the order of their keys."""
    key, text = next(others, (None, ""))
    for rows in parts:
        count, start = len(rows.keys), 0
        last = rows.keys[-1].as_py() if count else ""
        keys: Sequence[str] = rows.keys.to_pylist() if key is not None and key < last else []
        while key is not None and key < last:
            spot = bisect_left(keys, key, start)
            yield rows.part(start, spot)
            yield text.encode()
            start = spot
            key, text = next(others, (None, ""))
        yield rows.part(start, count)
    if key is not None:
        yield text.encode()
        yield from (text.encode() for _, text in others)
