"""What posts say, gathered in batches for the database."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from jmere.errors import short_repr
from jmere.knowledge.disk.disk_columns import arrow_column, arrow_module
from jmere.knowledge.disk.disk_tables import DISK_TABLES, JOINED
from jmere.knowledge.matching import unaccented
from jmere.knowledge.names import clean, digest, slug
from jmere.knowledge.reading import PostReading
from jmere.knowledge.unify import NodeKey

_BATCH = 20_000
"""Rows of one table that are in memory before all go to the database."""

_LARGEST = 1 << 63


class Spelling(NamedTuple):
    """A name: its number, its node id if it stands alone, and the key it is matched by."""

    n: int
    id: str
    kind: str
    key: str
    plain: str
    """The key without accents."""


@lru_cache(maxsize=1 << 16)
def spelling(key: NodeKey) -> Spelling:
    """Return the row of a name; its number is the digest in its id."""
    kind, name = key
    mark = digest(kind, name)
    return Spelling(int(mark, 16), f"{slug(name)}-{mark}".lstrip("-"), kind, name, unaccented(name))


class PostRows:
    """Gathers the rows of posts."""

    def __init__(self) -> None:
        self._arrow: Any = arrow_module()
        self._rows: dict[str, list[tuple[object, ...]]] = {name: [] for name in DISK_TABLES}
        self._spellings: set[Spelling] = set()
        self._schemas = {name: self._schema(columns) for name, columns in DISK_TABLES.items()}

    @property
    def is_full(self) -> bool:
        """Return whether the rows should go to the database."""
        return len(self._rows["mention"]) >= _BATCH

    def add(self, number: int, reading: PostReading) -> None:
        """Add a post, with a number of its own.

        Raises:
            ValueError: If the post has no id, or an offset that no text has.
        """
        it, rows, mentions = reading.post, self._rows, reading.mentions
        if it.post is None:
            raise ValueError("a post without an id cannot be kept on disk; expected 'id'")
        # A text by its digest: eight bytes in place of its name.
        said = int(it.text_id or digest("post", it.post), 16)
        names = [spelling(mention.key) for mention in mentions]
        self._spellings.update(names)
        rows["source_post"].append((number, *it))
        for name, mention in zip(names, mentions, strict=True):
            if mention.end is not None and mention.end >= _LARGEST:
                raise ValueError(f"post {short_repr(it.post)}: offset {mention.end} is too large")
            rows["mention"].append((name.n, mention.form, said))
            if mention.alone:
                places = (mention.start, mention.end, mention.box)
                rows["said_alone"].append((name.n, number, *places))
        for claim in reading.claims:
            head, tail = mentions[claim.head], mentions[claim.tail]
            rows["said_claim"].append(
                (names[claim.head].n, claim.relation, names[claim.tail].n, number, claim.score,
                 head.start, head.end, tail.start, tail.end, head.box, tail.box,
                 clean(claim.source))
            )  # fmt: skip

    def tables(self) -> dict[str, Any]:
        """Return the rows as tables of Arrow, and begin anew."""
        self._rows["spelling"] += self._spellings
        self._spellings.clear()
        tables = {}
        for name, rows in self._rows.items():
            if not rows:
                continue
            schema = self._schemas[name]
            columns = [
                arrow_column(values, field.type)
                for values, field in zip(zip(*rows, strict=True), schema, strict=True)
            ]
            tables[name] = self._arrow.table(columns, schema=schema)
            rows.clear()
        return tables

    def _schema(self, columns: dict[str, str]) -> Any:
        arrow = self._arrow
        types = {
            "UBIGINT": arrow.uint64(),
            "BIGINT": arrow.int64(),
            "DOUBLE": arrow.float64(),
            "DOUBLE[]": arrow.list_(arrow.float64()),
            "VARCHAR": arrow.string(),
        }
        return arrow.schema([(name, types[kind]) for name, kind in columns.items()])


class PostBatches:
    """Appends posts to the tables; either one by one or, by ``insert``, many at a time."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._rows = PostRows()
        self._number = 0

    def add(self, reading: PostReading) -> None:
        """Add a post.

        Raises:
            ValueError: If the post has no id, or an offset that no text has.
        """
        self._number += 1
        self._rows.add(self._number, reading)
        if self._rows.is_full:
            self.insert(self._rows.tables())

    def insert(self, tables: dict[str, Any]) -> None:
        """Append the rows of tables by name."""
        for name, table in tables.items():
            self._connection.register("batch", table)
            self._connection.execute(f"INSERT INTO {name} SELECT * FROM batch")
            self._connection.unregister("batch")

    def finish(self) -> None:
        """Write the last rows, and join evidence with its posts."""
        self.insert(self._rows.tables())
        for query in JOINED:
            self._connection.execute(query)
