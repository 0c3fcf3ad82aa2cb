"""Parts of a ledger as nodes and edges: names that may be one node are read together."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from jmere.knowledge.assemble import Assembly, MergeRules, group_names
from jmere.knowledge.graph import Evidence, KnowledgeGraph
from jmere.knowledge.store.ledger import LEDGER_COLUMNS, Ledger, evidence_of, node_batches
from jmere.knowledge.unify import NodeKey

_NODES = 2_000
"""Nodes that are in memory at a time when the whole graph is made."""

_PLACES = ("score", "source", "head_start", "head_end", "tail_start", "tail_end", "head_box")
_CLAIM = ", ".join(f"claim.{name}" for name in (*_PLACES, "tail_box"))
_COLUMNS = len(LEDGER_COLUMNS.split(","))


class Parts:
    """Reads nodes and edges from a ledger.

    The table ``part`` has the names that are read. It is closed: names that could be one node are
    all in it or all out of it, so a part has the same nodes as the whole.
    """

    def __init__(self, ledger: Ledger, rules: MergeRules) -> None:
        self.ledger, self.rules = ledger, rules
        ledger.run(
            "CREATE TEMP TABLE IF NOT EXISTS part (n INTEGER PRIMARY KEY, round INTEGER NOT NULL)"
        )

    def take_touched(self) -> int:
        """Put the touched names, and all that may be one node with them, into ``part``."""
        run = self.ledger.run
        run("DELETE FROM part")
        run("INSERT INTO part SELECT n, 0 FROM touched WHERE n IN (SELECT n FROM name)")
        near = (
            "SELECT other.n FROM part JOIN name USING (n) JOIN name AS other ON "
            "other.kind = name.kind AND other.{0} = name.{0} WHERE round = :round"
        )
        steps = [near.format("canonical")]
        if self.rules.fold_accents:
            steps.append(near.format("plain"))
        if self.rules.alternate_names is not None:
            for one, other in (("head", "tail"), ("tail", "head")):
                steps.append(
                    f"SELECT {other} FROM part JOIN claim ON claim.{one} = part.n "
                    "WHERE round = :round AND relation = :relation"
                )
        number, count = 0, -1
        while (found := self._size()) != count:
            count = found
            for step in steps:
                # ``step`` gives numbers of names; those already in ``part`` stay in their round.
                run(
                    f"INSERT OR IGNORE INTO part SELECT *, :round + 1 FROM ({step})",
                    {"round": number, "relation": self.rules.alternate_names},
                )
            number += 1
        return count

    def take_all(self) -> None:
        """Put all names into ``part``."""
        self.ledger.run("DELETE FROM part")
        self.ledger.run("INSERT INTO part SELECT n, 0 FROM name")

    def node_ids(self) -> set[str]:
        """Return the present node ids of the names in ``part``."""
        rows = self.ledger.run(
            "SELECT DISTINCT node FROM part JOIN name USING (n) WHERE node IS NOT NULL"
        )
        return {row[0] for row in rows}

    def name_nodes(self) -> None:
        """Group the names in ``part`` into nodes, and write the id of each."""
        numbers, keys = self._names()
        index = {number: at for at, number in enumerate(numbers)}
        links: dict[tuple[int, str, int], list[Evidence]] = defaultdict(list)
        relation = self.rules.alternate_names
        if relation is not None:
            rows = self.ledger.run(
                "SELECT head, tail, score, id, text_id FROM part JOIN claim ON head = part.n "
                "JOIN post ON post.n = claim.post WHERE relation = ?",
                (relation,),
            )
            for head, tail, score, post, text_id in rows:
                if tail in index:
                    link = (index[head], relation, index[tail])
                    links[link].append(Evidence(post, score=score, text_id=text_id))
        groups = group_names(keys, links, self.rules)
        self.ledger.run_many(
            "UPDATE name SET node = ? WHERE n = ?",
            ((groups.id_of(at), number) for at, number in enumerate(numbers)),
        )

    def graph(self, *, both_ends: bool) -> KnowledgeGraph:
        """Return the nodes in ``part``, and the edges that leave them or, on request, any edge."""
        numbers, keys = self._names()
        index = {number: at for at, number in enumerate(numbers)}
        known: dict[int, str] = {}
        claims: dict[tuple[int, str, int], list[Evidence]] = defaultdict(list)
        for head, head_node, relation, tail, tail_node, evidence in self._claims(both_ends):
            for end, node in ((head, head_node), (tail, tail_node)):
                if end not in index:
                    index[end] = len(index)
                    known[index[end]] = node
            claims[index[head], relation, index[tail]].append(evidence)
        mentions: dict[int, list[Evidence]] = defaultdict(list)
        for number, evidence in self._mentions():
            mentions[index[number]].append(evidence)
        assembly = Assembly(keys, self._forms(numbers), mentions, claims, known)
        return assembly.graph(self.rules)

    def whole(self) -> Iterator[KnowledgeGraph]:
        """Yield the whole graph in pieces: some nodes, with the edges that leave them."""
        for _ in node_batches(self.ledger, _NODES):
            yield self.graph(both_ends=False)

    def _size(self) -> int:
        (count,) = self.ledger.run("SELECT COUNT(*) FROM part").fetchone()
        return int(count)

    def _names(self) -> tuple[list[int], list[NodeKey]]:
        rows = self.ledger.run(
            "SELECT n, kind, key FROM part JOIN name USING (n) ORDER BY kind, key"
        ).fetchall()
        return [row[0] for row in rows], [(row[1], row[2]) for row in rows]

    def _forms(self, numbers: list[int]) -> list[Counter[str]]:
        index = {number: at for at, number in enumerate(numbers)}
        forms: list[Counter[str]] = [Counter() for _ in numbers]
        rows = self.ledger.run(
            "SELECT name, form, COUNT(DISTINCT COALESCE('text ' || text_id, 'post ' || id)) "
            "FROM part JOIN mention ON name = part.n JOIN post ON post.n = mention.post "
            "GROUP BY name, form"
        )
        for number, form, count in rows:
            forms[index[number]][form] = count
        return forms

    def _mentions(self) -> Iterator[tuple[int, Evidence]]:
        rows = self.ledger.run(
            f"SELECT mention.name, head_start, head_end, head_box, {LEDGER_COLUMNS} FROM part "
            "JOIN mention ON name = part.n JOIN post ON post.n = mention.post WHERE alone"
        )
        for number, start, end, box, *post in rows:
            yield number, evidence_of(tuple(post), head_start=start, head_end=end, head_box=box)

    def _claims(self, both_ends: bool) -> Iterator[tuple[int, str, str, int, str, Evidence]]:
        ends = ["head"]
        if both_ends:
            ends.append("tail")
        wanted = " UNION ".join(
            f"SELECT claim.rowid FROM part JOIN claim ON claim.{end} = part.n" for end in ends
        )
        rows = self.ledger.run(
            f"SELECT head, one.node, relation, tail, other.node, {_CLAIM}, {LEDGER_COLUMNS} "
            "FROM claim JOIN name AS one ON one.n = head JOIN name AS other ON other.n = tail "
            f"JOIN post ON post.n = claim.post WHERE claim.rowid IN ({wanted})"
        )
        for row in rows:
            values = dict(zip((*_PLACES, "tail_box"), row[5:-_COLUMNS], strict=True))
            yield (*row[:5], evidence_of(row[-_COLUMNS:], **values))
