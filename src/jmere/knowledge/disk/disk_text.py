"""Texts that the database composes, written as the bytes they have in Arrow's columns.

No text of a single row is made in Python.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from jmere.knowledge.disk.disk_order import node_ranges


class TextRows(NamedTuple):
    """Texts of some rows, with the values that these are sorted by."""

    keys: Any
    """Column of Arrow."""
    texts: Any
    """Column of Arrow."""

    def part(self, first: int, last: int) -> memoryview:
        """Return the bytes of the texts from one row up to another."""
        _, offsets, data = self.texts.buffers()
        if data is None:
            return memoryview(b"")
        is_large = str(self.texts.type).startswith("large")
        ends = memoryview(offsets).cast("q") if is_large else memoryview(offsets).cast("i")
        start = self.texts.offset
        return memoryview(data)[ends[start + first] : ends[start + last]]


def text_rows(connection: Any, query: str, table: str, column: str) -> Iterator[TextRows]:
    """Yield the rows of a query in parts that ``node_ranges`` makes.

    Args:
        connection: The database.
        query: Selects key and text of the rows between ``$1`` and ``$2``, in order.
        table: What is sorted by the column.
        column: Column of the table.
    """
    for first, last in node_ranges(connection, table, column):
        found = connection.sql(query, params=[first, last]).to_arrow_table()
        for batch in found.to_batches():
            yield TextRows(*batch.columns)


def all_texts(connection: Any, query: str, table: str, column: str) -> Iterator[memoryview]:
    """Yield the texts of all rows; see ``text_rows``."""
    for rows in text_rows(connection, query, table, column):
        yield rows.part(0, len(rows.keys))


def interleaved(
    parts: Iterable[TextRows], others: Iterator[tuple[str, str]]
) -> Iterator[memoryview | bytes]:
    """Yield the texts of rows with other texts among them, in the order of their keys."""
    key, text = next(others, (None, ""))
    for rows in parts:
        count, start = len(rows.keys), 0
        last = rows.keys[-1].as_py() if count else ""
        keys = rows.keys.to_pylist() if key is not None and key < last else []
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
