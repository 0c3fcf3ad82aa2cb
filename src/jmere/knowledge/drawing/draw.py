"""Drawing of a knowledge graph: labelled boxes, coloured by type, and arrows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from jmere.errors import require
from jmere.files.outputs import checked_suffix
from jmere.files.whole import written_whole
from jmere.knowledge.drawing.picture import figure_of
from jmere.knowledge.graph import Edge, KnowledgeGraph

_MAX_NODES = 60
"""Maximum number of readable nodes on one page."""

_DOTS_PER_INCH = 150

_SUFFIXES = (".png", ".svg")


def draw(graph: KnowledgeGraph, path: str | Path, *, max_nodes: int = _MAX_NODES) -> int:
    """Draw a graph, or the most connected part of a large one, as PNG or SVG.

    Args:
        graph: Graph to draw; nodes without edges are left out.
        path: Output file; its suffix sets the format.
        max_nodes: Maximum number of nodes.

    Returns:
        The number of nodes drawn.

    Raises:
        ValueError: If the format is neither PNG nor SVG.
        MissingExtraError: If the libraries of the extra ``graph`` are not installed.
    """
    suffix = check_picture(path)
    chosen = best_connected(graph.edges, max_nodes)
    names = {end for edge in chosen for end in (edge.head, edge.tail)}
    nodes = [node for node in graph.nodes if node.id in names]
    with written_whole(path, binary=True) as stream:
        figure_of(nodes, chosen).savefig(stream, format=suffix[1:], dpi=_DOTS_PER_INCH)
    return len(nodes)


def check_picture(path: str | Path) -> str:
    """Return the suffix of a drawing; raise early whatever ``draw`` would raise."""
    suffix = checked_suffix(path, _SUFFIXES)
    for library in ("networkx", "matplotlib"):
        require(library, "graph", "drawing a graph")
    return suffix


def best_connected(edges: Iterable[Edge], max_nodes: int) -> list[Edge]:
    """Return the edges among the most connected nodes, at most ``max_nodes``."""
    edges = list(edges)
    degrees = Counter(end for edge in edges for end in {edge.head, edge.tail})
    ranked = sorted(
        edges,
        key=lambda edge: (
            -max(degrees[edge.head], degrees[edge.tail]),
            -edge.count,
            (edge.head, edge.relation, edge.tail),
        ),
    )
    chosen: set[str] = set()
    kept = []
    for edge in ranked:
        if len(chosen | {edge.head, edge.tail}) <= max_nodes:
            chosen |= {edge.head, edge.tail}
            kept.append(edge)
    return kept
