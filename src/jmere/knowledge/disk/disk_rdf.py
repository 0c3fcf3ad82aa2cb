"""N-Triples and Turtle of a graph on disk, composed by columns.

The resources and their properties are those of ``jmere.knowledge.describe``; nodes of several
names are described there. Tests compare the bytes of both.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

from jmere.knowledge import describe as terms
from jmere.knowledge.disk.disk_columns import digests, picked
from jmere.knowledge.disk.disk_parts import NodePart, edge_parts, node_parts
from jmere.knowledge.disk.disk_rows import OrderedRows
from jmere.knowledge.disk.disk_stream import DiskStream
from jmere.knowledge.disk.disk_text import (
    TextParts,
    TextRows,
    changes,
    codes,
    interleaved,
    joined,
    taken,
    text_bytes,
)
from jmere.knowledge.disk.rdf_syntax import Clause, ListClause, RdfSyntax
from jmere.knowledge.rdf import BASE, RdfNames

_BETWEEN = "\0"
"""What stands between the parts of a digest."""


def write_disk_rdf(graph: DiskStream, stream: IO[bytes], *, turtle: bool, base: str = BASE) -> None:
    """Write a graph as Turtle or as N-Triples."""
    syntax = RdfSyntax(RdfNames(base), turtle=turtle)
    stream.write(syntax.header().encode())
    stream.writelines(text.encode() for text in syntax.described(terms.described_document()))
    stream.writelines(_nodes(graph, syntax))
    stream.writelines(_edges(graph, syntax))
    stream.writelines(_posts(graph, syntax))


def _nodes(graph: DiskStream, syntax: RdfSyntax) -> Iterator[memoryview | bytes]:
    """Yield nodes of one name from columns, others from records, in order of their ids."""
    merged = (
        (leaving.head, "".join(syntax.described(terms.described_leaving(leaving))))
        for leaving in graph.iter_merged()
    )
    return interleaved(_singles(graph, syntax), merged)


def _singles(graph: DiskStream, it: RdfSyntax) -> Iterator[TextRows]:
    links = OrderedRows(graph.connection, "SELECT head, relation, tail FROM edge", "head")
    alone = OrderedRows(graph.connection, "SELECT * FROM sole", "node")
    for part in node_parts(graph.connection):
        node, last = part.nodes.column("node"), part.nodes.column("node")[-1].as_py()
        posts, mentioned = _mentioned(part, alone.until(last), it)
        clauses, names = _named(part, it)
        found = it.resource(
            it.entity(node), [*clauses, posts, _linked(part, links.until(last), it)]
        )
        yield TextRows(node, joined([*found, names, mentioned]))


def _named(part: NodePart, it: RdfSyntax) -> tuple[list[Clause | ListClause], Any]:
    """Return the properties of nodes that tell their names, and the texts of these names."""
    node, form, members = part.nodes.column("node"), part.forms.column("form"), part.members
    mark = digests(joined([picked(node, members.owners), _BETWEEN, form]))
    label, name = it.text(form), it.iri("name", mark, plain=True)
    texts = members.texts(it.resource(name, [
        Clause(terms.TYPE, it.term(terms.NAME_CLASS)),
        Clause(terms.WRITTEN, label),
        Clause(terms.MENTIONS, it.integer(part.forms.column("mentions"))),
    ]))  # fmt: skip
    first, others = members.is_first.nonzero()[0], (~members.is_first).nonzero()[0]
    other = members.some(others)
    return [
        Clause(terms.TYPE, it.iri("type", part.nodes.column("kind"))),
        Clause(terms.LABEL, taken(label, first)),
        ListClause(terms.OTHER_LABEL, taken(label, others), other),
        Clause(terms.MENTIONS, it.integer(part.mentions)),
        Clause(terms.NAME_LABEL, taken(name, first)),
        ListClause(terms.OTHER_NAME, taken(name, others), other),
    ], texts


def _mentioned(part: NodePart, rows: Any, it: RdfSyntax) -> tuple[ListClause, Any]:
    """Return the posts of nodes that posts mention alone, and the texts of the mentions."""
    rows, members = part.belonging(rows, "node")
    node, post, image = (rows.column(name) for name in ("node", "post", "image"))
    mark = digests(joined(["mention", _BETWEEN, node, _BETWEEN, *_source(post, image)]))
    start, end, box = terms.OWN_PLACES
    texts = members.texts(it.resource(it.iri("statement", mark, plain=True), [
        Clause(terms.TYPE, it.term(terms.MENTION)),
        Clause(terms.OF_NODE, it.entity(node)),
        *_origin(rows, it),
        Clause(start, it.integer(rows.column("head_start"))),
        Clause(end, it.integer(rows.column("head_end"))),
        Clause(box, it.box(rows.column("head_box"))),
    ]))  # fmt: skip
    other = changes(members.owners, codes(post)).nonzero()[0]
    posts = ListClause(terms.DERIVED, it.iri("post", picked(post, other)), members.some(other))
    return posts, texts


def _linked(part: NodePart, rows: Any, it: RdfSyntax) -> ListClause:
    """Return the plain triples of the edges that leave nodes."""
    rows, members = part.belonging(rows, "head")
    verbs = it.verbs("relation", rows.column("relation"))
    return ListClause(verbs, it.entity(rows.column("tail")), members)


def _edges(graph: DiskStream, it: RdfSyntax) -> Iterator[memoryview]:
    for evidence, edges, owners, first, _ in edge_parts(graph.connection):
        head, relation, tail = (edges.column(name) for name in ("head", "relation", "tail"))
        link = joined([head, _BETWEEN, relation, _BETWEEN, tail])
        name = it.iri("edge", digests(link), plain=True)
        ends = it.entity(head), it.iri("relation", relation), it.entity(tail)
        edge = joined(it.resource(name, [
            Clause(terms.TYPE, it.term(terms.EDGE)),
            *map(Clause, (terms.HEAD, terms.RELATION, terms.TAIL), ends),
            Clause(terms.POSTS, it.integer(edges.column("count"))),
            Clause(terms.TEXTS, it.integer(edges.column("texts"))),
            Clause(terms.AUTHORS, it.integer(edges.column("authors"))),
            Clause(terms.SCORE, it.decimal(edges.column("score"))),
            Clause(terms.POOLED_SCORE, it.decimal(edges.column("pooled_score"))),
            Clause(terms.FIRST_TIME, it.typed(edges.column("first_time"), "dateTime")),
            Clause(terms.LAST_TIME, it.typed(edges.column("last_time"), "dateTime")),
        ]))  # fmt: skip
        post, image = evidence.column("post"), evidence.column("image")
        own = digests(joined([picked(link, owners), _BETWEEN, *_source(post, image)]))
        statement = it.resource(it.iri("statement", own, plain=True), [
            Clause(terms.TYPE, it.term(terms.STATEMENT)),
            Clause(terms.SUBJECT, taken(ends[0], owners)),
            Clause(terms.PREDICATE, taken(ends[1], owners)),
            Clause(terms.OBJECT, taken(ends[2], owners)),
            Clause(terms.OF_EDGE, taken(name, owners)),
            *_origin(evidence, it),
            Clause(terms.READ_IN, it.text(evidence.column("source"))),
            Clause(terms.SCORE, it.decimal(evidence.column("score"))),
            *(Clause(verb, it.integer(evidence.column(at))) for verb, at in terms.STATED_PLACES),
            *(Clause(verb, it.box(evidence.column(at))) for verb, at in terms.BOXES),
        ])  # fmt: skip
        yield _bytes([edge.take(first), *statement])


def _posts(graph: DiskStream, it: RdfSyntax) -> Iterator[memoryview]:
    graph.gather_posts()
    for rows in OrderedRows(graph.connection, "SELECT * FROM post", "post"):
        known = {name: rows.column(name) for name in rows.schema.names}
        yield _bytes(it.resource(it.iri("post", known["post"]), [
            Clause(terms.TYPE, it.term(terms.SOURCE)),
            Clause(terms.IDENTIFIER, it.text(known["post"])),
            Clause(terms.CREATED, it.typed(known["time"], "dateTime")),
            Clause(terms.CREATOR, it.text(known["author"])),
            Clause(terms.LANGUAGE, it.text(known["language"])),
            Clause(terms.URL, it.typed(known["url"], "anyURI")),
            Clause(terms.TEXT_ID, it.text(known["text_id"])),
            Clause(terms.TEXT, it.text(known["text"])),
            Clause(terms.KEPT, it.text(known["kept"])),
        ]))  # fmt: skip


def _source(post: Any, image: Any) -> TextParts:
    """Return the parts of a digest that name a post."""
    return ["post ", post, _BETWEEN, image]


def _origin(rows: Any, it: RdfSyntax) -> list[Clause]:
    return [
        Clause(terms.DERIVED, it.iri("post", rows.column("post"))),
        Clause(terms.IMAGE, it.text(rows.column("image"))),
        Clause(terms.MODEL, it.text(rows.column("model"))),
    ]


def _bytes(parts: TextParts) -> memoryview:
    texts = joined(parts)
    return text_bytes(texts, 0, len(texts))
