"""Results of ``jmere extract``: those to show, and their text formats."""

from __future__ import annotations

from textwrap import indent
from typing import Any

from jmere.records import Extraction
from jmere.terminal import json_line, plain, plain_line


def as_line(found: Extraction) -> str:
    """Format a result as one line of JSON."""
    from jmere.data.predictions import extraction_to_json

    return json_line(extraction_to_json(found))


def as_table(found: Extraction) -> str:
    """Format the quintuples of a result, one per line."""
    from jmere.terminal import aligned

    rows: list[tuple[Any, ...]] = [
        (q.head.text, q.head.type, q.relation, q.tail.text, q.tail.type, f"{q.score:.2f}")
        for q in found.quintuples
    ]
    if not rows:
        return "no quintuple found"
    titles: tuple[str, ...] = ("head", "type", "relation", "tail", "type", "score")
    if any(q.source is not None for q in found.quintuples):
        rows = [(*row, q.source or "text") for row, q in zip(rows, found.quintuples, strict=True)]
        titles = (*titles, "read in")
    return aligned(titles, rows)


def as_paragraph(found: Extraction) -> str:
    """Format a result below its text."""
    return f"{plain_line(str(found.id))}: {plain(found.text)}\n{indent(as_table(found), '  ')}\n"
