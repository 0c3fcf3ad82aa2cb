"""Files of tables, by their suffix: ``.csv``, ``.tsv``, ``.parquet``."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePath
from typing import IO, Any

from jmere.data.readers.lines import report_faults
from jmere.data.tables.columns import Columns
from jmere.data.tables.csv_files import csv_rows, write_csv
from jmere.data.tables.parquet_files import parquet_columns, parquet_rows, write_parquet
from jmere.data.tables.rows import (
    POST_COLUMNS,
    QUINTUPLE_COLUMNS,
    RESULT_COLUMNS,
    RowKind,
    row_post,
    table_rows,
)
from jmere.errors import DataError, OnProblem, Problem, refuse
from jmere.files.whole import written_whole
from jmere.records import Extraction, Post

CSV, TSV, PARQUET = ".csv", ".tsv", ".parquet"
TABLE_SUFFIXES = (CSV, TSV, PARQUET)
"""Suffixes of tables."""

_ALL = Columns()


def is_table(path: str | Path) -> bool:
    """Return whether a file is a table, by its suffix; CSV and TSV may be gzip-compressed.

    Example:
        >>> is_table("posts.tsv.gz"), is_table("posts.jsonl")
        (True, False)
    """
    return _suffix(path) in TABLE_SUFFIXES


def read_table(
    path: str | Path,
    *,
    columns: Columns = _ALL,
    gold: bool = False,
    suffix: str | None = None,
    on_problem: OnProblem = refuse,
) -> Iterator[Post]:
    r"""Read the posts of a table, one for each row.

    Ids may be of any type; without a column of ids, rows are called ``row-1``, ``row-2``, ...
    Cells of ``tokens``, ``scene_graph``, ``quintuples`` and ``entities`` are JSON or, in Parquet,
    lists and structs.

    Args:
        path: The file.
        columns: The columns of the fields, and those to copy.
        gold: Whether the posts are annotated; see ``read_posts``.
        suffix: The form of the file; by default the suffix of ``path``.
        on_problem: Called for every problem; the row is then skipped.

    Raises:
        FileNotFoundError: If the file does not exist.
        DataError: If it is damaged or lacks a column; at the first bad row, unless
            ``on_problem`` continues.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "posts.csv"
        >>> _ = path.write_text("tweet_id,tweet,likes\n17,Bonn wins,3\n")
        >>> columns = Columns.parse("text=tweet,id=tweet_id", keep="likes")
        >>> [(post.id, post.text, dict(post.kept)) for post in read_table(path, columns=columns)]
        [('17', 'Bonn wins', {'likes': '3'})]
    """
    rows = _rows(path, suffix or _suffix(path), columns)
    fields = next(rows)[1]
    for index, (line, row) in enumerate(rows, start=1):
        if row is None:
            report_faults(path, line, ["another number of cells than the header"], on_problem)
            continue
        post, faults = row_post(row, fields, columns.keep, number=index, gold=gold)
        report_faults(path, line, faults, on_problem)
        if not faults:
            yield post


def write_table(
    path: str | Path,
    records: Iterable[Post | Extraction],
    *,
    kind: RowKind = RowKind.POST,
    suffix: str | None = None,
) -> int:
    """Write posts or results as a table, atomically; return the number of rows.

    Args:
        path: The file.
        records: Posts or results.
        kind: What a row stands for: a post, or a quintuple.
        suffix: The form of the file; by default the suffix of ``path``.

    Raises:
        MissingExtraError: If Parquet is wanted and pyarrow is not installed.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "posts.csv"
        >>> write_table(path, [Post("Bonn wins", id="1")])
        1
        >>> [post.text for post in read_table(path)]
        ['Bonn wins']
    """
    form = suffix or _suffix(path)
    with tempfile.TemporaryFile("w+", encoding="utf-8") as spool:
        kinds = _spooled(records, kind, spool)
        spool.seek(0)
        rows = map(json.loads, spool)
        with written_whole(path, binary=form == PARQUET) as stream:
            if form == PARQUET:
                return write_parquet(stream, kinds, _retyped(rows, kinds))
            return write_csv(stream, list(kinds), rows, tabs=form == TSV)


def write_parquet_results(
    stream: IO[bytes],
    results: Iterable[Extraction],
    *,
    kind: RowKind = RowKind.POST,
    kept: Mapping[str, type] | None = None,
) -> int:
    """Write results to an open stream as Parquet; return the number of rows.

    Args:
        stream: Where the bytes go.
        results: The results.
        kind: What a row stands for: a post, or a quintuple.
        kept: Kept columns that are there even where no result has a value, with their classes.

    Raises:
        MissingExtraError: If pyarrow is not installed.
    """
    with tempfile.TemporaryFile("w+", encoding="utf-8") as spool:
        kinds = _spooled(results, kind, spool, kept or {})
        spool.seek(0)
        return write_parquet(stream, kinds, _retyped(map(json.loads, spool), kinds))


def _spooled(
    records: Iterable[Post | Extraction],
    kind: RowKind,
    spool: IO[str],
    kept: Mapping[str, type] | None = None,
) -> dict[str, type | None]:
    """Write rows as JSON lines; return the columns, kept ones with their class."""
    kinds: dict[str, type | None] = {}
    for record in records:
        if not kinds:
            posts = POST_COLUMNS if isinstance(record, Post) else RESULT_COLUMNS
            kinds = dict.fromkeys(posts if kind is RowKind.POST else QUINTUPLE_COLUMNS)
            fixed = tuple(kinds)
            kinds |= kept_kinds(fixed, kept or {})
        for row in table_rows([record], kind):
            spool.write(json.dumps(row) + "\n")
            for name in [name for name in row if name not in fixed]:
                kinds[name] = _wider(kinds.get(name), type(row[name]))
    if not kinds:
        columns = RESULT_COLUMNS if kind is RowKind.POST else QUINTUPLE_COLUMNS
        kinds = {**dict.fromkeys(columns), **kept_kinds(columns, kept or {})}
    return kinds


def kept_kinds(columns: Sequence[str], kept: Mapping[str, type]) -> dict[str, type | None]:
    """Return kept columns as they are named beside columns of ours."""
    return {f"{name}_kept" if name in columns else name: kind for name, kind in kept.items()}


def _wider(known: type | None, kind: type) -> type:
    if known is None or known is kind:
        return kind
    return float if {known, kind} == {int, float} else str


def _retyped(
    rows: Iterable[dict[str, Any]], kinds: dict[str, type | None]
) -> Iterator[dict[str, Any]]:
    kept = {name: kind for name, kind in kinds.items() if kind is not None}
    for row in rows:
        for name, kind in kept.items():
            if row.get(name) is not None:
                row[name] = kind(row[name])
        yield row


def _rows(path: str | Path, form: str, columns: Columns) -> Iterator[tuple[int, Any]]:
    """Yield the columns of the fields, then the rows."""
    try:
        if form == PARQUET:
            fields = columns.found(parquet_columns(path))
            yield 0, fields
            needed = list(dict.fromkeys([*fields.values(), *columns.keep]))
            yield from parquet_rows(path, needed)
            return
        rows = csv_rows(path, tabs=form == TSV)
        _, header = next(rows, (0, None))
        yield 0, columns.found(list(header or ()))
    except DataError:
        raise
    except ValueError as error:
        raise DataError(Problem(str(path), None, str(error))) from None
    yield from rows


def _suffix(path: str | Path) -> str:
    name = PurePath(path).name.lower().removesuffix(".gz")
    return PurePath(name).suffix
