"""What posts say, gathered in batches for the database."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from jmere.errors import require, short_repr
from jmere.knowledge.disk.disk_tables import TABLES
from jmere.knowledge.graph import Evidence
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


@lru_cache(maxsize=1 << 14)
def spelling(key: NodeKey) -> Spelling:
    """Return the row of a name; its number is the digest in its id."""
    kind, name = key
    mark = digest(kind, name)
    return Spelling(int(mark, 16), f"{slug(name)}-{mark}".lstrip("-"), kind, name, unaccented(name))


class PostBatches:
    """Appends posts to the tables."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._arrow: Any = require("pyarrow", "large", "a graph larger than memory")
        self._rows: dict[str, list[tuple[object, ...]]] = {name: [] for name in TABLES}
        self._spellings: set[Spelling] = set()
        self._schemas = {name: self._schema(columns) for name, columns in TABLES.items()}

    def add(self, reading: PostReading) -> None:
        """Add a post.

        Raises:
            ValueError: If the post has no id, or an offset that no text has.
        """
        it, rows = reading.post, self._rows
        if it.post is None:
            raise ValueError("a post without an id cannot be kept on disk; expected 'id'")
        said = f"text {it.text_id}" if it.text_id is not None else f"post {it.post}"
        names = [spelling(mention.key) for mention in reading.mentions]
        self._spellings.update(names)
        for name, mention in zip(names, reading.mentions, strict=True):
            rows["mention"].append((name.n, mention.form, said))
            if (mention.end or 0) >= _LARGEST:
                raise ValueError(f"post {short_repr(it.post)}: offset {mention.end} is too large")
            if mention.alone:
                rows["alone"].append((name.n, *_values(reading.mention_evidence(mention))))
        for claim in reading.claims:
            ends = (names[claim.head].n, claim.relation, names[claim.tail].n)
            rows["claim"].append((*ends, *_values(reading.evidence(claim))))
        if len(rows["mention"]) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        """Write what is in memory."""
        self._rows["spelling"] += self._spellings
        self._spellings.clear()
        for name, rows in self._rows.items():
            if not rows:
                continue
            schema = self._schemas[name]
            columns = [
                self._arrow.array(values, type=field.type)
                for values, field in zip(zip(*rows, strict=True), schema, strict=True)
            ]
            batch = self._arrow.table(columns, schema=schema)
            self._connection.register("batch", batch)
            self._connection.execute(f"INSERT INTO {name} SELECT * FROM batch")
            self._connection.unregister("batch")
            rows.clear()

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


def _values(it: Evidence) -> tuple[object, ...]:
    return (
        it.post, it.image, it.score, it.head_start, it.head_end, it.tail_start, it.tail_end,
        it.head_box, it.tail_box, it.model, clean(it.source), it.time, it.author, it.url,
        it.language, it.text_id, it.text, it.kept,
    )  # fmt: skip
