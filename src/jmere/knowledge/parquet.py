"""Knowledge graphs as Parquet: ``nodes.parquet``, ``edges.parquet`` and ``evidence.parquet``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from jmere.errors import require
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
from jmere.knowledge.streams import GraphStream

GROUP = 10_000
"""Rows that are in memory at a time."""


def write_graph_parquet(graph: GraphStream, folder: Path) -> None:
    """Write the three tables of the schema into a folder."""
    for name, columns, rows in (
        ("nodes", NODE_COLUMNS, map(node_row, graph.iter_nodes())),
        ("edges", EDGE_COLUMNS, map(edge_row, graph.iter_edges())),
        ("evidence", EVIDENCE_COLUMNS, evidence_rows(graph)),
    ):
        _write(folder / f"{name}.parquet", columns, rows)


def _write(path: Path, columns: Iterable[Column], rows: Iterable[TableRow]) -> None:
    pyarrow: Any = require("pyarrow", "tables", "writing Parquet")
    files: Any = require("pyarrow.parquet", "tables", "writing Parquet")
    columns = list(columns)
    schema = parquet_schema(columns)
    with files.ParquetWriter(path, schema) as writer:
        for batch in _batches(rows):
            writer.write_table(pyarrow.table(parquet_cells(batch, columns), schema=schema))


def parquet_cells(rows: Sequence[TableRow], columns: Iterable[Column]) -> dict[str, list[object]]:
    """Return rows by column, with the values that Parquet holds."""
    return {column.name: [_cell(row[column.name], column) for row in rows] for column in columns}


def parquet_schema(columns: Iterable[Column]) -> Any:
    """Return the Arrow schema of columns, with their meanings."""
    pyarrow: Any = require("pyarrow", "tables", "writing Parquet")
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
    return pyarrow.schema(
        [
            pyarrow.field(name, types[kind], metadata={"description": meaning})
            for name, kind, meaning in columns
        ],
        metadata={"schema_version": "1"},
    )


def _batches(rows: Iterable[TableRow]) -> Iterator[list[TableRow]]:
    source = iter(rows)
    while batch := list(islice(source, GROUP)):
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
