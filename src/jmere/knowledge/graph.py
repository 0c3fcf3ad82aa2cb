"""The knowledge graph: things, relations between them, and where each was read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Evidence:
    """A post that says so."""

    post: str | None
    """Its id, where it has one."""
    image: str | None = None
    """Its picture, where it has one."""
    score: float | None = None
    """How sure the extraction was, from 0 to 1; absent on gold quintuples."""


@dataclass(frozen=True, slots=True)
class Merge:
    """Two names of a node that differ in more than spelling, and why they are one thing's."""

    names: tuple[str, str]
    """In alphabetical order."""
    reason: str
    """The relation that says so, or ``accents``."""
    evidence: tuple[Evidence, ...] = ()
    """Posts with that relation; of each post the surest."""


@dataclass(frozen=True, slots=True)
class Node:
    """A thing that posts name."""

    id: str
    """Readable and unique; the same whatever the order of the posts."""
    label: str
    """The name it is called by most often."""
    type: str
    names: tuple[str, ...] = ()
    """Every other name, most frequent first."""
    mentions: int = 0
    """How often posts name it as an end of a quintuple."""
    merged: tuple[Merge, ...] = ()
    """Names that were joined, and why."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A relation between two nodes, by their ids."""

    head: str
    relation: str
    tail: str
    evidence: tuple[Evidence, ...]
    """At least one; of each post the surest."""

    @property
    def count(self) -> int:
        """How many posts say so."""
        return len(self.evidence)

    @property
    def score(self) -> float | None:
        """The best score there is, ``None`` where no evidence has one."""
        return max((it.score for it in self.evidence if it.score is not None), default=None)


@dataclass(frozen=True, slots=True)
class KnowledgeGraph:
    """Nodes and edges, both in the order of their ids.

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
