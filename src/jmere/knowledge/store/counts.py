"""Counts of a store."""

from __future__ import annotations

import sqlite3

from jmere.knowledge.store.store_settings import StoreSettings


def store_counts(ledger: sqlite3.Connection, settings: StoreSettings) -> dict[str, object]:
    """Count posts, texts, authors, nodes, edges and evidence, by type and relation too."""

    def one(query: str, *values: object) -> object:
        return ledger.execute(query, values).fetchone()[0]

    def table(query: str, *values: object) -> dict[str, int]:
        return dict(ledger.execute(query, values).fetchall())

    # Within a node the relation of other names is a merge and no edge.
    edges = (
        "SELECT one.node AS head, relation, other.node AS tail, post.id AS id, post.image AS image "
        "FROM claim JOIN name AS one ON one.n = claim.head JOIN name AS other "
        "ON other.n = claim.tail JOIN post ON post.n = claim.post "
        "WHERE NOT (relation IS ? AND one.node = other.node)"
    )
    same = settings.alternate_names
    distinct = f"SELECT DISTINCT head, relation, tail FROM ({edges})"
    return {
        "posts": one("SELECT COUNT(DISTINCT id) FROM post"),
        "texts": one("SELECT COUNT(DISTINCT COALESCE('t' || text_id, 'p' || id)) FROM post"),
        "authors": one("SELECT COUNT(DISTINCT author) FROM post"),
        "first_time": one("SELECT MIN(time) FROM post"),
        "last_time": one("SELECT MAX(time) FROM post"),
        "nodes": one("SELECT COUNT(DISTINCT node) FROM name"),
        "edges": one(f"SELECT COUNT(*) FROM ({distinct})", same),
        "evidence": one(f"SELECT COUNT(*) FROM (SELECT DISTINCT * FROM ({edges}))", same),
        "types": table(
            "SELECT kind, COUNT(DISTINCT node) FROM name GROUP BY kind ORDER BY 2 DESC, 1"
        ),
        "relations": table(
            f"SELECT relation, COUNT(*) FROM ({distinct}) GROUP BY relation ORDER BY 2 DESC, 1",
            same,
        ),
        "aliases": len(settings.aliases),
        "excluded_relations": list(settings.exclude_relations),
    }
