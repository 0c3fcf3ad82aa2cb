"""GraphML of a graph on disk, composed by columns; ``jmere.knowledge.graphml`` has the form.

Tests compare the bytes of both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any

from jmere.knowledge.disk.disk_columns import (
    arrow_column,
    arrow_module,
    constant,
    mapped,
    picked,
)
from jmere.knowledge.disk.disk_parts import edge_parts, node_parts
from jmere.knowledge.disk.disk_stream import DiskStream
from jmere.knowledge.disk.disk_text import (
    TextParts,
    TextRows,
    escaped,
    interleaved,
    joined,
    text_bytes,
)
from jmere.knowledge.disk.rdf_syntax import string_literal
from jmere.knowledge.graphml import (
    EDGE_KEYS,
    GRAPHML_END,
    NODE_KEYS,
    GraphmlKey,
    graphml_head,
    node_element,
)
from jmere.knowledge.schema import RECORD_COLUMNS

_BEFORE = [key.name for key in EDGE_KEYS].index("evidence")
"""Number of the attributes of an edge that stand before its evidence."""


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
    for part in node_parts(graph.connection):
        node, form, members = part.nodes.column("node"), part.forms.column("form"), part.members
        others = (~members.is_first).nonzero()[0]
        names = string_literal(_plain(picked(form, others)))
        counts = part.forms.column("mentions").cast("string")
        values: dict[str, TextParts] = {
            "label": [_plain(part.nodes.column("form"))],
            "type": [_plain(part.nodes.column("kind"))],
            "names": ["[", members.some(others).texts(names, between=", "), "]"],
            "name_counts": ["[", members.texts([counts], between=", "), "]"],
            "mentions": [part.mentions.cast("string")],
            "same_as": ["[]"],
            "merged": ["[]"],
        }
        data = _data(NODE_KEYS, values)
        yield TextRows(node, joined(['    <node id="', node, '">\n', *data, "    </node>\n"]))


def _edges(graph: DiskStream) -> Iterator[memoryview]:
    for evidence, edges, _, first, last in edge_parts(graph.connection):
        values: dict[str, TextParts] = {
            "label": [_plain(edges.column("relation"))],
            **{name: [edges.column(name).cast("string")] for name in ("count", "texts", "authors")},
            **{name: [mapped(edges.column(name), repr)] for name in ("score", "pooled_score")},
            **{name: [edges.column(name)] for name in ("first_time", "last_time")},
        }
        ends = ['    <edge source="', edges.column("head"), '" target="', edges.column("tail")]
        start = [*ends, '" id="e', edges.column("number").cast("string"), '">\n']
        before = [*start, *_data(EDGE_KEYS[:_BEFORE], values), _opened(EDGE_KEYS[_BEFORE]), "["]
        after = ["]", _CLOSED, *_data(EDGE_KEYS[_BEFORE + 1 :], values), "    </edge>\n"]
        end = arrow_module("pyarrow.compute").coalesce(joined(after).take(last), constant(", "))
        texts = joined([joined(before).take(first), _plain(joined(_record(evidence))), end])
        yield text_bytes(texts, 0, len(texts))


def _record(evidence: Any) -> TextParts:
    """Return evidence as JSON objects; the first item, the post, is always there."""
    parts: TextParts = ["{"]
    for number, (name, kind, _) in enumerate(RECORD_COLUMNS):
        column = evidence.column(name)
        if name == "source":
            compute = arrow_module("pyarrow.compute")
            column = compute.if_else(
                compute.equal(column, constant("text")), constant(None), column
            )
        if kind in ("text", "time"):
            value = string_literal(column)
        elif kind == "numbers":
            value = [_box(column)]
        else:
            value = [mapped(column, repr)]
        parts.append(joined([f'{", " if number else ""}"{name}": ', *value], absent=True))
    return [*parts, "}"]


def _box(column: Any) -> Any:
    boxes = [None if box is None else repr(box) for box in column.to_pylist()]
    return arrow_column(boxes, arrow_module().string())


def _data(keys: Sequence[GraphmlKey], values: Mapping[str, TextParts]) -> TextParts:
    """Return the data of nodes or edges; what is null has no element."""
    return [joined([_opened(key), *values[key.name], _CLOSED], absent=True) for key in keys]


def _opened(key: GraphmlKey) -> str:
    return f'      <data key="{key.id}">'


_CLOSED = "</data>\n"


def _plain(column: Any) -> Any:
    """Return texts without the characters of XML."""
    return escaped(column, ("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"))
