"""Parquet tables of a graph on disk; the columns are those of ``jmere.knowledge.schema``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from jmere.errors import require
from jmere.knowledge.disk.disk_columns import arrow_column, arrow_module, number_column
from jmere.knowledge.disk.disk_parts import NodePart, node_parts
from jmere.knowledge.disk.disk_rows import OrderedRows
from jmere.knowledge.disk.disk_stream import DiskStream
from jmere.knowledge.disk.disk_tables import EVIDENCE
from jmere.knowledge.graph import Node
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
    arrow: Any = arrow_module()
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
    """Yield nodes of one name from columns, with those of several among them."""
    arrow: Any = arrow_module()
    merged = graph.iter_merged_nodes()
    node = next(merged, None)
    for part in node_parts(graph.connection):
        last = part.nodes.column("node")[-1].as_py()
        among = list[Node]()
        while node is not None and node.id < last:
            among.append(node)
            node = next(merged, None)
        tables = [_singles(part), _several(among)]
        yield arrow.concat_tables(tables).sort_by("id") if among else tables[0]
    rest = [] if node is None else [node, *merged]
    for start in range(0, len(rest), GROUP):
        yield _several(rest[start : start + GROUP])


def _singles(part: NodePart) -> Any:
    arrow: Any = arrow_module()
    count, owners = part.members.total, part.members.owners
    ends = number_column(np.searchsorted(owners, np.arange(count + 1)).astype(np.int32))
    columns = {
        "id": part.nodes.column("node"),
        "type": part.nodes.column("kind"),
        "label": part.nodes.column("form"),
        "names": arrow.ListArray.from_arrays(ends, part.forms.column("form")),
        "name_counts": arrow.ListArray.from_arrays(ends, part.forms.column("mentions")),
        "mentions": part.mentions,
        "same_as": arrow_column([[]] * count, arrow.list_(arrow.string())),
        "merged": arrow_column(["[]"] * count, arrow.string()),
    }
    return arrow.table(columns).cast(parquet_schema(NODE_COLUMNS))


def _several(nodes: Sequence[Node]) -> Any:
    cells = parquet_cells([node_row(node) for node in nodes], NODE_COLUMNS)
    schema = parquet_schema(NODE_COLUMNS)
    columns = [arrow_column(cells[field.name], field.type) for field in schema]
    return arrow_module().table(columns, schema=schema)


def _edges(graph: DiskStream) -> Iterator[Any]:
    times = ", ".join(f"{_time(name)} AS {name}" for name in ("first_time", "last_time"))
    names = "head, relation, tail, count, texts, authors, score, pooled_score"
    yield from _rows(graph, f"SELECT {names}, {times} FROM edge")


def _evidence(graph: DiskStream) -> Iterator[Any]:
    own = ", ".join(f"{_time(name)} AS time" if name == "time" else name for name in EVIDENCE)
    yield from _rows(graph, f"SELECT head, relation, tail, {own} FROM evidence")
    ends = "node AS head, NULL::VARCHAR AS relation, NULL::VARCHAR AS tail"
    yield from _rows(graph, f"SELECT {ends}, {own} FROM sole")


def _rows(graph: DiskStream, query: str) -> Iterator[Any]:
    for batch in OrderedRows(graph.connection, query, "head"):
        yield arrow_module().Table.from_batches([batch])


def _time(name: str) -> str:
    return f"RTRIM({name}, 'Z')::TIMESTAMP AT TIME ZONE 'UTC'"
