"""RDF description of a knowledge graph; ``docs/reference/rdf.md`` lists the terms.

A node has its type, its name (``rdfs:label``), its other names (``skos:altLabel``), and each name
with its count (``skosxl:Label``). An edge is a plain triple, a ``term:Edge`` with its counts,
and, for each post with it, an ``rdf:Statement`` with ``prov:wasDerivedFrom`` the post. Two merged
names are a ``term:Merge`` of a node. A post that names a node outside quintuples is a
``term:Mention`` of it. The document itself, ``term:graph``, is a ``prov:Collection`` with its
``term:schema_version``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from jmere.knowledge.graph import Edge, Evidence, Merge, Node
from jmere.knowledge.names import digest
from jmere.knowledge.streams import GraphStream, Leaving, known_posts, node_evidence
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
MENTION, MENTIONS = _term("Mention"), _term("mentions")
HEAD, RELATION, TAIL = _term("head"), _term("relation"), _term("tail")
POSTS, TEXTS, AUTHORS = _term("posts"), _term("texts"), _term("authors")
SCORE, POOLED_SCORE = _term("score"), _term("pooledScore")
FIRST_TIME, LAST_TIME = _term("firstTime"), _term("lastTime")
IMAGE, MODEL, READ_IN = _term("image"), _term("model"), _term("source")
TEXT_ID, TEXT, KEPT, URL = _term("textId"), _term("text"), _term("kept"), _term("url")
STATED_PLACES = tuple(
    (_term(name), field)
    for name, field in (
        ("headStart", "head_start"),
        ("headEnd", "head_end"),
        ("tailStart", "tail_start"),
        ("tailEnd", "tail_end"),
    )
)
BOXES = ((_term("headBox"), "head_box"), (_term("tailBox"), "tail_box"))
OWN_PLACES = (_term("start"), _term("end"), _term("box"))
_CLASS_STATEMENT: list[Value] = [STATEMENT]
_CLASS_EDGE: list[Value] = [EDGE]
_CLASS_NAME: list[Value] = [NAME_CLASS]
_CLASS_SOURCE: list[Value] = [SOURCE]

VERSION = "1"
"""Version of these triples; ``jmere.files.schema`` has the rule for changes."""


def described(graph: GraphStream) -> Described:
    """Yield every resource with its properties: graph, nodes, edges, statements, merges, posts."""
    yield from described_document()
    for leaving in graph.iter_leaving():
        yield from described_leaving(leaving)
    for edge in graph.iter_edges():
        yield from described_edge(edge)
    for post, known in graph.iter_posts():
        yield RdfTerm("post", post), _post(post, known)


def described_leaving(leaving: Leaving) -> Described:
    """Yield a node, with the plain triples of the edges that leave it, and what belongs to it."""
    if leaving.node is None:
        yield RdfTerm("entity", leaving.head), _linked({}, leaving.links)
        return
    (name, said), *others = described_node(leaving.node)
    yield name, _linked(said, leaving.links)
    yield from others


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
        said[MENTIONS] = [node.mentions]
    names = [RdfTerm("name", digest(node.id, name)) for name in node.name_counts]
    if names:
        said[NAME_LABEL] = [names[0]]
    if names[1:]:
        said[OTHER_NAME] = [*names[1:]]
    if posts := dict.fromkeys(it.post for it in node_evidence(node) if it.post is not None):
        said[DERIVED] = [RdfTerm("post", post) for post in posts]
    yield entity, said
    for name, (form, count) in zip(names, node.name_counts.items(), strict=True):
        yield name, {TYPE: _CLASS_NAME, WRITTEN: [form], MENTIONS: [count]}
    for merge in node.merged:
        yield from _merges(node, merge)
    for number, it in enumerate(node.evidence):
        parts = ("mention", node.id, *_source_parts(it, number))
        yield RdfTerm("statement", digest(*parts)), _mention(entity, it)


def described_edge(edge: Edge, *, link: bool = False) -> Described:
    """Yield an edge and its statements; with ``link``, the plain triple too."""
    if link:
        yield RdfTerm("entity", edge.head), _linked({}, [(edge.relation, edge.tail)])
    name = RdfTerm("edge", digest(edge.head, edge.relation, edge.tail))
    head: list[Value] = [RdfTerm("entity", edge.head)]
    tail: list[Value] = [RdfTerm("entity", edge.tail)]
    relation: list[Value] = [RdfTerm("relation", edge.relation)]
    said: Said = {
        TYPE: _CLASS_EDGE,
        HEAD: head,
        RELATION: relation,
        TAIL: tail,
        POSTS: [edge.count],
        TEXTS: [edge.texts],
        AUTHORS: [edge.authors],
    }
    if (score := edge.score) is not None:
        said[SCORE] = [score]
    if (pooled := edge.pooled_score) is not None:
        said[POOLED_SCORE] = [pooled]
    first, last = edge.times
    if first is not None and last is not None:
        said[FIRST_TIME], said[LAST_TIME] = [Typed(first, "dateTime")], [Typed(last, "dateTime")]
    yield name, said
    of_edge: list[Value] = [name]
    for number, it in enumerate(edge.evidence):
        parts = (edge.head, edge.relation, edge.tail, *_source_parts(it, number))
        stated: Said = {
            TYPE: _CLASS_STATEMENT,
            SUBJECT: head,
            PREDICATE: relation,
            OBJECT: tail,
            OF_EDGE: of_edge,
        }
        _add_source(stated, it)
        yield RdfTerm("statement", digest(*parts)), stated


def described_posts(evidence: Iterable[Evidence]) -> Described:
    """Yield every post; where evidence disagrees about one, the smallest value counts."""
    for post, known in known_posts(evidence).items():
        yield RdfTerm("post", post), _post(post, known)


def _post(post: str, known: dict[str, str]) -> Said:
    said: Said = {TYPE: _CLASS_SOURCE, IDENTIFIER: [post]}
    if "time" in known:
        said[CREATED] = [Typed(known["time"], "dateTime")]
    if "author" in known:
        said[CREATOR] = [known["author"]]
    if "language" in known:
        said[LANGUAGE] = [known["language"]]
    if "url" in known:
        said[URL] = [Typed(known["url"], "anyURI")]
    for term, key in ((TEXT_ID, "text_id"), (TEXT, "text"), (KEPT, "kept")):
        if key in known:
            said[term] = [known[key]]
    return said


def _linked(said: Said, links: Iterable[tuple[str, str]]) -> Said:
    """Add the plain triples of edges to what is said of their head."""
    for relation, tail in links:
        said.setdefault(RdfTerm("relation", relation), []).append(RdfTerm("entity", tail))
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
        stated = said.copy()
        _add_source(stated, evidence)
        yield RdfTerm("statement", digest(*own)), stated


def _mention(entity: RdfTerm, it: Evidence) -> Said:
    said: Said = {TYPE: [MENTION], OF_NODE: [entity]}
    _add_origin(said, it)
    places = (it.head_start, it.head_end, _box(it.head_box))
    for term, place in zip(OWN_PLACES, places, strict=True):
        if place is not None:
            said[term] = [place]
    return said


def _add_source(said: Said, it: Evidence) -> None:
    _add_origin(said, it)
    said[READ_IN] = [it.source]
    if it.score is not None:
        said[SCORE] = [it.score]
    for term, field in STATED_PLACES:
        if (place := getattr(it, field)) is not None:
            said[term] = [place]
    for term, field in BOXES:
        if (box := _box(getattr(it, field))) is not None:
            said[term] = [box]


def _add_origin(said: Said, it: Evidence) -> None:
    if it.post is not None:
        said[DERIVED] = [RdfTerm("post", it.post)]
    if it.image is not None:
        said[IMAGE] = [it.image]
    if it.model is not None:
        said[MODEL] = [it.model]


def _box(box: Box | None) -> str | None:
    return None if box is None else " ".join(f"{corner:g}" for corner in box)
