"""N-Triples and Turtle of a graph on disk, composed by the database.

The resources and their properties are those of ``jmere.knowledge.describe``; nodes of several
names are described there. Tests compare the bytes of both.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

from jmere.errors import require
from jmere.knowledge import describe as terms
from jmere.knowledge.disk.disk_stream import DiskStream
from jmere.knowledge.disk.disk_text import TextRows, all_texts, interleaved, text_rows
from jmere.knowledge.disk.rdf_syntax import (
    Clause,
    ListClause,
    RdfSyntax,
    joined,
    register_functions,
)
from jmere.knowledge.rdf import BASE, RdfNames


def write_disk_rdf(graph: DiskStream, stream: IO[bytes], *, turtle: bool, base: str = BASE) -> None:
    """Write a graph as Turtle or as N-Triples."""
    arrow: Any = require("pyarrow", "large", "a graph larger than memory")
    register_functions(graph.connection, arrow)
    syntax = RdfSyntax(RdfNames(base), turtle=turtle)
    stream.write(syntax.header().encode())
    stream.writelines(text.encode() for text in syntax.described(terms.described_document()))
    stream.writelines(_nodes(graph, syntax))
    stream.writelines(_edges(graph, syntax))
    stream.writelines(_posts(graph, syntax))


def _nodes(graph: DiskStream, syntax: RdfSyntax) -> Iterator[memoryview | bytes]:
    """Yield nodes of one name from the database, others from records, in order of their ids."""
    merged = (
        (leaving.head, "".join(syntax.described(terms.described_leaving(leaving))))
        for leaving in graph.iter_merged()
    )
    return interleaved(_singles(graph, syntax), merged)


def _singles(graph: DiskStream, it: RdfSyntax) -> Iterator[TextRows]:
    name = it.iri("name", "mark", plain=True)
    spelled = it.resource(name, [
        Clause(terms.TYPE, it.term(terms.NAME_CLASS)),
        Clause(terms.WRITTEN, ["label"]),
        Clause(terms.MENTIONS, it.integer("count")),
    ])  # fmt: skip
    mark = "DIGEST(CONCAT_WS(CHR(0), 'mention', node, 'post ' || post, COALESCE(image, '')))"
    start, end, box = terms.OWN_PLACES
    mentioned = it.resource(it.iri("statement", "mark", plain=True), [
        Clause(terms.TYPE, it.term(terms.MENTION)),
        Clause(terms.OF_NODE, it.entity("node")),
        *_origin(it),
        Clause(start, it.integer("head_start"), "head_start"),
        Clause(end, it.integer("head_end"), "head_end"),
        Clause(box, it.box("head_box"), "head_box"),
    ])  # fmt: skip
    node = it.resource(it.entity("node"), [
        Clause(terms.TYPE, it.iri("type", "kind")),
        Clause(terms.LABEL, ["labels[1]"]),
        ListClause(terms.OTHER_LABEL, "labels[2:]"),
        Clause(terms.MENTIONS, it.integer("mentions")),
        Clause(terms.NAME_LABEL, ["names[1]"]),
        ListClause(terms.OTHER_NAME, "names[2:]"),
        ListClause(terms.DERIVED, "posts"),
    ], "links")  # fmt: skip
    query = f"""
        WITH spelled AS (
            SELECT node, UNNEST(forms) AS it, UNNEST(RANGE(LEN(forms))) AS spot
            FROM single WHERE node BETWEEN $1 AND $2
        ), named AS (
            SELECT node, spot, it.count AS count, {joined(it.text("it.form"))} AS label,
                DIGEST(CONCAT_WS(CHR(0), node, it.form)) AS mark FROM spelled
        ), names AS (
            SELECT node, LIST({
        joined(name)
    } ORDER BY spot) AS names, LIST(label ORDER BY spot) AS labels,
                STRING_AGG({joined(spelled)}, '' ORDER BY spot) AS text
            FROM named GROUP BY node
        ), marked AS (
            SELECT *, {mark} AS mark FROM sole WHERE node BETWEEN $1 AND $2 AND NOT doubtful
        ), mentioned AS (
            SELECT node, LIST_TRANSFORM(LIST_SORT(LIST(DISTINCT post)),
                LAMBDA p: {joined(it.iri("post", "p"))}) AS posts,
                STRING_AGG({
        joined(mentioned)
    }, '' ORDER BY post, COALESCE(image, ''), image IS NULL)
                AS text
            FROM marked GROUP BY node
        ), linked AS (
            SELECT head, relation, LIST({joined(it.entity("tail"))} ORDER BY tail) AS tails
            FROM edge WHERE head BETWEEN $1 AND $2 GROUP BY head, relation
        ), links AS (
            SELECT head AS node, LIST({
        it.link(it.entity("head"), it.iri("relation", "relation"), "tails")
    } ORDER BY relation) AS links FROM linked GROUP BY head
        )
        SELECT node, {joined([*node, "names.text", "mentioned.text"])}
        FROM single JOIN names USING (node) LEFT JOIN mentioned USING (node)
            LEFT JOIN links USING (node)
        WHERE node BETWEEN $1 AND $2 ORDER BY node
        """
    return text_rows(graph.connection, query, "single", "node")


def _edges(graph: DiskStream, it: RdfSyntax) -> Iterator[memoryview]:
    ends = [
        (terms.HEAD, terms.SUBJECT, it.entity("head")),
        (terms.RELATION, terms.PREDICATE, it.iri("relation", "relation")),
        (terms.TAIL, terms.OBJECT, it.entity("tail")),
    ]
    edge = it.resource(it.iri("edge", "mark", plain=True), [
        Clause(terms.TYPE, it.term(terms.EDGE)),
        *(Clause(verb, end) for verb, _, end in ends),
        Clause(terms.POSTS, it.integer("count")),
        Clause(terms.TEXTS, it.integer("texts")),
        Clause(terms.AUTHORS, it.integer("authors")),
        Clause(terms.SCORE, it.decimal("best"), "best"),
        Clause(terms.POOLED_SCORE, it.decimal("pooled_score"), "pooled_score"),
        Clause(terms.FIRST_TIME, it.typed("first_time", "dateTime"), "first_time"),
        Clause(terms.LAST_TIME, it.typed("last_time", "dateTime"), "last_time"),
    ])  # fmt: skip
    statement = it.resource(it.iri("statement", "own", plain=True), [
        Clause(terms.TYPE, it.term(terms.STATEMENT)),
        *(Clause(verb, end) for _, verb, end in ends),
        Clause(terms.OF_EDGE, it.iri("edge", "mark", plain=True)),
        *_origin(it),
        Clause(terms.READ_IN, it.text("source")),
        Clause(terms.SCORE, it.decimal("score"), "score"),
        *(Clause(verb, it.integer(field), field) for verb, field in terms.STATED_PLACES),
        *(Clause(verb, it.box(field), field) for verb, field in terms.BOXES),
    ])  # fmt: skip
    first = f"CASE WHEN spot = first THEN {joined(edge)} END"
    query = f"""
        WITH part AS (
            SELECT * RENAME (score AS best), CONCAT_WS(CHR(0), head, relation, tail) AS link
            FROM edge WHERE head BETWEEN $1 AND $2
        ), marked AS (
            SELECT *, DIGEST(link) AS mark FROM part
        ), stated AS (
            SELECT *, evidence.rowid AS spot,
                DIGEST(CONCAT_WS(CHR(0), link, 'post ' || post, COALESCE(image, ''))) AS own
            FROM evidence JOIN marked USING (head, relation, tail)
            WHERE head BETWEEN $1 AND $2
        )
        SELECT head, {joined([first, *statement])} FROM stated ORDER BY spot
        """
    return all_texts(graph.connection, query, "edge", "head")


def _posts(graph: DiskStream, it: RdfSyntax) -> Iterator[memoryview]:
    graph.gather_posts()
    post = it.resource(it.iri("post", "post"), [
        Clause(terms.TYPE, it.term(terms.SOURCE)),
        Clause(terms.IDENTIFIER, it.text("post")),
        Clause(terms.CREATED, it.typed("time", "dateTime"), "time"),
        Clause(terms.CREATOR, it.text("author"), "author"),
        Clause(terms.LANGUAGE, it.text("language"), "language"),
        Clause(terms.URL, it.typed("url", "anyURI"), "url"),
        Clause(terms.TEXT_ID, it.text("text_id"), "text_id"),
        Clause(terms.TEXT, it.text("text"), "text"),
        Clause(terms.KEPT, it.text("kept"), "kept"),
    ])  # fmt: skip
    query = f"SELECT post, {joined(post)} FROM post WHERE post BETWEEN $1 AND $2 ORDER BY post"
    return all_texts(graph.connection, query, "post", "post")


def _origin(it: RdfSyntax) -> list[Clause]:
    return [
        Clause(terms.DERIVED, it.iri("post", "post")),
        Clause(terms.IMAGE, it.text("image"), "image"),
        Clause(terms.MODEL, it.text("model"), "model"),
    ]
