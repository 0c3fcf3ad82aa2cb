"""Parquet tables of a graph on disk; the columns are those of ``jmere.knowledge.schema``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from jmere.errors import require
from jmere.knowledge.disk.disk_order import node_ranges
from jmere.knowledge.disk.disk_stream import DiskStream
from jmere.knowledge.disk.disk_tables import EVIDENCE
from jmere.knowledge.parquet import GROUP, parquet_cells, parquet_schema
from jmere.knowledge.schema import (
    EDGE_COLUMNS,
    EVIDENCE_COLUMNS,
    NODE_COLUMNS,
    Column,
    node_row,
)


def write_disk_parquet(graph: DiskStream, folder: Path) -> None:
    """Write the three tables into a folder."""
    _write(folder / "nodes.parquet", NODE_COLUMNS, _nodes(graph))
    _write(folder / "edges.parquet", EDGE_COLUMNS, _edges(graph))
    _write(folder / "evidence.parquet", EVIDENCE_COLUMNS, _evidence(graph))


def _write(path: Path, columns: Sequence[Column], tables: Iterator[Any]) -> None:
    files: Any = require("pyarrow.parquet", "tables", "writing Parquet")
    schema = parquet_schema(columns)
    with files.ParquetWriter(path, schema) as writer:
        for table in _groups(tables):
            writer.write_table(table.cast(schema).combine_chunks())


def _groups(tables: Iterator[Any]) -> Iterator[Any]:
    """Yield tables of the rows that a group of a graph in memory has."""
    arrow: Any = require("pyarrow", "large", "a graph larger than memory")
    waiting: list[Any] = []
    count = 0
    for table in tables:
        waiting.append(table)
        count += len(table)
        while count >= GROUP:
            joined = arrow.concat_tables(waiting)
            yield joined.slice(0, GROUP)
            waiting, count = [joined.slice(GROUP)], count - GROUP
    if count:
        yield arrow.concat_tables(waiting)


def _nodes(graph: DiskStream) -> Iterator[Any]:
    """Store the nodes of several names as rows, so that the database sorts them in."""
    arrow: Any = require("pyarrow", "large", "a graph larger than memory")
    schema = parquet_schema(NODE_COLUMNS)
    batch: list[dict[str, object]] = []
    graph.connection.execute(
        "CREATE TABLE node_row (id VARCHAR, type VARCHAR, label VARCHAR, names VARCHAR[], "
        "name_counts BIGINT[], mentions BIGINT, same_as VARCHAR[], merged VARCHAR)"
    )

    def store() -> None:
        table = arrow.table(parquet_cells(batch, NODE_COLUMNS), schema=schema)
        graph.connection.register("batch", table)
        graph.connection.execute("INSERT INTO node_row SELECT * FROM batch")
        graph.connection.unregister("batch")
        batch.clear()

    for node in graph.iter_merged_nodes():
        batch.append(node_row(node))
        if len(batch) >= 1_000:
            store()
    store()
    graph.connection.execute(
        """
        INSERT INTO node_row SELECT node, kind, forms[1].form,
            LIST_TRANSFORM(forms, LAMBDA it: it.form), LIST_TRANSFORM(forms, LAMBDA it: it.count),
            mentions, [], '[]' FROM single
        """
    )
    graph.connection.execute("CREATE TABLE node_sorted AS SELECT * FROM node_row ORDER BY id")
    yield from _parts(graph, "*", "node_sorted", "id")


def _edges(graph: DiskStream) -> Iterator[Any]:
    times = ", ".join(f"{_time(name)} AS {name}" for name in ("first_time", "last_time"))
    names = "head, relation, tail, count, texts, authors, score, pooled_score"
    yield from _parts(graph, f"{names}, {times}", "edge", "head")


def _evidence(graph: DiskStream) -> Iterator[Any]:
    own = ", ".join(f"{_time(name)} AS time" if name == "time" else name for name in EVIDENCE)
    yield from _parts(graph, f"head, relation, tail, {own}", "evidence", "head")
    ends = "node AS head, NULL::VARCHAR AS relation, NULL::VARCHAR AS tail"
    yield from _parts(graph, f"{ends}, {own}", "sole", "node")


def _parts(graph: DiskStream, wanted: str, table: str, column: str) -> Iterator[Any]:
    query = f"SELECT {wanted} FROM {table} WHERE {column} BETWEEN $1 AND $2 ORDER BY rowid"
    for first, last in node_ranges(graph.connection, table, column, rows=GROUP):
        yield graph.connection.sql(query, params=[first, last]).to_arrow_table()


def _time(name: str) -> str:
    return f"RTRIM({name}, 'Z')::TIMESTAMP AT TIME ZONE 'UTC'"
