"""RDF description of a knowledge graph; ``docs/reference/rdf.md`` lists the terms.

A node has its type, its name (``rdfs:label``), its other names (``skos:altLabel``), and each name
with its count (``skosxl:Label``). An edge is a plain triple, a ``term:Edge`` with its counts,
and, for each post with it, an ``rdf:Statement`` with ``prov:wasDerivedFrom`` the post. Two merged
names are a ``term:Merge`` of a node. A post that names a node outside quintuples is a
``term:Mention`` of it. The document itself, ``term:graph``, is a ``prov:Collection`` with its
``term:schema_version``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from jmere.knowledge.graph import Edge, Evidence, KnowledgeGraph, Merge, Node
from jmere.knowledge.names import digest
from jmere.records import Box

KINDS = ("entity", "post", "statement", "edge", "name", "type", "relation", "term")
"""Prefixes of our own names; all other prefixes are of public vocabularies."""


class RdfTerm(NamedTuple):
    """An IRI: a prefix and a local name, not yet encoded."""

    prefix: str
    local: str


class FullIri(NamedTuple):
    """An IRI of somebody else."""

    iri: str


class Typed(NamedTuple):
    """A literal of a datatype of XML Schema."""

    text: str
    datatype: str


Value = RdfTerm | FullIri | Typed | str | float
"""Object of a triple: another resource, a text, a count, or a score."""

Said = dict[RdfTerm, list[Value]]
Described = Iterator[tuple[RdfTerm, Said]]


def _term(name: str) -> RdfTerm:
    return RdfTerm("term", name)


TYPE = RdfTerm("rdf", "type")
LABEL, OTHER_LABEL = RdfTerm("rdfs", "label"), RdfTerm("skos", "altLabel")
SAME_AS = RdfTerm("owl", "sameAs")
NAME_LABEL, OTHER_NAME = RdfTerm("skosxl", "prefLabel"), RdfTerm("skosxl", "altLabel")
NAME_CLASS, WRITTEN = RdfTerm("skosxl", "Label"), RdfTerm("skosxl", "literalForm")
STATEMENT = RdfTerm("rdf", "Statement")
SUBJECT, PREDICATE, OBJECT = (RdfTerm("rdf", name) for name in ("subject", "predicate", "object"))
DERIVED, SOURCE = RdfTerm("prov", "wasDerivedFrom"), RdfTerm("prov", "Entity")
IDENTIFIER, CREATED = RdfTerm("dcterms", "identifier"), RdfTerm("dcterms", "created")
CREATOR, LANGUAGE = RdfTerm("dc", "creator"), RdfTerm("dc", "language")
GRAPH_TERM, COLLECTION = _term("graph"), RdfTerm("prov", "Collection")
SCHEMA_VERSION = _term("schema_version")
MERGE, OF_NODE, NAME, REASON = _term("Merge"), _term("node"), _term("name"), _term("reason")
EDGE, OF_EDGE = _term("Edge"), _term("edge")
MENTION = _term("Mention")

VERSION = "1"
"""Version of these triples; ``jmere.files.schema`` has the rule for changes."""


def described(graph: KnowledgeGraph) -> Described:
    """Yield every resource with its properties: graph, nodes, edges, statements, merges, posts."""
    yield from described_document()
    leaving: dict[str, list[Edge]] = defaultdict(list)
    for edge in graph.edges:
        leaving[edge.head].append(edge)
    for node in graph.nodes:
        (name, said), *others = described_node(node)
        for edge in leaving.pop(node.id, ()):
            _link(edge, said)
        yield name, said
        yield from others
    for edge in chain.from_iterable(leaving.values()):  # a graph made by hand may lack nodes
        yield RdfTerm("entity", edge.head), _link(edge, defaultdict(list))
    for edge in graph.edges:
        yield from described_edge(edge)
    yield from described_posts(all_evidence(graph))


def described_document() -> Described:
    """Yield the document and its version."""
    yield GRAPH_TERM, {TYPE: [COLLECTION], SCHEMA_VERSION: [VERSION]}


def described_node(node: Node) -> Described:
    """Yield a node, its names, its merges and its mentions."""
    entity = RdfTerm("entity", node.id)
    said: Said = {TYPE: [RdfTerm("type", node.type)], LABEL: [node.label]}
    if node.names:
        said[OTHER_LABEL] = [*node.names]
    if node.same_as:
        said[SAME_AS] = [FullIri(iri) for iri in node.same_as]
    if node.counts:
        said[_term("mentions")] = [node.mentions]
    names = [RdfTerm("name", digest(node.id, name)) for name in node.name_counts]
    if names:
        said[NAME_LABEL] = [names[0]]
    if names[1:]:
        said[OTHER_NAME] = [*names[1:]]
    evidence = chain(node.evidence, *(merge.evidence for merge in node.merged))
    if posts := dict.fromkeys(it.post for it in evidence if it.post is not None):
        said[DERIVED] = [RdfTerm("post", post) for post in posts]
    yield entity, said
    for name, (form, count) in zip(names, node.name_counts.items(), strict=True):
        yield name, {TYPE: [NAME_CLASS], WRITTEN: [form], _term("mentions"): [count]}
    for merge in node.merged:
        yield from _merges(node, merge)
    for number, it in enumerate(node.evidence):
        parts = ("mention", node.id, *_source_parts(it, number))
        yield RdfTerm("statement", digest(*parts)), _mention(entity, it)


def described_edge(edge: Edge, *, link: bool = False) -> Described:
    """Yield an edge and its statements; with ``link``, the plain triple too."""
    if link:
        yield RdfTerm("entity", edge.head), _link(edge, defaultdict(list))
    name = RdfTerm("edge", digest(edge.head, edge.relation, edge.tail))
    head, tail = RdfTerm("entity", edge.head), RdfTerm("entity", edge.tail)
    relation = RdfTerm("relation", edge.relation)
    said: Said = {
        TYPE: [EDGE],
        _term("head"): [head],
        _term("relation"): [relation],
        _term("tail"): [tail],
        _term("posts"): [edge.count],
        _term("texts"): [edge.texts],
        _term("authors"): [edge.authors],
    }
    first, last = edge.times
    yield (
        name,
        said
        | _present(
            score=edge.score,
            pooledScore=edge.pooled_score,
            firstTime=first and Typed(first, "dateTime"),
            lastTime=last and Typed(last, "dateTime"),
        ),
    )
    for number, it in enumerate(edge.evidence):
        parts = (edge.head, edge.relation, edge.tail, *_source_parts(it, number))
        ends: Said = {
            TYPE: [STATEMENT],
            SUBJECT: [head],
            PREDICATE: [relation],
            OBJECT: [tail],
            OF_EDGE: [name],
        }
        yield RdfTerm("statement", digest(*parts)), ends | _source(it)


def all_evidence(graph: KnowledgeGraph) -> Iterator[Evidence]:
    """Yield the evidence of nodes, of merges and of edges."""
    for node in graph.nodes:
        yield from node.evidence
        for merge in node.merged:
            yield from merge.evidence
    for edge in graph.edges:
        yield from edge.evidence


def described_posts(evidence: Iterable[Evidence]) -> Described:
    """Yield every post; where evidence disagrees about one, the smallest value counts."""
    posts: dict[str, dict[str, str]] = {}
    for it in evidence:
        if it.post is None:
            continue
        known = posts.setdefault(it.post, {})
        for key in ("time", "author", "url", "language", "text_id", "text", "kept"):
            if (value := getattr(it, key)) is not None:
                known[key] = min(known.get(key, value), value)
    for post, known in posts.items():
        yield RdfTerm("post", post), _post(post, known)


def _post(post: str, known: dict[str, str]) -> Said:
    said: Said = {TYPE: [SOURCE], IDENTIFIER: [post]}
    if "time" in known:
        said[CREATED] = [Typed(known["time"], "dateTime")]
    if "author" in known:
        said[CREATOR] = [known["author"]]
    if "language" in known:
        said[LANGUAGE] = [known["language"]]
    url = Typed(known["url"], "anyURI") if "url" in known else None
    texts = {"textId": known.get("text_id"), "text": known.get("text"), "kept": known.get("kept")}
    return said | _present(url=url, **texts)


def _link(edge: Edge, said: Said) -> Said:
    """Add the plain triple of an edge to what is said of its head."""
    said.setdefault(RdfTerm("relation", edge.relation), []).append(RdfTerm("entity", edge.tail))
    return said


def _source_parts(evidence: Evidence, number: int) -> tuple[str, str]:
    source = f"number {number}" if evidence.post is None else f"post {evidence.post}"
    return source, evidence.image or ""


def _merges(node: Node, merge: Merge) -> Described:
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


def _mention(entity: RdfTerm, it: Evidence) -> Said:
    said: Said = {TYPE: [MENTION], OF_NODE: [entity]}
    return (
        said | _derived(it) | _present(start=it.head_start, end=it.head_end, box=_box(it.head_box))
    )


def _source(it: Evidence) -> Said:
    return _derived(it) | _present(
        source=it.source,
        score=it.score,
        headStart=it.head_start,
        headEnd=it.head_end,
        tailStart=it.tail_start,
        tailEnd=it.tail_end,
        headBox=_box(it.head_box),
        tailBox=_box(it.tail_box),
    )


def _derived(it: Evidence) -> Said:
    said: Said = {} if it.post is None else {DERIVED: [RdfTerm("post", it.post)]}
    return said | _present(image=it.image, model=it.model)


def _box(box: Box | None) -> str | None:
    return None if box is None else " ".join(f"{corner:g}" for corner in box)


def _present(**values: Value | None) -> Said:
    return {_term(name): [value] for name, value in values.items() if value is not None}
