"""Tables in memory: pandas data frames, Arrow tables and Hugging Face datasets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from jmere.data.tables.columns import Columns
from jmere.data.tables.rows import row_post
from jmere.errors import DataError, Problem, require, short_repr
from jmere.records import Post

_ALL = Columns()


def table_posts(data: Any, *, columns: Columns = _ALL, gold: bool = False) -> Iterator[Post]:
    """Yield the posts of a table in memory, one for each row.

    Args:
        data: A pandas ``DataFrame``, a pyarrow ``Table``, a ``datasets.Dataset``, or any iterable
            of mappings. Without a column of ids, a data frame's index gives them.
        columns: The columns of the fields, and those to copy.
        gold: Whether the posts are annotated; see ``read_posts``.

    Raises:
        TypeError: If it is none of these.
        DataError: If a column is missing, or at the first bad row.

    Example:
        >>> [post.text for post in table_posts([{"id": 17, "text": "Bonn wins"}])]
        ['Bonn wins']
    """
    fields: dict[str, str] | None = None
    index = getattr(data, "index", None) if _module(data) == "pandas" else None
    for number, row in enumerate(_records(data), start=1):
        if fields is None:
            try:
                fields = columns.found(list(map(str, row)))
            except ValueError as error:
                raise DataError(Problem("table", None, str(error))) from None
        if "id" not in fields and index is not None:
            row = {**row, "id": index[number - 1]}
            post, faults = row_post(row, {**fields, "id": "id"}, columns.keep,
                                    number=number, gold=gold)  # fmt: skip
        else:
            post, faults = row_post(row, fields, columns.keep, number=number, gold=gold)
        if faults:
            raise DataError(Problem("table", number, "; ".join(faults)))
        yield post


def like_given(rows: list[dict[str, object]], data: Any) -> Any:
    """Return rows as a table of the kind of ``data``: pandas, Arrow, datasets, or a list."""
    kind = _module(data)
    if kind == "pandas":
        frame = require("pandas", "tables", "a data frame").DataFrame(rows)
        if len(frame) == len(data):
            frame.index = data.index
        return frame
    if kind == "pyarrow":
        return require("pyarrow", "tables", "an Arrow table").Table.from_pylist(rows)
    if kind == "datasets":
        return require("datasets", "tables", "a dataset").Dataset.from_list(rows)
    return rows


def _records(data: Any) -> Iterable[Mapping[str, object]]:
    kind = _module(data)
    if kind == "pandas" and hasattr(data, "iterrows"):
        names = [str(name) for name in data.columns]
        values = data.itertuples(index=False, name=None)
        return (dict(zip(names, row, strict=True)) for row in values)
    if kind == "pyarrow" and hasattr(data, "to_batches"):
        return (row for batch in data.to_batches() for row in batch.to_pylist())
    if isinstance(data, Iterable) and not isinstance(data, str | bytes | Mapping):
        return map(_mapping, data)
    raise TypeError(
        f"expected a data frame, a table, a dataset or a list of rows, got {short_repr(data)}"
    )


def _mapping(row: object) -> Mapping[str, object]:
    if not isinstance(row, Mapping):
        raise TypeError(f"expected a row, a mapping of columns, got {short_repr(row)}")
    return row


def _module(data: object) -> str:
    return type(data).__module__.split(".")[0]
