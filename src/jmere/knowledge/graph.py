"""Knowledge graph records: nodes, edges and their evidence."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Evidence:
    """A post that supports an edge or a merge."""

    post: str | None
    """Id of the post, if it has one."""
    image: str | None = None
    """Image of the post, if it has one."""
    score: float | None = None
    """Confidence of the extraction, from 0 to 1; absent on gold quintuples."""


@dataclass(frozen=True, slots=True)
class Merge:
    """Two names of a node that differ in more than spelling, and the reason of the merge."""

    names: tuple[str, str]
    """Both names, in alphabetical order."""
    reason: str
    """Relation that links the names, or ``accents``."""
    evidence: tuple[Evidence, ...] = ()
    """Posts with that relation; the highest-scoring evidence of each post."""


@dataclass(frozen=True, slots=True)
class Node:
    """An entity named in posts."""

    id: str
    """Readable and unique; independent of the order of the posts."""
    label: str
    """Most frequent name."""
    type: str
    names: tuple[str, ...] = ()
    """Every other name, most frequent first."""
    mentions: int = 0
    """Number of mentions as an end of a quintuple."""
    merged: tuple[Merge, ...] = ()
    """Merged names with their reasons."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A relation between two nodes, by their ids."""

    head: str
    relation: str
    tail: str
    evidence: tuple[Evidence, ...]
    """At least one; the highest-scoring evidence of each post."""

    @property
    def count(self) -> int:
        """Return the number of supporting posts."""
        return len(self.evidence)

    @property
    def score(self) -> float | None:
        """Return the maximum score, ``None`` if no evidence has one."""
        return max((it.score for it in self.evidence if it.score is not None), default=None)


@dataclass(frozen=True, slots=True)
class KnowledgeGraph:
    """Nodes and edges, each sorted by id.

    Example:
        >>> from jmere import Entity, Post, Quintuple, merge
        >>> head, tail = Entity("Lionel Messi", "per", 0, 12), Entity("Barcelona", "org", 20, 29)
        >>> text = "Lionel Messi leaves Barcelona"
        >>> post = Post(id="1", text=text, quintuples=[Quintuple(head, tail, "member_of")])
        >>> graph = merge([post])
        >>> [(edge.relation, edge.count) for edge in graph.edges]
        [('member_of', 1)]
        >>> [node.label for node in graph.nodes]
        ['Barcelona', 'Lionel Messi']
    """

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
