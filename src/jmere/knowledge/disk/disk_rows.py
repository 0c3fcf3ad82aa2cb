"""Rows of the database in order, as batches of Arrow that are in memory one at a time."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Any

from jmere.knowledge.disk.disk_columns import arrow_module, one_batch

_ROWS = 8_192
"""Rows of a batch."""

_MAX_BYTES = 1 << 26
"""Bytes of a batch of several rows, so that the texts that are composed of it stay below 2 GB."""


class OrderedRows:
    """Rows of a query that are sorted by a column, read once from the first to the last.

    Example:
        >>> import duckdb
        >>> rows = OrderedRows(duckdb.connect(), "SELECT i FROM RANGE(9) AS t(i)", "i")
        >>> [len(rows.until(last)) for last in (-1, 3, 20)]
        [0, 4, 5]
    """

    def __init__(self, connection: Any, query: str, column: str, *values: object) -> None:
        self._cursor = connection.cursor()
        self._reader = self._cursor.sql(query, params=list(values)).to_arrow_reader(_ROWS)
        self._batches = _small(self._reader)
        self._column = column
        self._waiting = arrow_module().record_batch(
            [arrow_module().nulls(0, field.type) for field in self._reader.schema],
            schema=self._reader.schema,
        )

    def __iter__(self) -> Iterator[Any]:
        """Yield the rows in batches."""
        yield from self._batches

    def groups(self) -> Iterator[Any]:
        """Yield the rows in batches, those with the same value in one."""
        for batch in self._batches:
            self._put(batch)
            column = self._waiting.column(self._column)
            spot = bisect_left(column, column[-1].as_py(), key=_value)
            if spot:
                yield self._take(spot)
        if len(self._waiting):
            yield self._take(len(self._waiting))

    def until(self, value: Any) -> Any:
        """Return the next rows whose values are at most this one; there may be none."""
        while not len(self._waiting) or self._waiting.column(self._column)[-1].as_py() <= value:
            batch = next(self._batches, None)
            if batch is None:
                break
            self._put(batch)
        return self._take(bisect_right(self._waiting.column(self._column), value, key=_value))

    def _put(self, batch: Any) -> None:
        waiting = [each for each in (self._waiting, batch) if len(each)]
        self._waiting = one_batch(waiting) if len(waiting) > 1 else waiting[0]

    def _take(self, count: int) -> Any:
        taken, self._waiting = self._waiting.slice(0, count), self._waiting.slice(count)
        return taken


def _small(batches: Iterator[Any]) -> Iterator[Any]:
    """Yield batches that are not empty, in parts where they are large."""
    for batch in batches:
        if batch.nbytes > _MAX_BYTES and len(batch) > 1:
            half = len(batch) // 2
            yield from _small(iter((batch.slice(0, half), batch.slice(half))))
        elif len(batch):
            yield batch


def _value(scalar: Any) -> Any:
    return scalar.as_py()
