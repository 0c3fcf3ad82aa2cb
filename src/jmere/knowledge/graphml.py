"""GraphML, streamed: networkx's writer needs the whole document in memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, NamedTuple
from xml.sax.saxutils import escape, quoteattr

from jmere.knowledge.graph import Edge, Node
from jmere.knowledge.names import clean
from jmere.knowledge.property import edge_attributes, node_attributes
from jmere.knowledge.streams import GraphStream


class GraphmlKey(NamedTuple):
    """An attribute of nodes or edges: its id in the file, its name and its type."""

    id: str
    name: str
    type: str


NODE_KEYS = tuple(
    GraphmlKey(f"d{number}", name, kind)
    for number, (name, kind) in enumerate(
        (
            ("label", "string"),
            ("type", "string"),
            ("names", "string"),
            ("name_counts", "string"),
            ("mentions", "long"),
            ("same_as", "string"),
            ("merged", "string"),
        )
    )
)
EDGE_KEYS = tuple(
    GraphmlKey(f"d{number}", name, kind)
    for number, (name, kind) in enumerate(
        (
            ("label", "string"),
            ("evidence", "string"),
            ("count", "long"),
            ("texts", "long"),
            ("authors", "long"),
            ("score", "double"),
            ("pooled_score", "double"),
            ("first_time", "string"),
            ("last_time", "string"),
        ),
        start=len(NODE_KEYS),
    )
)


def write_graphml(graph: GraphStream, stream: IO[str]) -> None:
    """Write GraphML for Gephi, yEd and Cytoscape."""
    stream.write(graphml_head())
    for node in graph.iter_nodes():
        stream.write(node_element(node))
    for number, edge in enumerate(graph.iter_edges()):
        stream.write(_edge_element(number, edge))
    stream.write(GRAPHML_END)


def graphml_head() -> str:
    """Return what stands before the nodes."""
    return "".join(_head())


def _head() -> Iterator[str]:
    space = "http://graphml.graphdrawing.org/xmlns"
    yield (
        "<?xml version='1.0' encoding='utf-8'?>\n"
        f'<graphml xmlns="{space}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xsi:schemaLocation="{space} {space}/1.0/graphml.xsd">\n'
    )
    for kind, keys in (("node", NODE_KEYS), ("edge", EDGE_KEYS)):
        for key in keys:
            name = f'attr.name="{key.name}" attr.type="{key.type}"'
            yield f'  <key id="{key.id}" for="{kind}" {name} />\n'
    yield '  <graph edgedefault="directed">\n'


GRAPHML_END = "  </graph>\n</graphml>\n"


def node_element(node: Node) -> str:
    """Return the element of a node."""
    own = node_attributes(node)
    data = "".join(_data(key, own.get(key.name)) for key in NODE_KEYS)
    return f"    <node id={quoteattr(clean(node.id))}>\n{data}    </node>\n"


def _edge_element(number: int, edge: Edge) -> str:
    own = edge_attributes(edge)
    data = "".join(_data(key, own.get(key.name)) for key in EDGE_KEYS)
    ends = f"source={quoteattr(clean(edge.head))} target={quoteattr(clean(edge.tail))}"
    return f'    <edge {ends} id="e{number}">\n{data}    </edge>\n'


def _data(key: GraphmlKey, value: object) -> str:
    if value is None:
        return ""
    text = escape(clean(value)) if isinstance(value, str) else value
    return f'      <data key="{key.id}">{text}</data>\n'
