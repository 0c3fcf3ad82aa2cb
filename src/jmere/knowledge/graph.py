"""Knowledge graph records: nodes, edges and their evidence."""

from __future__ import annotations

from dataclasses import dataclass

from jmere.knowledge.counting import count_authors, count_texts, pooled_score, time_span
from jmere.records import Box


@dataclass(frozen=True, slots=True)
class Evidence:
    """A post that supports an edge or a merge, or that mentions a node outside quintuples.

    Such a mention has only the ``head`` of the two ends.
    """

    post: str | None
    """Id of the post, if it has one."""
    image: str | None = None
    """Image of the post, if it has one."""
    score: float | None = None
    """Confidence of the extraction, from 0 to 1; absent on gold quintuples."""
    head_start: int | None = None
    """First character of the head in the post's text, if known."""
    head_end: int | None = None
    tail_start: int | None = None
    tail_end: int | None = None
    head_box: Box | None = None
    """Where the head stands in the picture, if it was read there."""
    tail_box: Box | None = None
    model: str | None = None
    """Name of the model that made the extraction."""
    source: str = "text"
    """Where it was read: ``text`` or ``picture``."""
    time: str | None = None
    """When the post was written, in UTC: ``YYYY-MM-DDTHH:MM:SSZ``."""
    author: str | None = None
    url: str | None = None
    language: str | None = None
    text_id: str | None = None
    """Digest of the post's text; near-identical texts have the same."""
    text: str | None = None
    """Text of the post, where a graph is built with its texts."""
    kept: str | None = None
    """Columns that ``--keep`` copied from the post, as a JSON object."""


@dataclass(frozen=True, slots=True)
class Merge:
    """Two names of a node that differ in more than spelling, and the reason of the merge."""

    names: tuple[str, str]
    """Both names, in alphabetical order."""
    reason: str
    """Relation that links the names, or ``accents``, or ``alias``."""
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
    """Number of mentions; near-identical texts count once."""
    merged: tuple[Merge, ...] = ()
    """Merged names with their reasons."""
    counts: tuple[int, ...] = ()
    """Number of mentions by the label, then by each other name."""
    same_as: tuple[str, ...] = ()
    """IRIs of the same thing elsewhere, from the aliases file."""
    evidence: tuple[Evidence, ...] = ()
    """Posts that mention it outside quintuples."""

    @property
    def name_counts(self) -> dict[str, int]:
        """Return the mentions by each name; empty if they were not counted."""
        names = (self.label, *self.names)
        return dict(zip(names, self.counts, strict=True)) if self.counts else {}


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

    @property
    def texts(self) -> int:
        """Return the number of distinct texts."""
        return count_texts(self.evidence)

    @property
    def authors(self) -> int:
        """Return the number of distinct authors of distinct texts."""
        return count_authors(self.evidence)

    @property
    def pooled_score(self) -> float | None:
        """Return the probability that one of the texts is right, ``None`` without any score."""
        return pooled_score(self.evidence)

    @property
    def times(self) -> tuple[str | None, str | None]:
        """Return the first and the last time of a supporting post."""
        return time_span(self.evidence)


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
