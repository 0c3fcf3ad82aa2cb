"""User-defined table: a file of rows, each a set of changes to a run file."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from jmere.bench.paper import Row, Table
from jmere.config import load_yaml, parse_config
from jmere.errors import nearest

FOLDER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


@dataclass(frozen=True, kw_only=True)
class RowFile:
    """Row of a comparison file."""

    name: str | None = None
    """Heading of its line; its key where absent."""
    set: list[str] = field(default_factory=list)
    """Changes, each ``key=value`` as in ``jmere train --set``."""


@dataclass(frozen=True, kw_only=True)
class ComparisonFile:
    """Contents of a comparison file."""

    title: str
    config: str
    """Run file that all rows start from: a path from this file or from where the command runs, or
    the name of one that comes with the package."""
    rows: dict[str, RowFile]
    """By the name of their runs' folder."""
    against: str | None = None
    """Row that all others are compared with; by default the best other row."""

    def __post_init__(self) -> None:
        if not self.rows:
            raise ValueError("rows: expected at least one row")
        for folder in self.rows:
            if not FOLDER.fullmatch(folder):
                raise ValueError(
                    f"rows: {folder!r} names a folder; expected letters, digits, '_', '-' and '.'"
                )
        if self.against is not None and self.against not in self.rows:
            raise ValueError(
                f"against: unknown row {self.against!r}; {nearest(self.against, self.rows)}"
            )


def read_comparison(path: Path) -> tuple[Table, Path]:
    """Read the table in a file, and find the run file that its rows start from.

    Raises:
        ValueError: If the file is not in order, which the message says with its name.
        FileNotFoundError: If it is missing.
    """
    values = load_yaml(path)
    try:
        if isinstance(rows := values.get("rows"), dict):
            named = ((str(folder), row or {}) for folder, row in rows.items())
            values["rows"] = {f: parse_config(RowFile, row, f"rows.{f}") for f, row in named}
        file = parse_config(ComparisonFile, values)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    table = Table(
        name=path.stem,
        title=file.title,
        rows=tuple(
            Row(name=row.name or folder, folder=folder, settings=tuple(row.set))
            for folder, row in file.rows.items()
        ),
        against=file.against,
    )
    beside = path.parent / file.config
    try:
        return table, beside if beside.is_file() else Path(file.config)
    except OSError as error:
        raise ValueError(f"{path}: config: not the name of a file ({error.strerror})") from None
