"""Property graphs: GraphML with networkx, and CSV files for Neo4j's import.

Lists (other names, evidence) are JSON texts where the format has no lists.

CSV cells are written unchanged, also those that begin with ``=``, ``+``, ``-`` or ``@``: Neo4j's
import would keep an escaping apostrophe. Do not open these files in a spreadsheet, which would
evaluate such cells.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

from jmere.errors import require
from jmere.files.whole import written_whole
from jmere.knowledge.graph import Evidence, KnowledgeGraph, Merge
from jmere.knowledge.names import clean

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
        made.add_node(
            node.id,
            label=clean(node.label),
            type=clean(node.type),
            names=_json(node.names),
            mentions=node.mentions,
            merged=merges_json(node.merged),
        )
    for number, edge in enumerate(graph.edges):
        score = {} if edge.score is None else {"score": edge.score}
        made.add_edge(
            edge.head,
            edge.tail,
            key=f"e{number}",
            label=clean(edge.relation),
            count=edge.count,
            evidence=evidence_json(edge.evidence),
            **score,
        )
    return made


def write_graphml(graph: KnowledgeGraph, stream: IO[bytes]) -> None:
    """Write GraphML for Gephi, yEd and Cytoscape."""
    networkx = require("networkx", "graph", "writing GraphML")
    networkx.write_graphml_xml(to_networkx(graph), stream)


def write_neo4j(graph: KnowledgeGraph, folder: Path) -> None:
    """Write ``nodes.csv`` and ``relationships.csv`` with the headers of Neo4j's import."""
    _write_rows(
        folder / NODES,
        ("id:ID", "label", "names:string[]", "mentions:int", "merged", ":LABEL"),
        (
            (
                node.id,
                clean(node.label),
                _array(node.names),
                node.mentions,
                merges_json(node.merged),
                clean(node.type),
            )
            for node in graph.nodes
        ),
    )
    _write_rows(
        folder / RELATIONSHIPS,
        (
            ":START_ID",
            ":END_ID",
            "count:int",
            "score:double",
            "posts:string[]",
            "evidence",
            ":TYPE",
        ),
        (
            (
                edge.head,
                edge.tail,
                edge.count,
                edge.score,
                _array(it.post for it in edge.evidence if it.post is not None),
                evidence_json(edge.evidence),
                clean(edge.relation),
            )
            for edge in graph.edges
        ),
    )


def evidence_json(evidence: Iterable[Evidence]) -> str:
    """Convert evidence to a JSON list of objects; absent values are left out."""
    return _json(_records(evidence))


def merges_json(merges: Iterable[Merge]) -> str:
    """Convert merges to a JSON list of objects with ``names``, ``reason`` and ``evidence``."""
    return _json(
        [
            {"names": it.names, "reason": it.reason, "evidence": _records(it.evidence)}
            for it in merges
        ]
    )


def _records(evidence: Iterable[Evidence]) -> list[dict[str, object]]:
    records = ({"post": it.post, "image": it.image, "score": it.score} for it in evidence)
    return [{key: item for key, item in record.items() if item is not None} for record in records]


def _json(value: object) -> str:
    return clean(json.dumps(value, ensure_ascii=False))


def _array(items: Iterable[str]) -> str:
    return ARRAY_DELIMITER.join(map(clean, items))


def _write_rows(path: Path, header: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    # An absent score and an empty text are both an empty field, which Neo4j takes for absent.
    with written_whole(path) as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
