"""A graph in the order of its files: what the writers read, in memory or not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, runtime_checkable

from jmere.knowledge.graph import Edge, Evidence, KnowledgeGraph, Node

POST_FIELDS = ("time", "author", "url", "language", "text_id", "text", "kept")
"""Fields of evidence that tell of its post alone."""


class Leaving(NamedTuple):
    """A node, and relation and tail of each edge that leaves it."""

    head: str
    node: Node | None
    """``None`` if a graph that was made by hand has edges of a node that it lacks."""
    links: Sequence[tuple[str, str]]


class PostFacts(NamedTuple):
    """A post: its id, and what is known of it."""

    post: str
    known: dict[str, str]


@runtime_checkable
class GraphStream(Protocol):
    """A graph, piece by piece; each method starts anew.

    The posts are asked for last, when all nodes and edges have been read.
    """

    def iter_nodes(self) -> Iterator[Node]:
        """Yield the nodes, sorted by id."""

    def iter_leaving(self) -> Iterator[Leaving]:
        """Yield the nodes with the edges that leave them."""

    def iter_edges(self) -> Iterator[Edge]:
        """Yield the edges, sorted by head, relation and tail."""

    def iter_posts(self) -> Iterator[PostFacts]:
        """Yield the posts, sorted by id."""


@dataclass(frozen=True)
class MemoryStream:
    """A graph in memory."""

    graph: KnowledgeGraph

    def iter_nodes(self) -> Iterator[Node]:
        """Yield the nodes."""
        yield from self.graph.nodes

    def iter_leaving(self) -> Iterator[Leaving]:
        """Yield the nodes with the edges that leave them."""
        links: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for edge in self.graph.edges:
            links[edge.head].append((edge.relation, edge.tail))
        for node in self.graph.nodes:
            yield Leaving(node.id, node, links.pop(node.id, ()))
        for head, own in links.items():
            yield Leaving(head, None, own)

    def iter_edges(self) -> Iterator[Edge]:
        """Yield the edges."""
        yield from self.graph.edges

    def iter_posts(self) -> Iterator[PostFacts]:
        """Yield the posts, sorted by id."""
        known = known_posts(all_evidence(self.graph))
        for post in sorted(known):
            yield PostFacts(post, known[post])


def all_evidence(graph: KnowledgeGraph) -> Iterator[Evidence]:
    """Yield the evidence of nodes, of merges and of edges."""
    for node in graph.nodes:
        yield from node_evidence(node)
    for edge in graph.edges:
        yield from edge.evidence


def node_evidence(node: Node) -> Iterator[Evidence]:
    """Yield the evidence of a node and of its merges."""
    yield from node.evidence
    for merge in node.merged:
        yield from merge.evidence


def known_posts(evidence: Iterable[Evidence]) -> dict[str, dict[str, str]]:
    """Return what is known of each post; where evidence disagrees, the smallest value counts."""
    posts: dict[str, dict[str, str]] = {}
    for it in evidence:
        if it.post is not None:
            learn(posts.setdefault(it.post, {}), it)
    return posts


def learn(known: dict[str, str], it: Evidence) -> None:
    """Add what evidence tells of its post."""
    for key in POST_FIELDS:
        value = getattr(it, key)
        if value is not None and (key not in known or value < known[key]):
            known[key] = value
