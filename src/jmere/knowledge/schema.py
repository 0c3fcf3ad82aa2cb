"""The schema of a knowledge graph: the columns of nodes, edges and evidence, in one place.

The writers, the store and Parquet share it. A row is a dictionary; absent values are ``None``.
Evidence is of an edge, of a merge, or of a node alone: then it has no relation and no tail.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from jmere.knowledge.graph import Edge, Evidence, Merge, Node
from jmere.knowledge.streams import GraphStream

ColumnType = Literal["text", "texts", "integer", "integers", "number", "numbers", "time", "merges"]
"""Type of a column; those in the plural are lists."""

TableRow = dict[str, object]


class Column(NamedTuple):
    """A column: its name, its type and what it means."""

    name: str
    type: ColumnType
    meaning: str


NODE_COLUMNS = (
    Column("id", "text", "Readable and unique; independent of the order of the posts."),
    Column("type", "text", "Entity type."),
    Column("label", "text", "Most frequent name, or the canonical one of the aliases file."),
    Column("names", "texts", "All names, the label first."),
    Column("name_counts", "integers", "Mentions by each name; near-identical texts count once."),
    Column("mentions", "integer", "All mentions; near-identical texts count once."),
    Column("same_as", "texts", "IRIs of the same thing elsewhere."),
    Column("merged", "merges", "Merged names with the reason and the posts, as JSON."),
)
EDGE_COLUMNS = (
    Column("head", "text", "Node id."),
    Column("relation", "text", "Relation."),
    Column("tail", "text", "Node id."),
    Column("count", "integer", "Number of posts."),
    Column("texts", "integer", "Number of distinct texts: retweets and copies count once."),
    Column("authors", "integer", "Number of distinct authors of distinct texts."),
    Column("score", "number", "Maximum score, from 0 to 1."),
    Column("pooled_score", "number", "Probability that one of the distinct texts is right."),
    Column("first_time", "time", "Time of the first post, UTC."),
    Column("last_time", "time", "Time of the last post, UTC."),
)
EVIDENCE_COLUMNS = (
    Column("head", "text", "Node id."),
    Column("relation", "text", "Relation; absent where a post names the node alone."),
    Column("tail", "text", "Node id; absent where a post names the node alone."),
    Column("post", "text", "Id of the post."),
    Column("image", "text", "Path of its picture."),
    Column("score", "number", "Score of the extraction, from 0 to 1."),
    Column("head_start", "integer", "First character of the head in the post's text."),
    Column("head_end", "integer", "One past its last character."),
    Column("tail_start", "integer", "First character of the tail."),
    Column("tail_end", "integer", "One past its last character."),
    Column("head_box", "numbers", "Place of the head in the picture: x0, y0, x1, y1."),
    Column("tail_box", "numbers", "Place of the tail in the picture."),
    Column("model", "text", "Model of the extraction."),
    Column("source", "text", "Where it was read: text or picture."),
    Column("time", "time", "Time of the post, UTC."),
    Column("author", "text", "Author of the post."),
    Column("url", "text", "Address of the post."),
    Column("language", "text", "Language of the post."),
    Column("text_id", "text", "Digest of the text; near-identical texts have the same."),
    Column("text", "text", "Text of the post, with --keep-text."),
    Column("kept", "text", "Columns of the post that --keep copied, as JSON."),
)

RECORD_COLUMNS = EVIDENCE_COLUMNS[3:]
"""Columns of evidence without its ends."""


def node_row(node: Node) -> TableRow:
    """Return the columns of a node.

    Example:
        >>> node_row(Node("ann-1", "Ann", "per", ("ANN",), 3, counts=(2, 1)))["name_counts"]
        [2, 1]
    """
    return {
        "id": node.id,
        "type": node.type,
        "label": node.label,
        "names": [node.label, *node.names],
        "name_counts": list(node.counts),
        "mentions": node.mentions,
        "same_as": list(node.same_as),
        "merged": [merge_record(merge) for merge in node.merged],
    }


def edge_row(edge: Edge) -> TableRow:
    """Return the columns of an edge."""
    first, last = edge.times
    return {
        "head": edge.head,
        "relation": edge.relation,
        "tail": edge.tail,
        "count": edge.count,
        "texts": edge.texts,
        "authors": edge.authors,
        "score": edge.score,
        "pooled_score": edge.pooled_score,
        "first_time": first,
        "last_time": last,
    }


def evidence_rows(graph: GraphStream) -> Iterator[TableRow]:
    """Yield the evidence of all edges, then that of nodes alone."""
    for edge in graph.iter_edges():
        for it in edge.evidence:
            yield _evidence_row(edge.head, edge.relation, edge.tail, it)
    for node in graph.iter_nodes():
        for it in node.evidence:
            yield _evidence_row(node.id, None, None, it)


def _evidence_row(head: str, relation: str | None, tail: str | None, it: Evidence) -> TableRow:
    ends: TableRow = {"head": head, "relation": relation, "tail": tail}
    own = (column.name for column in EVIDENCE_COLUMNS if column.name not in ends)
    return ends | {name: getattr(it, name) for name in own}


def evidence_record(it: Evidence) -> TableRow:
    """Return evidence without its ends; absent values, and ``text`` as source, are left out."""
    record: TableRow = {}
    for column in RECORD_COLUMNS:
        value = getattr(it, column.name)
        if value is not None and not (column.name == "source" and value == "text"):
            record[column.name] = value
    return record


def merge_record(merge: Merge) -> TableRow:
    """Return a merge: both names, the reason and the posts."""
    return {
        "names": list(merge.names),
        "reason": merge.reason,
        "evidence": evidence_records(merge.evidence),
    }


def evidence_records(evidence: Iterable[Evidence]) -> list[TableRow]:
    """Return several pieces of evidence without their ends."""
    return [evidence_record(it) for it in evidence]
