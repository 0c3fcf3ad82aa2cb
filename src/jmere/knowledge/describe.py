"""RDF description of a knowledge graph.

A node has its type, its name (``rdfs:label``) and its other names (``skos:altLabel``). An edge
is a plain triple and, for each post with it, an ``rdf:Statement`` with ``prov:wasDerivedFrom``
the post, ``term:image`` and ``term:score``. Two merged names are a ``term:Merge`` of a node
(``term:node``): both as ``term:name``, ``term:reason``, and one ``term:Merge`` with a score per
post. The document itself, ``term:graph``, is a ``prov:Collection`` with its
``term:schema_version``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from jmere.knowledge.graph import Edge, Evidence, KnowledgeGraph, Merge, Node
from jmere.knowledge.names import digest

KINDS = ("entity", "post", "statement", "type", "relation", "term")
"""Prefixes of our own names; all other prefixes are of public vocabularies."""


class RdfTerm(NamedTuple):
    """An IRI: a prefix and a local name, not yet encoded."""

    prefix: str
    local: str


Value = RdfTerm | str | float
"""Object of a triple: another resource, a text, or a score."""

Said = dict[RdfTerm, list[Value]]

TYPE = RdfTerm("rdf", "type")
LABEL, OTHER_LABEL = RdfTerm("rdfs", "label"), RdfTerm("skos", "altLabel")
STATEMENT = RdfTerm("rdf", "Statement")
SUBJECT, PREDICATE, OBJECT = (RdfTerm("rdf", name) for name in ("subject", "predicate", "object"))
DERIVED, SOURCE = RdfTerm("prov", "wasDerivedFrom"), RdfTerm("prov", "Entity")
IDENTIFIER = RdfTerm("dcterms", "identifier")
IMAGE, SCORE = RdfTerm("term", "image"), RdfTerm("term", "score")
MERGE, OF_NODE = RdfTerm("term", "Merge"), RdfTerm("term", "node")
GRAPH, COLLECTION = RdfTerm("term", "graph"), RdfTerm("prov", "Collection")
SCHEMA_VERSION = RdfTerm("term", "schema_version")
NAME, REASON = RdfTerm("term", "name"), RdfTerm("term", "reason")


VERSION = "1"
"""Version of these triples; ``jmere.files.schema`` has the rule for changes."""


def described(graph: KnowledgeGraph) -> Iterator[tuple[RdfTerm, Said]]:
    """Yield every resource with its properties: graph, nodes, edges, statements, merges, posts."""
    yield GRAPH, {TYPE: [COLLECTION], SCHEMA_VERSION: [VERSION]}
    leaving: dict[str, list[Edge]] = defaultdict(list)
    for edge in graph.edges:
        leaving[edge.head].append(edge)
    for node in graph.nodes:
        yield RdfTerm("entity", node.id), _node(node) | _links(leaving.get(node.id, []))
    for edge in graph.edges:
        for number, evidence in enumerate(edge.evidence):
            yield _statement_name(edge, evidence, number), _statement(edge, evidence)
    for node in graph.nodes:
        for merge in node.merged:
            yield from _merges(node, merge)
    for post in _posts(graph):
        yield RdfTerm("post", post), {TYPE: [SOURCE], IDENTIFIER: [post]}


def _node(node: Node) -> Said:
    said: Said = {TYPE: [RdfTerm("type", node.type)], LABEL: [node.label]}
    if node.names:
        said[OTHER_LABEL] = [*node.names]
    posts = {it.post: None for merge in node.merged for it in merge.evidence}
    if sources := [RdfTerm("post", post) for post in posts if post is not None]:
        said[DERIVED] = [*sources]
    return said


def _links(edges: list[Edge]) -> Said:
    said: Said = defaultdict(list)
    for edge in edges:
        said[RdfTerm("relation", edge.relation)].append(RdfTerm("entity", edge.tail))
    return said


def _statement_name(edge: Edge, evidence: Evidence, number: int) -> RdfTerm:
    parts = (edge.head, edge.relation, edge.tail, *_source_parts(evidence, number))
    return RdfTerm("statement", digest(*parts))


def _source_parts(evidence: Evidence, number: int) -> tuple[str, str]:
    source = f"number {number}" if evidence.post is None else f"post {evidence.post}"
    return source, evidence.image or ""


def _statement(edge: Edge, evidence: Evidence) -> Said:
    said: Said = {
        TYPE: [STATEMENT],
        SUBJECT: [RdfTerm("entity", edge.head)],
        PREDICATE: [RdfTerm("relation", edge.relation)],
        OBJECT: [RdfTerm("entity", edge.tail)],
    }
    return said | _source(evidence)


def _merges(node: Node, merge: Merge) -> Iterator[tuple[RdfTerm, Said]]:
    """Yield a merge for each post that supports it, or one without a post."""
    said: Said = {
        TYPE: [MERGE],
        OF_NODE: [RdfTerm("entity", node.id)],
        NAME: [*dict.fromkeys(merge.names)],
        REASON: [merge.reason],
    }
    parts = ("merge", node.id, *merge.names, merge.reason)
    if not merge.evidence:
        yield RdfTerm("statement", digest(*parts)), said
    for number, evidence in enumerate(merge.evidence):
        own = (*parts, *_source_parts(evidence, number))
        yield RdfTerm("statement", digest(*own)), said | _source(evidence)


def _source(evidence: Evidence) -> Said:
    said: Said = {}
    if evidence.post is not None:
        said[DERIVED] = [RdfTerm("post", evidence.post)]
    if evidence.image is not None:
        said[IMAGE] = [evidence.image]
    if evidence.score is not None:
        said[SCORE] = [evidence.score]
    return said


def _posts(graph: KnowledgeGraph) -> dict[str, None]:
    evidence = chain(
        chain.from_iterable(merge.evidence for node in graph.nodes for merge in node.merged),
        chain.from_iterable(edge.evidence for edge in graph.edges),
    )
    return {it.post: None for it in evidence if it.post is not None}
