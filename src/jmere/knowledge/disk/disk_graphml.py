"""GraphML of a graph on disk, composed by the database; ``jmere.knowledge.graphml`` has the form.

Tests compare the bytes of both.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import IO

from jmere.knowledge.disk.disk_order import node_ranges
from jmere.knowledge.disk.disk_stream import DiskStream
from jmere.knowledge.disk.rdf_syntax import quoted, string_literal
from jmere.knowledge.graphml import (
    EDGE_KEYS,
    GRAPHML_END,
    NODE_KEYS,
    GraphmlKey,
    graphml_head,
    node_element,
)
from jmere.knowledge.schema import RECORD_COLUMNS


def write_disk_graphml(graph: DiskStream, stream: IO[str]) -> None:
    """Write GraphML."""
    stream.write(graphml_head())
    stream.writelines(_nodes(graph))
    stream.writelines(_edges(graph))
    stream.write(GRAPHML_END)


def _nodes(graph: DiskStream) -> Iterator[str]:
    merged = ((node.id, node_element(node)) for node in graph.iter_merged_nodes())
    return (text for _, text in heapq.merge(_singles(graph), merged, key=itemgetter(0)))


def _singles(graph: DiskStream) -> Iterator[tuple[str, str]]:
    forms = "LIST_TRANSFORM(forms[2:], LAMBDA it: {})"
    counts = "LIST_TRANSFORM(forms, LAMBDA it: it.count::VARCHAR)"
    values = {
        "label": "forms[1].form",
        "type": "kind",
        "names": _json_list(forms.format(string_literal("it.form"))),
        "name_counts": _json_list(counts),
        "mentions": "mentions::VARCHAR",
        "same_as": "'[]'",
        "merged": "'[]'",
    }
    data = _data(NODE_KEYS, values)
    head, tail = quoted('    <node id="'), quoted('">\n')
    query = f"""
        SELECT node, CONCAT({head}, node, {tail}, {data}, {quoted("    </node>")}, CHR(10))
        FROM single WHERE node BETWEEN $1 AND $2 ORDER BY node
        """
    for first, last in node_ranges(graph.connection, "single", "node"):
        yield from graph.connection.execute(query, [first, last]).fetchall()


def _edges(graph: DiskStream) -> Iterator[str]:
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
    data = _data(EDGE_KEYS, values)
    ends = [quoted('    <edge source="'), "head", quoted('" target="'), "tail", quoted('" id="e')]
    query = f"""
        WITH said AS (
            SELECT head, relation, tail, {_json_list(f"LIST({_evidence_record()} ORDER BY spot)")}
                AS said
            FROM (SELECT *, rowid AS spot FROM evidence WHERE head BETWEEN $1 AND $2)
            GROUP BY head, relation, tail
        ), numbered AS (SELECT *, rowid AS number FROM edge WHERE head BETWEEN $1 AND $2)
        SELECT CONCAT({", ".join(ends)}, number, {quoted('">')}, CHR(10), {data},
            {quoted("    </edge>")}, CHR(10))
        FROM numbered JOIN said USING (head, relation, tail) ORDER BY number
        """
    for first, last in node_ranges(graph.connection, "edge", "head"):
        for (text,) in graph.connection.execute(query, [first, last]).fetchall():
            yield text


def _evidence_record() -> str:
    """Return the expression of evidence as a JSON object."""
    parts = []
    for name, kind, _ in RECORD_COLUMNS:
        value = name if name != "source" else "NULLIF(source, 'text')"
        if kind in ("text", "time"):
            value = string_literal(value)
        elif kind == "numbers":
            value = _json_list(f"LIST_TRANSFORM({name}, LAMBDA c: c::VARCHAR)")
        parts.append(f"""{quoted(f'"{name}": ')} || {value}""")
    return f"('{{' || CONCAT_WS(', ', {', '.join(parts)}) || '}}')"


def _json_list(items: str) -> str:
    return f"('[' || ARRAY_TO_STRING({items}, ', ') || ']')"


def _data(keys: Sequence[GraphmlKey], values: Mapping[str, str]) -> str:
    parts = []
    for key in keys:
        value = values[key.name]
        if key.type == "string":
            value = f"REPLACE(REPLACE(REPLACE({value}, '&', '&amp;'), '<', '&lt;'), '>', '&gt;')"
        start, end = quoted(f'      <data key="{key.id}">'), quoted("</data>\n")
        parts.append(f"{start} || {value} || {end}")
    return f"CONCAT({', '.join(parts)})"
