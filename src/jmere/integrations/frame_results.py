"""Extraction from a table in memory, with a table as the result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jmere.data.tables.columns import Columns
from jmere.data.tables.frames import like_given, table_posts
from jmere.data.tables.rows import RowKind, table_rows
from jmere.extract import Extractor


def extract_frame(
    data: Any,
    *,
    columns: Mapping[str, str] | None = None,
    keep: Sequence[str] = (),
    rows: RowKind | str = RowKind.POST,
    extractor: Extractor | None = None,
    model: str | Path = "default",
    batch_size: int = 64,
) -> Any:
    """Extract quintuples from the rows of a table; return a table of the same kind.

    Args:
        data: A pandas ``DataFrame``, a pyarrow ``Table``, a ``datasets.Dataset``, or a list of
            mappings. Without a column of ids, a data frame's index gives them. Pictures may be
            paths, bytes, Pillow images or arrays.
        columns: The column of each field, such as ``{"text": "tweet"}``; by default a field has
            the column of its own name.
        keep: Columns to copy to the results.
        rows: ``post``, or ``quintuple`` for one row for each quintuple.
        extractor: What extracts; by default one is loaded.
        model: The model that is loaded by default: ``default``, a folder or a hub id.
        batch_size: Posts computed together.

    Raises:
        TypeError: If ``data`` is no table.
        ValueError: If a column is missing, or a row is no post.

    Example:
        >>> table = extract_frame([{"id": 17, "text": "Lionel Messi leaves Barcelona"}],
        ...                       rows="quintuple")
        >>> [(row["head"], row["relation"], row["tail"]) for row in table]
        [('Lionel Messi', 'member_of', 'Barcelona')]
    """
    kind = RowKind(rows)
    posts = table_posts(data, columns=Columns(dict(columns or {}), tuple(keep)))
    extractor = Extractor.from_pretrained(model) if extractor is None else extractor
    found = extractor.stream(posts, batch_size=batch_size)
    return like_given(list(table_rows(found, kind)), data)
