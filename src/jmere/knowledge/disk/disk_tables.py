"""Tables of a graph that is built on disk, in DuckDB."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from jmere.errors import require
from jmere.files.locks import folder_locked, remove_abandoned_folder
from jmere.knowledge.graph import Evidence

EVIDENCE = {
    "post": "VARCHAR",
    "image": "VARCHAR",
    "score": "DOUBLE",
    "head_start": "BIGINT",
    "head_end": "BIGINT",
    "tail_start": "BIGINT",
    "tail_end": "BIGINT",
    "head_box": "DOUBLE[]",
    "tail_box": "DOUBLE[]",
    "model": "VARCHAR",
    "source": "VARCHAR",
    "time": "VARCHAR",
    "author": "VARCHAR",
    "url": "VARCHAR",
    "language": "VARCHAR",
    "text_id": "VARCHAR",
    "text": "VARCHAR",
    "kept": "VARCHAR",
}
"""Columns of evidence: the fields of ``Evidence``, in their order."""

EVIDENCE_NAMES = ", ".join(EVIDENCE)

OF_POST = ("post", "image", "model", "time", "author", "url", "language", "text_id", "text", "kept")
"""Columns of evidence that are the same for all evidence of a post."""

OF_CLAIM = tuple(name for name in EVIDENCE if name not in OF_POST)

DISK_TABLES: dict[str, dict[str, str]] = {
    "spelling": {"n": "UBIGINT", "id": "VARCHAR", "kind": "VARCHAR", "key": "VARCHAR",
                 "plain": "VARCHAR"},
    "mention": {"n": "UBIGINT", "form": "VARCHAR", "said": "UBIGINT"},
    "source_post": {"number": "BIGINT", **{name: EVIDENCE[name] for name in OF_POST}},
    "said_alone": {"n": "UBIGINT", "number": "BIGINT", "head_start": "BIGINT",
                   "head_end": "BIGINT", "head_box": "DOUBLE[]"},
    "said_claim": {"head": "UBIGINT", "relation": "VARCHAR", "tail": "UBIGINT",
                   "number": "BIGINT", **{name: EVIDENCE[name] for name in OF_CLAIM}},
}  # fmt: skip
"""Rows as posts come: names, texts with each spelling, posts, names that stand alone, and claims;
``number`` is that of the post.
"""

JOINED = (
    """
        CREATE VIEW alone AS SELECT n, post, image, NULL::DOUBLE AS score, head_start, head_end,
            NULL::BIGINT AS tail_start, NULL::BIGINT AS tail_end, head_box,
            NULL::DOUBLE[] AS tail_box, model, 'text' AS source, time, author, url, language,
            text_id, text, kept
        FROM said_alone JOIN source_post USING (number)
        """,
    f"""
        CREATE VIEW claim AS SELECT head, relation, tail, {EVIDENCE_NAMES}
        FROM said_claim JOIN source_post USING (number)
        """,
)
"""Evidence in full."""

DEFAULT_MEMORY = 512 << 20
"""Bytes that the database may hold in memory."""

MIN_MEMORY = 64 << 20

_MEMORY_OF_THREADS = 128 << 20
"""With less there is one thread: each holds blocks of its own."""

_FOLDER = re.compile(r"\.jmere-graph-[a-z0-9_]{8}")

_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "ki": 1 << 10, "mi": 1 << 20, "gi": 1 << 30}
_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([kmg]i?)?b?\s*", re.IGNORECASE)


def memory_size(text: str) -> int:
    """Return the bytes of a size such as ``512MB`` or ``1.5 GiB``.

    Raises:
        ValueError: If it is no size, or too small.

    Example:
        >>> memory_size("512MB")
        512000000
    """
    match = _SIZE.fullmatch(text)
    size = int(float(match[1]) * _UNITS[(match[2] or "").lower()]) if match else 0
    if size < MIN_MEMORY:
        raise ValueError(f"expected a size of at least {MIN_MEMORY >> 20}MiB, got {text!r}")
    return size


def is_installed() -> bool:
    """Return whether the libraries of the extra ``large`` are installed."""
    from importlib.util import find_spec

    return all(find_spec(name) is not None for name in ("duckdb", "pyarrow"))


@contextmanager
def opened_database(beside: Path, memory: int) -> Iterator[Any]:
    """Yield a connection to a new database in a temporary folder, which is removed at the end.

    Args:
        beside: Folder on whose disk it is.
        memory: Bytes that it may hold in memory.
    """
    duckdb: Any = require("duckdb", "large", "a graph larger than memory")
    require("pyarrow", "large", "a graph larger than memory")
    with _own_folder(beside) as folder:
        connection = duckdb.connect(
            ":memory:",  # its tables spill too, and are neither logged nor compressed
            config={
                "memory_limit": f"{memory}B",
                **({"threads": 1} if memory < _MEMORY_OF_THREADS else {}),
                "temp_directory": str(folder / "spilled"),
                "preserve_insertion_order": "false",
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
            },
        )
        try:
            for name, columns in DISK_TABLES.items():
                made = ", ".join(f"{column} {kind}" for column, kind in columns.items())
                connection.execute(f"CREATE TABLE {name} ({made})")
            yield connection
        finally:
            connection.close()


@contextmanager
def _own_folder(beside: Path) -> Iterator[Path]:
    """Yield a temporary folder that is locked; those of killed processes are removed."""
    for left in beside.iterdir():
        if _FOLDER.fullmatch(left.name):
            remove_abandoned_folder(left)
    with TemporaryDirectory(prefix=".jmere-graph-", dir=beside) as name, folder_locked(Path(name)):
        yield Path(name)


def limit_memory(connection: Any, memory: int) -> None:
    """Let the database hold so many bytes in memory."""
    connection.execute(f"SET memory_limit = '{memory}B'")


def rows_of(connection: Any, query: str, *values: object) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a query, a batch in memory at a time."""
    cursor = connection.cursor()
    cursor.execute(query, list(values))
    while rows := cursor.fetchmany(4096):
        yield from rows
    cursor.close()


def evidence_at(row: tuple[Any, ...], first: int) -> Evidence:
    """Return the evidence whose columns begin at ``first``."""
    values = list(row[first : first + len(EVIDENCE)])
    for box in (7, 8):
        if values[box] is not None:
            values[box] = tuple(values[box])
    return Evidence(*values)
