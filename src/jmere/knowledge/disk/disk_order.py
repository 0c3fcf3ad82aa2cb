"""Edges, evidence and nodes of a graph on disk, as tables in the order of the files.

What ``jmere.knowledge.assemble`` and ``jmere.knowledge.counting`` say of one edge is said here of
all, in SQL; tests compare both. Nodes that are merged stay with those modules.
"""

from __future__ import annotations

from typing import Any

from jmere.knowledge.disk.disk_tables import EVIDENCE

_BEST = ", ".join(
    [
        "COALESCE(score, 0) DESC",
        "score IS NULL",
        "source <> 'text'",
        *(f"COALESCE({end}_{edge}, -1)" for end in ("head", "tail") for edge in ("start", "end")),
        *(f"COALESCE({end}_box, []::DOUBLE[])" for end in ("head", "tail")),
        *(
            f"{name} IS NULL, COALESCE({name}, '')"
            for name in ("model", "time", "author", "url", "language", "text_id", "text", "kept")
        ),
    ]
)
"""The order of ``assemble.distinct_evidence`` among evidence of one post."""

_COLUMNS = ", ".join(EVIDENCE)
_SAID = "COALESCE('text ' || text_id, 'post ' || post)"


def order_edges(connection: Any, alternate_names: str | None) -> None:
    """Make the tables ``evidence`` (of edges, numbered) and ``edge`` (with its counts)."""
    connection.execute(
        f"""
        CREATE TABLE evidence AS
        WITH stated AS (
            SELECT head.node AS head, claim.relation AS relation, tail.node AS tail,
                claim.* EXCLUDE (head, relation, tail)
            FROM claim JOIN name AS head ON head.n = claim.head
                JOIN name AS tail ON tail.n = claim.tail
            WHERE NOT (claim.relation = ? AND head.node = tail.node)
        ), doubled AS (
            SELECT head, relation, tail, post FROM stated
            GROUP BY head, relation, tail, post HAVING COUNT(*) > 1
        ), kept AS (
            SELECT * FROM stated ANTI JOIN doubled USING (head, relation, tail, post)
            UNION ALL
            SELECT * FROM stated SEMI JOIN doubled USING (head, relation, tail, post)
            QUALIFY ROW_NUMBER() OVER (
                PARTITION BY head, relation, tail, post, image ORDER BY {_BEST}
            ) = 1
        )
        SELECT * FROM kept ORDER BY head, relation, tail, post, COALESCE(image, ''), image IS NULL
        """,
        [alternate_names or ""],
    )
    connection.execute(
        f"""
        CREATE TABLE edge AS
        WITH plain AS (
            SELECT head, relation, tail, COUNT(*) AS count, COUNT(author) AS authors,
                MAX(score) AS score, MIN(time) AS first_time, MAX(time) AS last_time,
                MIN(rowid) AS first
            FROM evidence GROUP BY head, relation, tail
        ), several AS (
            SELECT head, relation, tail FROM plain WHERE count > 1
        ), texts AS (
            SELECT head, relation, tail, {_SAID} AS said, MAX(score) AS score,
                ARG_MIN(author, (time IS NULL, COALESCE(time, ''), post, author))
                    FILTER (author IS NOT NULL) AS author
            FROM evidence SEMI JOIN several USING (head, relation, tail)
            GROUP BY head, relation, tail, said
        ), counted AS (
            SELECT head, relation, tail, COUNT(*) AS texts, COUNT(DISTINCT author) AS authors,
                LIST(1 - score ORDER BY score) FILTER (score IS NOT NULL) AS wrong
            FROM texts GROUP BY head, relation, tail
        )
        SELECT head, relation, tail, count, COALESCE(texts, 1) AS texts,
            COALESCE(counted.authors, plain.authors) AS authors, score,
            FORMAT(
                '{{:.12g}}', 1 - COALESCE(LIST_REDUCE(wrong, LAMBDA x, y: x * y), 1 - score)
            )::DOUBLE AS pooled_score, first_time, last_time, first
        FROM plain LEFT JOIN counted USING (head, relation, tail) ORDER BY head, relation, tail
        """
    )


def order_nodes(connection: Any) -> None:
    """Make the tables ``alone`` (evidence of nodes alone) and ``single`` (names of nodes).

    ``single`` has the spellings of each node of one name, the most frequent first.
    """
    connection.execute(
        f"""
        CREATE TABLE sole AS
        SELECT node, doubtful, {_COLUMNS} FROM alone JOIN name USING (n)
        QUALIFY ROW_NUMBER() OVER (PARTITION BY node, post, image ORDER BY {_BEST}) = 1
        ORDER BY node, post, COALESCE(image, ''), image IS NULL
        """
    )
    connection.execute(
        """
        CREATE TABLE single AS
        SELECT node, kind, form, mentions FROM name JOIN form USING (n) WHERE NOT doubtful
        ORDER BY node, mentions DESC, form[1] IN ('#', '@'), form
        """
    )
