"""Knowledge graphs as Parquet: ``nodes.parquet``, ``edges.parquet`` and ``evidence.parquet``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from jmere.errors import require
from jmere.knowledge.graph import KnowledgeGraph
from jmere.knowledge.names import clean
from jmere.knowledge.schema import (
    EDGE_COLUMNS,
    EVIDENCE_COLUMNS,
    NODE_COLUMNS,
    Column,
    TableRow,
    edge_row,
    evidence_rows,
    node_row,
)

_ROWS = 10_000
"""Rows that are in memory at a time."""


def write_graph_parquet(graph: KnowledgeGraph, folder: Path) -> None:
    """Write the three tables of the schema into a folder."""
    for name, columns, rows in (
        ("nodes", NODE_COLUMNS, map(node_row, graph.nodes)),
        ("edges", EDGE_COLUMNS, map(edge_row, graph.edges)),
        ("evidence", EVIDENCE_COLUMNS, evidence_rows(graph)),
    ):
        _write(folder / f"{name}.parquet", columns, rows)


def _write(path: Path, columns: Iterable[Column], rows: Iterable[TableRow]) -> None:
    pyarrow: Any = require("pyarrow", "tables", "writing Parquet")
    files: Any = require("pyarrow.parquet", "tables", "writing Parquet")
    types = {
        "text": pyarrow.string(),
        "texts": pyarrow.list_(pyarrow.string()),
        "integer": pyarrow.int64(),
        "integers": pyarrow.list_(pyarrow.int64()),
        "number": pyarrow.float64(),
        "numbers": pyarrow.list_(pyarrow.float64()),
        "time": pyarrow.timestamp("s", tz="UTC"),
        "merges": pyarrow.string(),
    }
    columns = list(columns)
    schema = pyarrow.schema(
        [
            pyarrow.field(name, types[kind], metadata={"description": meaning})
            for name, kind, meaning in columns
        ],
        metadata={"schema_version": "1"},
    )
    with files.ParquetWriter(path, schema) as writer:
        for batch in _batches(rows):
            cells = {
                column.name: [_cell(row[column.name], column) for row in batch]
                for column in columns
            }
            writer.write_table(pyarrow.table(cells, schema=schema))


def _batches(rows: Iterable[TableRow]) -> Iterator[list[TableRow]]:
    source = iter(rows)
    while batch := list(islice(source, _ROWS)):
        yield batch


def _cell(value: Any, column: Column) -> object:
    if value is None:
        return None
    if column.type == "text":
        return clean(value)
    if column.type == "texts":
        return [clean(item) for item in value]
    if column.type == "time":
        return datetime.fromisoformat(value.replace("Z", "+00:00"))
    if column.type == "merges":
        return clean(json.dumps(value, ensure_ascii=False))
    return list(value) if column.type in ("integers", "numbers") else value
