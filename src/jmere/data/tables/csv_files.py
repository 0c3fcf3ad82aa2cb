"""Tables in CSV and TSV files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import IO

from jmere.errors import DataError, Problem, one_line, short_repr
from jmere.files.inputs import opened

MAX_CELL = 1 << 24
"""Maximum length of a cell, in characters."""


def csv_rows(
    path: str | Path, *, tabs: bool = False
) -> Iterator[tuple[int, dict[str, object] | None]]:
    """Yield the rows of a file with the line that each ends at; ``None`` has the wrong length.

    The first item is the header: line 1, with each column as its own value. Columns are apart by
    commas or, where the header has none, by semicolons.

    Raises:
        FileNotFoundError: If the file does not exist.
        DataError: If it is damaged, empty, or a column occurs twice.
    """
    csv.field_size_limit(MAX_CELL)
    with opened(path) as raw:
        stream = io.TextIOWrapper(raw, encoding="utf-8-sig", errors="surrogateescape", newline="")
        try:
            first = stream.readline()
            delimiter = "\t" if tabs else ";" if ";" in first and "," not in first else ","
            rows = csv.reader(chain([first], stream), delimiter=delimiter)
            header: list[str] = []
            for row in rows:
                if not header:
                    if not row:
                        continue
                    header = _checked_header(row, path)
                    yield rows.line_num, {name: name for name in header}
                elif row:
                    right = len(row) == len(header)
                    yield rows.line_num, dict(zip(header, row, strict=True)) if right else None
        except csv.Error as error:
            raise DataError(Problem(str(path), rows.line_num, one_line(error))) from None
        finally:
            stream.detach()
    if not header:
        raise DataError(Problem(str(path), None, "is empty; expected a header of columns"))


def write_csv(
    stream: IO[str], names: Sequence[str], rows: Iterable[dict[str, object]], *, tabs: bool = False
) -> int:
    """Write a header and rows; lists and objects become JSON. Return the number of rows."""
    writer = csv.writer(stream, delimiter="\t" if tabs else ",", lineterminator="\n")
    writer.writerow(names)
    count = 0
    for count, row in enumerate(rows, start=1):  # noqa: B007
        writer.writerow([_cell(row.get(name)) for name in names])
    return count


def _cell(value: object) -> object:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value


def _checked_header(row: Sequence[str], path: str | Path) -> list[str]:
    names = [name.strip() for name in row]
    for index, name in enumerate(names):
        if not name or name in names[:index]:
            what = f"two columns are called {short_repr(name)}" if name else "a column has no name"
            raise DataError(Problem(str(path), 1, what))
    return names
