"""A graph on disk, read in the order of its files."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from jmere.knowledge.assemble import Assembly, MergeRules, distinct_evidence
from jmere.knowledge.disk.disk_tables import EVIDENCE_NAMES, evidence_at, rows_of
from jmere.knowledge.graph import Edge, Evidence, Node
from jmere.knowledge.streams import POST_FIELDS, Leaving, PostFacts, known_posts
from jmere.knowledge.unify import NodeKey

_NODE = itemgetter(0)

_STATED = "NOT (claim.relation = $1 AND head.node = tail.node)"
"""Whether a claim is an edge; another name of a node's own is a merge."""

_JOINED = "claim JOIN name AS head ON head.n = claim.head JOIN name AS tail ON tail.n = claim.tail"


class DiskStream:
    """The graph of a database whose names are nodes.

    Memory grows with the largest node or edge: all its evidence is in memory at a time.
    """

    def __init__(self, connection: Any, rules: MergeRules) -> None:
        self.connection = connection
        self.rules = rules

    def counts(self) -> dict[str, int]:
        """Return the numbers of nodes, edges and evidence."""
        (row,) = self.connection.execute(
            "SELECT (SELECT COUNT(DISTINCT node) FROM name), (SELECT COUNT(*) FROM edge), "
            "(SELECT COUNT(*) FROM evidence)"
        ).fetchall()
        return dict(zip(("nodes", "edges", "evidence"), row, strict=True))

    def iter_nodes(self) -> Iterator[Node]:
        """Yield the nodes, sorted by id."""
        return self._nodes("TRUE")

    def iter_merged(self) -> Iterator[Leaving]:
        """Yield the nodes whose names may be merged, with the edges that leave them."""
        merged = "head IN (SELECT node FROM name WHERE doubtful)"
        return self._leaving(self.iter_merged_nodes(), merged)

    def iter_merged_nodes(self) -> Iterator[Node]:
        """Yield the nodes whose names may be merged."""
        return self._nodes("doubtful")

    def _nodes(self, wanted: str) -> Iterator[Node]:
        forms = self._rows(
            "SELECT node, name.n, kind, key, form, mentions FROM name JOIN form USING (n) "
            f"WHERE {wanted} ORDER BY node, kind, key, form"
        )
        alone = _Groups(
            self._rows(
                f"SELECT node, n, {EVIDENCE_NAMES} FROM name JOIN alone USING (n) "
                f"WHERE {wanted} ORDER BY node"
            )
        )
        merges = _Groups(
            self._rows(
                f"SELECT head.node, claim.head, claim.tail, {EVIDENCE_NAMES} FROM {_JOINED} "
                f"WHERE NOT ({_STATED}) ORDER BY head.node",
                self.rules.alternate_names or "",
            )
        )
        for node, rows in groupby(forms, _NODE):
            yield self._node(list(rows), alone.take(node), merges.take(node))

    def iter_leaving(self) -> Iterator[Leaving]:
        """Yield the nodes with the edges that leave them."""
        return self._leaving(self.iter_nodes(), "TRUE")

    def _leaving(self, nodes: Iterable[Node], wanted: str) -> Iterator[Leaving]:
        links = _Groups(
            self._rows(f"SELECT head, relation, tail FROM edge WHERE {wanted} ORDER BY ALL")
        )
        for node in nodes:
            yield Leaving(node.id, node, [(row[1], row[2]) for row in links.take(node.id)])

    def iter_edges(self) -> Iterator[Edge]:
        """Yield the edges, sorted by head, relation and tail."""
        rows = self._rows(
            f"SELECT head.node, claim.relation, tail.node, {EVIDENCE_NAMES} FROM {_JOINED} "
            f"WHERE {_STATED} ORDER BY head.node, claim.relation, tail.node",
            self.rules.alternate_names or "",
        )
        for (head, relation, tail), said in groupby(rows, lambda row: row[:3]):
            yield Edge(head, relation, tail, distinct_evidence(evidence_at(row, 3) for row in said))

    def iter_posts(self) -> Iterator[PostFacts]:
        """Yield the posts, sorted by id; where posts of one id disagree, the smallest value counts.

        As in memory, evidence that other evidence of the same post excels is passed over.
        """
        self.gather_posts()
        for post, *values in self._rows("SELECT * FROM post ORDER BY post"):
            pairs = zip(POST_FIELDS, values, strict=True)
            yield PostFacts(post, {key: value for key, value in pairs if value is not None})

    def gather_posts(self) -> None:
        """Make the table ``post``: each post once, sorted by id."""
        facts = ", ".join(POST_FIELDS)
        run = self.connection.execute
        run(
            f"CREATE TABLE fact AS SELECT DISTINCT post, {facts} FROM source_post WHERE number IN "
            "(SELECT number FROM said_claim UNION ALL SELECT number FROM said_alone)"
        )
        run("CREATE TABLE several AS SELECT post FROM fact GROUP BY post HAVING COUNT(*) > 1")
        known = self._several()
        run("DELETE FROM fact WHERE post IN (SELECT post FROM several)")
        if known:
            rows = [[post, *map(each.get, POST_FIELDS)] for post, each in known.items()]
            self.connection.executemany(
                f"INSERT INTO fact VALUES ({', '.join('?' * (len(POST_FIELDS) + 1))})", rows
            )
        run("CREATE TABLE post AS SELECT * FROM fact ORDER BY post")

    def _several(self) -> dict[str, dict[str, str]]:
        """Return what is known of the posts that differ under one id."""
        wanted = "post IN (SELECT post FROM several)"
        kept: list[Evidence] = []
        for query in (
            f"SELECT node, '', '', {EVIDENCE_NAMES} FROM name JOIN alone USING (n) WHERE {wanted}",
            f"SELECT LEAST(claim.head, claim.tail)::VARCHAR, '', "
            f"GREATEST(claim.head, claim.tail)::VARCHAR, {EVIDENCE_NAMES} FROM {_JOINED} "
            f"WHERE NOT ({_STATED}) AND {wanted}",
            f"SELECT head.node, claim.relation, tail.node, {EVIDENCE_NAMES} FROM {_JOINED} "
            f"WHERE {_STATED} AND {wanted}",
        ):
            values = [self.rules.alternate_names or ""] if "$1" in query else []
            rows = self._rows(f"{query} ORDER BY 1, 2, 3", *values)
            for _, said in groupby(rows, lambda row: row[:3]):
                kept += distinct_evidence(evidence_at(row, 3) for row in said)
        return known_posts(kept)

    def _node(
        self,
        forms: Sequence[tuple[Any, ...]],
        alone: Iterable[tuple[Any, ...]],
        merges: Iterable[tuple[Any, ...]],
    ) -> Node:
        index: dict[int, int] = {}
        keys: list[NodeKey] = []
        counters: list[Counter[str]] = []
        for _, n, kind, key, form, mentions in forms:
            if n not in index:
                index[n] = len(keys)
                keys.append((kind, key))
                counters.append(Counter[str]())
            counters[index[n]][form] = mentions
        named: dict[int, list[Evidence]] = defaultdict(list)
        for row in alone:
            named[index[row[1]]].append(evidence_at(row, 2))
        claims: dict[tuple[int, str, int], list[Evidence]] = defaultdict(list)
        relation = self.rules.alternate_names or ""
        for row in merges:
            claims[index[row[1]], relation, index[row[2]]].append(evidence_at(row, 3))
        (node,) = Assembly(keys, counters, named, claims).graph(self.rules).nodes
        return node

    def _rows(self, query: str, *values: object) -> Iterator[tuple[Any, ...]]:
        return rows_of(self.connection, query, *values)


class _Groups:
    """Rows that are sorted by node, taken node by node in that order."""

    def __init__(self, rows: Iterable[tuple[Any, ...]]) -> None:
        self._groups = groupby(rows, _NODE)
        self._next = next(self._groups, None)
        self._rows = [] if self._next is None else list(self._next[1])

    def take(self, node: str) -> list[tuple[Any, ...]]:
        """Return the rows of a node; those of earlier nodes must have been taken."""
        if self._next is None or self._next[0] != node:
            return []
        rows = self._rows
        self._next = next(self._groups, None)
        self._rows = [] if self._next is None else list(self._next[1])
        return rows
