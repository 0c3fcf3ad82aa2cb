"""The tables of a store's ledger, in SQLite.

The ledger has what posts say. The graph follows from it, and is never read back into it.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

LEDGER = "ledger.sqlite"
"""File name of the ledger in a store's folder."""

APPLICATION = 0x4A4D4552
"""SQLite's application id of a ledger: the letters JMER."""

LEDGER_VERSION = 1

_TABLES = """
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE post (
    n INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, id TEXT NOT NULL, used INTEGER NOT NULL,
    image TEXT, model TEXT, time TEXT, author TEXT, url TEXT, language TEXT, text_id TEXT,
    text TEXT, kept TEXT
);
CREATE INDEX post_id ON post (id);
CREATE INDEX post_author ON post (author);
CREATE TABLE name (
    n INTEGER PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL, plain TEXT NOT NULL,
    canonical TEXT, node TEXT, UNIQUE (kind, key)
);
CREATE INDEX name_plain ON name (kind, plain);
CREATE INDEX name_canonical ON name (kind, canonical) WHERE canonical IS NOT NULL;
CREATE INDEX name_node ON name (node);
CREATE TABLE mention (
    name INTEGER NOT NULL, form TEXT NOT NULL, post INTEGER NOT NULL, alone INTEGER NOT NULL,
    head_start INTEGER, head_end INTEGER, head_box TEXT
);
CREATE INDEX mention_name ON mention (name);
CREATE INDEX mention_post ON mention (post);
CREATE TABLE claim (
    head INTEGER NOT NULL, relation TEXT NOT NULL, tail INTEGER NOT NULL, post INTEGER NOT NULL,
    score REAL, source TEXT NOT NULL, head_start INTEGER, head_end INTEGER, tail_start INTEGER,
    tail_end INTEGER, head_box TEXT, tail_box TEXT
);
CREATE INDEX claim_head ON claim (head, relation);
CREATE INDEX claim_tail ON claim (tail, relation);
CREATE INDEX claim_post ON claim (post);
"""


def open_ledger(folder: Path, *, write: bool = False) -> sqlite3.Connection:
    """Open the ledger of a store; with ``write`` make it if there is none.

    Raises:
        ValueError: If the folder holds no ledger of ours, or one of a later jmere.
    """
    path = folder / LEDGER
    if not write and not path.is_file():
        raise ValueError(f"{folder}: is not a graph store; 'jmere graph build --store' makes one")
    mode = "rwc" if write else "ro"
    address = f"{path.resolve().as_uri()}?mode={mode}"
    try:
        ledger = sqlite3.connect(address, uri=True, isolation_level=None, timeout=30)
        _prepare(ledger, write=write)
    except sqlite3.DatabaseError as error:
        raise ValueError(f"{path}: cannot be read as a ledger: {error}") from None
    (application,) = ledger.execute("PRAGMA application_id").fetchone()
    (version,) = ledger.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION or version > LEDGER_VERSION:
        ledger.close()
        reason = "is of a later jmere" if application == APPLICATION else "is not a ledger of jmere"
        raise ValueError(f"{path}: {reason}; expected version {LEDGER_VERSION}")
    return ledger


def _prepare(ledger: sqlite3.Connection, *, write: bool) -> None:
    ledger.execute("PRAGMA trusted_schema = OFF")
    ledger.execute("PRAGMA temp_store = FILE")
    if not write:
        return
    ledger.execute("PRAGMA secure_delete = ON")
    ledger.execute("PRAGMA synchronous = FULL")
    (pages,) = ledger.execute("PRAGMA page_count").fetchone()
    if pages == 0:
        ledger.execute("PRAGMA journal_mode = WAL")
        ledger.executescript(
            f"BEGIN;{_TABLES} PRAGMA application_id = {APPLICATION};"
            f"PRAGMA user_version = {LEDGER_VERSION}; COMMIT;"
        )
