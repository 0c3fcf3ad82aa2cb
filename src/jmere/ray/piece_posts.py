"""The posts of a piece of a file, with the problems of those that are left out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jmere.data.jsonl import parsed_lines
from jmere.data.readers.lines import lines_between, report_faults
from jmere.data.tables.columns import Columns
from jmere.data.tables.parquet_files import opened_parquet, parquet_rows_between
from jmere.data.tables.rows import row_post
from jmere.errors import DataError, OnProblem, Problem
from jmere.files.inputs import unpacked
from jmere.ray.file_pieces import PARQUET, Piece
from jmere.ray.places import opened_file
from jmere.records import Post


def read_piece(
    piece: Piece,
    *,
    form: str,
    columns: Columns,
    on_problem: OnProblem,
    content: bytes | None = None,
) -> Iterator[Post]:
    """Yield the posts of a piece.

    Args:
        piece: The piece.
        form: Format of its file.
        columns: The columns of a table, and those to copy.
        on_problem: Called for every problem; the line or row is then left out.
        content: What the file holds, where only another process has it.

    Raises:
        DataError: If the file is damaged.
    """
    read = _rows if form == PARQUET else _lines
    yield from read(piece, columns, on_problem, content)


def _lines(
    piece: Piece, columns: Columns, on_problem: OnProblem, content: bytes | None
) -> Iterator[Post]:
    with opened_file(piece.file, content) as raw:
        stream = unpacked(raw, piece.file) if piece.stop is None else raw
        lines = lines_between(stream, piece.start, piece.stop, path=piece.file)
        for line in parsed_lines(lines, gold=False, keep=columns.keep):
            if piece.start:  # nobody has counted the lines before
                for fault in line.faults:
                    where = f"{piece.file}: line at byte {line.number}"
                    on_problem(Problem(where, None, fault))
            else:
                report_faults(piece.file, line.number, line.faults, on_problem)
            if not line.faults:
                yield line.post


def _rows(
    piece: Piece, columns: Columns, on_problem: OnProblem, content: bytes | None
) -> Iterator[Post]:
    assert piece.stop is not None
    fields = columns_of(piece.file, columns, content)[0]
    needed = list(dict.fromkeys([*fields.values(), *columns.keep]))
    with opened_file(piece.file, content) as stream:
        rows = parquet_rows_between(stream, needed, piece.start, piece.stop, path=piece.file)
        for number, row in rows:
            post, faults = row_post(row, fields, columns.keep, number=number, gold=False)
            report_faults(piece.file, number, faults, on_problem)
            if not faults:
                yield post


def columns_of(
    file: str, columns: Columns, content: bytes | None = None
) -> tuple[dict[str, str], dict[str, type]]:
    """Return the column of each field of a Parquet file, and the classes of kept columns.

    Raises:
        DataError: If it is damaged, or lacks a column.
    """
    with opened_file(file, content) as stream:
        schema = opened_parquet(stream, file).schema_arrow
    try:
        fields = columns.found([str(name) for name in schema.names])
    except ValueError as error:
        raise DataError(Problem(file, None, str(error))) from None
    return fields, {name: class_of(schema.field(name).type) for name in columns.keep}


def class_of(kind: Any) -> type:
    """Return the class of the values of a column, by its Arrow type."""
    from pyarrow import types

    if types.is_boolean(kind):
        return bool
    if types.is_integer(kind):
        return int
    return float if types.is_floating(kind) else str
