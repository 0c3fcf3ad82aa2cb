"""How a knowledge graph is said in RDF: things, and what is said of each.

A node has its type, its name (``rdfs:label``) and its other names (``skos:altLabel``). An edge is
a plain triple and, for each post that says so, a statement about it: an ``rdf:Statement`` with
``prov:wasDerivedFrom`` the post, ``term:image`` and ``term:score``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from jmere.knowledge.graph import Edge, Evidence, KnowledgeGraph, Node
from jmere.knowledge.names import digest

KINDS = ("entity", "post", "statement", "type", "relation", "term")
"""Prefixes of our own names; every other is that of a public vocabulary."""


class Name(NamedTuple):
    """An IRI: a prefix and what follows it, not yet encoded."""

    prefix: str
    local: str


Value = Name | str | float
"""What is said: another thing, a text, or a score."""

Said = dict[Name, list[Value]]

TYPE = Name("rdf", "type")
LABEL, OTHER_LABEL = Name("rdfs", "label"), Name("skos", "altLabel")
STATEMENT = Name("rdf", "Statement")
SUBJECT, PREDICATE, OBJECT = (Name("rdf", name) for name in ("subject", "predicate", "object"))
DERIVED, SOURCE = Name("prov", "wasDerivedFrom"), Name("prov", "Entity")
IDENTIFIER = Name("dcterms", "identifier")
IMAGE, SCORE = Name("term", "image"), Name("term", "score")


def described(graph: KnowledgeGraph) -> Iterator[tuple[Name, Said]]:
    """Every thing, with what is said of it: nodes and their edges, statements, posts."""
    leaving: dict[str, list[Edge]] = defaultdict(list)
    for edge in graph.edges:
        leaving[edge.head].append(edge)
    for node in graph.nodes:
        yield Name("entity", node.id), _node(node) | _links(leaving.get(node.id, []))
    for edge in graph.edges:
        for number, evidence in enumerate(edge.evidence):
            yield _statement_name(edge, evidence, number), _statement(edge, evidence)
    for post in _posts(graph):
        yield Name("post", post), {TYPE: [SOURCE], IDENTIFIER: [post]}


def _node(node: Node) -> Said:
    said: Said = {TYPE: [Name("type", node.type)], LABEL: [node.label]}
    if node.names:
        said[OTHER_LABEL] = [*node.names]
    if sources := {it.post: None for it in node.merged if it.post is not None}:
        said[DERIVED] = [Name("post", post) for post in sources]
    return said


def _links(edges: list[Edge]) -> Said:
    said: Said = defaultdict(list)
    for edge in edges:
        said[Name("relation", edge.relation)].append(Name("entity", edge.tail))
    return said


def _statement_name(edge: Edge, evidence: Evidence, number: int) -> Name:
    source = f"number {number}" if evidence.post is None else f"post {evidence.post}"
    parts = (edge.head, edge.relation, edge.tail, source, evidence.image or "")
    return Name("statement", digest(*parts))


def _statement(edge: Edge, evidence: Evidence) -> Said:
    said: Said = {
        TYPE: [STATEMENT],
        SUBJECT: [Name("entity", edge.head)],
        PREDICATE: [Name("relation", edge.relation)],
        OBJECT: [Name("entity", edge.tail)],
    }
    if evidence.post is not None:
        said[DERIVED] = [Name("post", evidence.post)]
    if evidence.image is not None:
        said[IMAGE] = [evidence.image]
    if evidence.score is not None:
        said[SCORE] = [evidence.score]
    return said


def _posts(graph: KnowledgeGraph) -> dict[str, None]:
    evidence = chain(
        chain.from_iterable(node.merged for node in graph.nodes),
        chain.from_iterable(edge.evidence for edge in graph.edges),
    )
    return {it.post: None for it in evidence if it.post is not None}
