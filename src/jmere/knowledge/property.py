"""Property graphs: those of networkx, and CSV files for Neo4j's import.

Lists (other names, evidence) are JSON texts where the format has no lists.

CSV cells are written unchanged, also those that begin with ``=``, ``+``, ``-`` or ``@``: Neo4j's
import would keep an escaping apostrophe. Do not open these files in a spreadsheet, which would
evaluate such cells.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from jmere.errors import require
from jmere.files.whole import written_whole
from jmere.knowledge.graph import Edge, Evidence, KnowledgeGraph, Node
from jmere.knowledge.names import clean
from jmere.knowledge.schema import TableRow, edge_row, evidence_records, node_row
from jmere.knowledge.streams import GraphStream

NODES, RELATIONSHIPS = "nodes.csv", "relationships.csv"
"""File names that ``neo4j-admin database import full`` reads."""

ARRAY_DELIMITER = "\x1f"
"""Separator of list items; cleaned names never contain it. Pass the import
``--array-delimiter=U+001F``.
"""


def to_networkx(graph: KnowledgeGraph) -> Any:
    """Build a ``networkx.MultiDiGraph`` with GraphML attributes.

    Edge keys are unique in the whole graph: they become GraphML ids, and Gephi and yEd drop
    duplicates.
    """
    networkx = require("networkx", "graph", "a property graph")
    made = networkx.MultiDiGraph()
    for node in graph.nodes:
        made.add_node(node.id, **node_attributes(node))
    for number, edge in enumerate(graph.edges):
        made.add_edge(edge.head, edge.tail, key=f"e{number}", **edge_attributes(edge))
    return made


def node_attributes(node: Node) -> TableRow:
    """Return the attributes of a node that GraphML has."""
    row = node_row(node)
    return {
        "label": clean(node.label),
        "type": clean(node.type),
        "names": _json(node.names),
        "name_counts": _json(row["name_counts"]),
        "mentions": node.mentions,
        "same_as": _json(node.same_as),
        "merged": _json(row["merged"]),
    }


def edge_attributes(edge: Edge) -> TableRow:
    """Return the attributes of an edge that GraphML has."""
    row = {key: value for key, value in edge_row(edge).items() if value is not None}
    own = {key: row[key] for key in row if key not in ("head", "relation", "tail")}
    return {"label": clean(edge.relation), "evidence": evidence_json(edge.evidence), **own}


_NODE_HEADER = {
    "id": "id:ID",
    "label": "label",
    "names": "names:string[]",
    "name_counts": "name_counts:int[]",
    "mentions": "mentions:int",
    "same_as": "same_as:string[]",
    "merged": "merged",
    "type": ":LABEL",
}
_EDGE_HEADER = {
    "head": ":START_ID",
    "tail": ":END_ID",
    "count": "count:int",
    "texts": "texts:int",
    "authors": "authors:int",
    "score": "score:double",
    "pooled_score": "pooled_score:double",
    "first_time": "first_time:datetime",
    "last_time": "last_time:datetime",
    "posts": "posts:string[]",
    "evidence": "evidence",
    "relation": ":TYPE",
}
"""Header of Neo4j's import for each column of the schema."""


def write_neo4j(graph: GraphStream, folder: Path) -> None:
    """Write ``nodes.csv`` and ``relationships.csv`` with the headers of Neo4j's import."""
    _write_rows(folder / NODES, _NODE_HEADER, map(_node_cells, graph.iter_nodes()))
    _write_rows(folder / RELATIONSHIPS, _EDGE_HEADER, map(_edge_cells, graph.iter_edges()))


def _node_cells(node: Node) -> TableRow:
    row = node_row(node)
    return row | {"names": list(node.names), "merged": _json(row["merged"])}


def _edge_cells(edge: Edge) -> TableRow:
    posts = [it.post for it in edge.evidence if it.post is not None]
    return edge_row(edge) | {"posts": posts, "evidence": evidence_json(edge.evidence)}


def evidence_json(evidence: Iterable[Evidence]) -> str:
    """Convert evidence to a JSON list of objects; absent values are left out."""
    return _json(evidence_records(evidence))


def _json(value: object) -> str:
    return clean(json.dumps(value, ensure_ascii=False))


def _write_rows(path: Path, header: Mapping[str, str], rows: Iterable[TableRow]) -> None:
    # An absent score and an empty text are both an empty field, which Neo4j takes for absent.
    with written_whole(path) as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header.values())
        writer.writerows([_cell(row[name]) for name in header] for row in rows)


def _cell(value: object) -> object:
    if isinstance(value, list):
        return ARRAY_DELIMITER.join(clean(str(item)) for item in value)
    return clean(value) if isinstance(value, str) else value
