"""GraphML of a graph on disk, composed by the database; ``jmere.knowledge.graphml`` has the form.

Tests compare the bytes of both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import IO

from jmere.knowledge.disk.disk_stream import DiskStream
from jmere.knowledge.disk.disk_text import TextRows, all_texts, interleaved, text_rows
from jmere.knowledge.disk.rdf_syntax import Fixed, TextParts, joined, string_literal
from jmere.knowledge.graphml import (
    EDGE_KEYS,
    GRAPHML_END,
    NODE_KEYS,
    GraphmlKey,
    graphml_head,
    node_element,
)
from jmere.knowledge.schema import RECORD_COLUMNS

_OPTIONAL = {"score", "pooled_score", "first_time", "last_time"}
_SAFE = {"'[]'", "first_time", "last_time"}
"""Texts without characters that XML escapes."""


def write_disk_graphml(graph: DiskStream, stream: IO[bytes]) -> None:
    """Write GraphML."""
    stream.write(graphml_head().encode())
    stream.writelines(_nodes(graph))
    stream.writelines(_edges(graph))
    stream.write(GRAPHML_END.encode())


def _nodes(graph: DiskStream) -> Iterator[memoryview | bytes]:
    merged = ((node.id, node_element(node)) for node in graph.iter_merged_nodes())
    return interleaved(_singles(graph), merged)


def _singles(graph: DiskStream) -> Iterator[TextRows]:
    forms = "LIST_TRANSFORM(forms[2:], LAMBDA it: {})"
    counts = "LIST_TRANSFORM(forms, LAMBDA it: it.count::VARCHAR)"
    values = {
        "label": "forms[1].form",
        "type": "kind",
        "names": _json_list(forms.format(joined(string_literal("it.form")))),
        "name_counts": _json_list(counts),
        "mentions": "mentions::VARCHAR",
        "same_as": "'[]'",
        "merged": "'[]'",
    }
    start, end = [Fixed('    <node id="'), "node", Fixed('">\n')], Fixed("    </node>\n")
    query = f"""
        SELECT node, {joined([*start, *_data(NODE_KEYS, values), end])}
        FROM single WHERE node BETWEEN $1 AND $2 ORDER BY node
        """
    return text_rows(graph.connection, query, "single", "node")


def _edges(graph: DiskStream) -> Iterator[memoryview]:
    values = {
        "label": "relation",
        "evidence": "said",
        "count": "count::VARCHAR",
        "texts": "texts::VARCHAR",
        "authors": "authors::VARCHAR",
        "score": "score::VARCHAR",
        "pooled_score": "pooled_score::VARCHAR",
        "first_time": "first_time",
        "last_time": "last_time",
    }
    ends = [Fixed('    <edge source="'), "head", Fixed('" target="'), "tail", Fixed('" id="e')]
    start, end = [*ends, "number", Fixed('">\n')], Fixed("    </edge>\n")
    query = f"""
        WITH said AS (
            SELECT head, relation, tail, {_json_list(f"LIST({_evidence_record()} ORDER BY spot)")}
                AS said
            FROM (SELECT *, rowid AS spot FROM evidence WHERE head BETWEEN $1 AND $2)
            GROUP BY head, relation, tail
        ), numbered AS (SELECT *, rowid AS number FROM edge WHERE head BETWEEN $1 AND $2)
        SELECT head, {joined([*start, *_data(EDGE_KEYS, values), end])}
        FROM numbered JOIN said USING (head, relation, tail) ORDER BY number
        """
    return all_texts(graph.connection, query, "edge", "head")


def _evidence_record() -> str:
    """Return the expression of evidence as a JSON object."""
    items = []
    for name, kind, _ in RECORD_COLUMNS:
        value = name if name != "source" else "NULLIF(source, 'text')"
        parts: TextParts = [value]
        if kind in ("text", "time"):
            parts = string_literal(value)
        elif kind == "numbers":
            parts = [_json_list(f"LIST_TRANSFORM({name}, LAMBDA c: c::VARCHAR)")]
        item = joined([Fixed(f'"{name}": '), *parts])
        items.append(f"CASE WHEN {value} IS NOT NULL THEN {item} END")
    return f"CONCAT('{{', CONCAT_WS(', ', {', '.join(items)}), '}}')"


def _json_list(items: str) -> str:
    return f"('[' || ARRAY_TO_STRING({items}, ', ') || ']')"


def _data(keys: Sequence[GraphmlKey], values: Mapping[str, str]) -> TextParts:
    """Return the data of a node or an edge; what is null has no element."""
    parts: TextParts = []
    for key in keys:
        value = values[key.name]
        if key.type == "string" and value not in _SAFE:
            value = f"REPLACE(REPLACE(REPLACE({value}, '&', '&amp;'), '<', '&lt;'), '>', '&gt;')"
        element = [Fixed(f'      <data key="{key.id}">'), value, Fixed("</data>\n")]
        if key.name in _OPTIONAL:
            parts.append(f"CASE WHEN {key.name} IS NOT NULL THEN {joined(element)} END")
        else:
            parts += element
    return parts
