"""Tables in Parquet files, by pyarrow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, Any

from jmere.errors import DataError, Problem, one_line, require

_GROUP = 4096
"""Rows that are held at a time."""

_TEXTS = ("id", "text", "image", "alt_text", "time", "author", "url", "language", "model")


def parquet_rows(
    path: str | Path, names: Sequence[str] | None = None
) -> Iterator[tuple[int, dict[str, object]]]:
    """Yield the rows of a file with their numbers, from 1.

    Args:
        path: The file.
        names: The columns to read; ``None`` reads all.

    Raises:
        FileNotFoundError: If the file does not exist.
        DataError: If it is no Parquet file, or a damaged one.
        MissingExtraError: If pyarrow is not installed.
    """
    number = 0
    with _opened(path) as file:
        try:
            for batch in file.iter_batches(batch_size=_GROUP, columns=names):
                for row in batch.to_pylist():
                    number += 1
                    yield number, row
        except (OSError, ValueError, _arrow().ArrowException) as error:
            raise DataError(Problem(str(path), number + 1, one_line(error))) from None


def parquet_rows_between(
    stream: IO[bytes], names: Sequence[str], start: int, stop: int, *, path: str
) -> Iterator[tuple[int, dict[str, object]]]:
    """Yield the rows from ``start`` to before ``stop`` with their numbers, from ``start + 1``.

    Args:
        stream: An open file; only the row groups that hold these rows are read.
        names: The columns to read.
        start: Rows before the first.
        stop: Rows before the end.
        path: What errors call the file.

    Raises:
        DataError: If it is no Parquet file, or a damaged one.
    """
    file = opened_parquet(stream, path)
    first = 0
    try:
        for group in range(file.num_row_groups):
            count = file.metadata.row_group(group).num_rows
            if first < stop and first + count > start:
                row = first
                for batch in file.iter_batches(_GROUP, row_groups=[group], columns=names):
                    skip = max(0, start - row)
                    cut = batch.slice(skip, max(0, stop - row - skip))
                    yield from enumerate(cut.to_pylist(), start=row + skip + 1)
                    row += len(batch)
                    if row >= stop:
                        return
            first += count
    except (OSError, ValueError, _arrow().ArrowException) as error:
        raise DataError(Problem(path, None, one_line(error))) from None


def parquet_columns(path: str | Path) -> list[str]:
    """Return the names of the columns of a file.

    Raises:
        FileNotFoundError: If the file does not exist.
        DataError: If it is no Parquet file.
    """
    with _opened(path) as file:
        return [str(name) for name in file.schema_arrow.names]


def write_parquet(
    stream: IO[bytes], kinds: Mapping[str, type | None], rows: Iterable[dict[str, object]]
) -> int:
    """Write rows; ``kinds`` has the class of each kept column. Return the number of rows."""
    pq = _parquet()
    schema = arrow_schema(kinds)
    rows, count = iter(rows), 0
    with pq.ParquetWriter(stream, schema) as writer:
        while group := list(islice(rows, _GROUP)):
            writer.write_table(_arrow().Table.from_pylist(group, schema=schema))
            count += len(group)
    return count


def arrow_schema(kinds: Mapping[str, type | None]) -> Any:
    """Return the Arrow schema of a table: known columns by name, others by class."""
    pa = _arrow()
    by_class = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}
    known = _known_types(pa)
    return pa.schema(
        [
            (name, known[name] if kind is None and name in known else by_class[kind or str])
            for name, kind in kinds.items()
        ]
    )


def _known_types(pa: Any) -> dict[str, Any]:
    box = pa.list_(pa.float64())
    entity = pa.struct(
        {"text": pa.string(), "type": pa.string(), "start": pa.int64(), "end": pa.int64(),
         "box": box, "visible": pa.float64()}
    )  # fmt: skip
    quintuple = pa.struct(
        {"head": entity, "tail": entity, "relation": pa.string(), "score": pa.float64(),
         "source": pa.string()}
    )  # fmt: skip
    thing = pa.struct({"label": pa.string(), "box": box, "score": pa.float64()})
    edge = pa.struct(
        {"subject": pa.int64(), "predicate": pa.string(), "object": pa.int64(),
         "score": pa.float64()}
    )  # fmt: skip
    scene = pa.struct(
        {"objects": pa.list_(thing), "relations": pa.list_(edge), "size": pa.list_(pa.int64())}
    )
    grounding = pa.struct(
        {"entity": pa.int64(), "object": pa.int64(), "plan": pa.float64(),
         "attention": pa.float64(), "probability": pa.float64()}
    )  # fmt: skip
    return {
        **dict.fromkeys(_TEXTS, pa.string()),
        **dict.fromkeys(("head", "head_type", "relation", "tail", "tail_type"), pa.string()),
        **dict.fromkeys(("head_start", "head_end", "tail_start", "tail_end"), pa.int64()),
        "score": pa.float64(),
        "source": pa.string(),
        "tokens": pa.list_(pa.string()),
        "warnings": pa.list_(pa.string()),
        "quintuples": pa.list_(quintuple),
        "entities": pa.list_(entity),
        "scene_graph": scene,
        "groundings": pa.list_(grounding),
    }


def opened_parquet(stream: IO[bytes], path: str) -> Any:
    """Return the ``ParquetFile`` of an open file.

    Raises:
        DataError: If it is no Parquet file.
        MissingExtraError: If pyarrow is not installed.
    """
    if stream.read(4) != b"PAR1":
        raise DataError(Problem(path, None, "is no Parquet file"))
    stream.seek(0)
    try:
        return _parquet().ParquetFile(stream)
    except (OSError, ValueError, _arrow().ArrowException) as error:
        raise DataError(Problem(path, None, one_line(error))) from None


@contextmanager
def _opened(path: str | Path) -> Iterator[Any]:
    with Path(path).open("rb") as stream, opened_parquet(stream, str(path)) as file:
        yield file


def _arrow() -> Any:
    return require("pyarrow", "tables", "Parquet")


def _parquet() -> Any:
    return require("pyarrow.parquet", "tables", "Parquet")
