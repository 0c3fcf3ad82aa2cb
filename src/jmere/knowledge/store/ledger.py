"""The ledger of a store: what posts say, added once and removed on request."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from hashlib import blake2b

from jmere.knowledge.aliases import Aliases
from jmere.knowledge.graph import Evidence
from jmere.knowledge.matching import unaccented
from jmere.knowledge.reading import PostReading
from jmere.knowledge.unify import NodeKey
from jmere.records import Box

_POST = ("image", "model", "time", "author", "url", "language", "text_id", "text", "kept")
_MAX_CACHED = 200_000


class Ledger:
    """Posts, names, mentions and claims, in one transaction.

    Args:
        ledger: The database; ``jmere.knowledge.store.ledger_tables`` opens it.
        aliases: Accepted names; new names get their canonical key from it.
    """

    def __init__(self, ledger: sqlite3.Connection, aliases: Aliases) -> None:
        self.run = ledger.execute
        self.run_many = ledger.executemany
        self.aliases = aliases
        self.run("CREATE TEMP TABLE IF NOT EXISTS touched (n INTEGER PRIMARY KEY)")
        self.run("CREATE TEMP TABLE IF NOT EXISTS changed_post (id TEXT PRIMARY KEY)")
        self._names: dict[NodeKey, int] = {}

    def add(self, reading: PostReading) -> bool:
        """Add a post; return whether it is new. The same post adds nothing a second time.

        Raises:
            ValueError: If the post has no id.
        """
        it = reading.post
        if it.post is None:
            raise ValueError("a post without an id cannot be kept in a store; expected 'id'")
        used = bool(reading.claims) or any(mention.alone for mention in reading.mentions)
        values = [_digest(reading), it.post, used, *(getattr(it, name) for name in _POST)]
        added = self.run(
            "INSERT OR IGNORE INTO post (digest, id, used, image, model, time, author, url, "
            f"language, text_id, text, kept) VALUES ({', '.join('?' * len(values))})",
            values,
        )
        if added.rowcount < 1:
            return False
        number = added.lastrowid
        names = [self._name(mention.key) for mention in reading.mentions]
        self.run_many("INSERT OR IGNORE INTO touched VALUES (?)", ((name,) for name in names))
        self.run("INSERT OR IGNORE INTO changed_post VALUES (?)", (it.post,))
        self.run_many(
            "INSERT INTO mention VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                (name, it.form, number, it.alone, it.start, it.end, _boxed(it.box))
                for name, it in zip(names, reading.mentions, strict=True)
            ),
        )
        for claim in reading.claims:
            head, tail = reading.mentions[claim.head], reading.mentions[claim.tail]
            self.run(
                "INSERT INTO claim VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(names[claim.head], claim.relation, names[claim.tail], number),
                    *(claim.score, claim.source, head.start, head.end, tail.start, tail.end),
                    *(_boxed(head.box), _boxed(tail.box)),
                ),
            )
        return True

    def forget(self, *, posts: Iterable[str] = (), authors: Iterable[str] = ()) -> int:
        """Remove posts, by id or author, and the names that no other post has; count the posts."""
        self.run("CREATE TEMP TABLE gone (n INTEGER PRIMARY KEY)")
        for column, values in (("id", posts), ("author", authors)):
            self.run_many(
                f"INSERT OR IGNORE INTO gone SELECT n FROM post WHERE {column} = ?",
                ((value,) for value in values),
            )
        (count,) = self.run("SELECT COUNT(*) FROM gone").fetchone()
        for table in ("claim", "mention"):
            self.run(f"DELETE FROM {table} WHERE post IN gone")
        self.run("DELETE FROM post WHERE n IN gone")
        self.drop_unused_names()
        self.run("DROP TABLE gone")
        return int(count)

    def exclude(self, relations: Iterable[str]) -> int:
        """Remove the claims of some relations; return their number."""
        removed = 0
        for relation in relations:
            removed += self.run("DELETE FROM claim WHERE relation = ?", (relation,)).rowcount
        if removed:
            free = (
                "NOT EXISTS (SELECT 1 FROM claim WHERE claim.post = mention.post "
                "AND mention.name IN (claim.head, claim.tail))"
            )
            self.run(f"DELETE FROM mention WHERE NOT alone AND {free}")
            self.run(
                "UPDATE post SET used = EXISTS (SELECT 1 FROM claim WHERE claim.post = post.n) OR "
                "EXISTS (SELECT 1 FROM mention WHERE mention.post = post.n AND alone)"
            )
            self.drop_unused_names()
        return removed

    def drop_unused_names(self) -> None:
        """Remove names that no post mentions."""
        self.run("DELETE FROM name WHERE n NOT IN (SELECT name FROM mention)")
        self._names.clear()

    def use_aliases(self, aliases: Aliases) -> None:
        """Take other aliases for all names."""
        self.aliases = aliases
        self.run("UPDATE name SET canonical = NULL WHERE canonical IS NOT NULL")
        self.run_many(
            "UPDATE name SET canonical = ? WHERE kind = ? AND key = ?",
            ((canonical[1], *key) for key, canonical in aliases.target.items()),
        )
        self._names.clear()

    def setting(self, name: str) -> str | None:
        """Return a setting."""
        row = self.run("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def set(self, name: str, value: str) -> None:
        """Write a setting."""
        self.run("INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, value))

    def _name(self, key: NodeKey) -> int:
        number = self._names.get(key)
        if number is None:
            if len(self._names) >= _MAX_CACHED:
                self._names.clear()
            canonical = self.aliases.target.get(key)
            self.run(
                "INSERT OR IGNORE INTO name (kind, key, plain, canonical) VALUES (?, ?, ?, ?)",
                (*key, unaccented(key[1]), None if canonical is None else canonical[1]),
            )
            (number,) = self.run("SELECT n FROM name WHERE kind = ? AND key = ?", key).fetchone()
            self._names[key] = number
        return number


LEDGER_COLUMNS = ", ".join(f"post.{name}" for name in ("id", *_POST))
"""Columns of a post that ``evidence_of`` expects first."""


def evidence_of(row: tuple[object, ...], **places: object) -> Evidence:
    """Return evidence from the columns of a post, and what a claim or a mention adds."""
    post = dict(zip(("post", *_POST), row, strict=True))
    for name in ("head_box", "tail_box"):
        if (text := places.get(name)) is not None:
            places[name] = tuple(json.loads(str(text)))
    return Evidence(**post, **places)  # type: ignore[arg-type]


def _boxed(box: Box | None) -> str | None:
    return None if box is None else json.dumps(box)


def _digest(reading: PostReading) -> bytes:
    """Return a digest of all that a post adds, in whatever order."""
    it = reading.post
    names = [tuple(mention) for mention in reading.mentions]
    claims = [(names[c.head], c.relation, names[c.tail], c.score, c.source) for c in reading.claims]
    value = [it.post, *(getattr(it, name) for name in _POST)]
    text = repr((value, sorted(names, key=repr), sorted(claims, key=repr)))
    return blake2b(text.encode(errors="surrogatepass"), digest_size=16).digest()


def node_batches(ledger: Ledger, size: int) -> Iterator[None]:
    """Fill the table ``part`` with the names of some nodes at a time, in the order of their ids."""
    last = ""
    while True:
        rows = ledger.run(
            "SELECT DISTINCT node FROM name WHERE node > ? ORDER BY node LIMIT ?", (last, size)
        ).fetchall()
        if not rows:
            return
        first, last = rows[0][0], rows[-1][0]
        ledger.run("DELETE FROM part")
        ledger.run(
            "INSERT INTO part SELECT n, 0 FROM name WHERE node BETWEEN ? AND ?", (first, last)
        )
        yield
