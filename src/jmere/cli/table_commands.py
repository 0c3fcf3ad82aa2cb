"""``jmere data convert|export`` for tables: CSV, TSV and Parquet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from jmere.cli.annotation import Gold, Output, export_records
from jmere.cli.conversion import Captions, Known, SkipBad, Source, Target, convert_posts
from jmere.cli.table_options import ColumnsOption, KeepOption, RowsOption
from jmere.data.annotation.labelstudio import Role
from jmere.data.tables.columns import Columns
from jmere.data.tables.rows import RowKind
from jmere.data.tables.table_files import CSV, PARQUET, TSV, read_table, write_table
from jmere.errors import OnProblem
from jmere.records import Extraction, Post

AsOption = Annotated[
    Role, typer.Option("--as", help="Whether SRC holds annotated posts or predictions.")
]


def register(convert: typer.Typer, export: typer.Typer) -> None:
    """Add the commands to the groups ``convert`` and ``export``."""
    convert.command("csv")(convert_csv)
    convert.command("parquet")(convert_parquet)
    export.command("csv")(export_csv)
    export.command("parquet")(export_parquet)


def convert_csv(
    source: Source,
    target: Target,
    columns: ColumnsOption = None,
    keep: KeepOption = None,
    captions: Captions = None,
    tags: Known = None,
    skip_bad: SkipBad = False,
) -> None:
    """Convert a CSV table, or a TSV table by its suffix; annotation is JSON in its cells."""
    _convert(source, target, _csv_form(source), Columns.parse(columns, keep), captions, tags,
             skip_bad=skip_bad)  # fmt: skip


def convert_parquet(
    source: Source,
    target: Target,
    columns: ColumnsOption = None,
    keep: KeepOption = None,
    captions: Captions = None,
    tags: Known = None,
    skip_bad: SkipBad = False,
) -> None:
    """Convert a Parquet table; annotation is lists and structs, or JSON, in its cells."""
    _convert(source, target, PARQUET, Columns.parse(columns, keep), captions, tags,
             skip_bad=skip_bad)  # fmt: skip


def export_csv(
    source: Gold, target: Output, rows: RowsOption = RowKind.POST, role: AsOption = Role.AUTO
) -> None:
    """Write a CSV table, or a TSV table by its suffix: one row per post or per quintuple."""
    _export(source, target, _csv_form(target), rows, role)


def export_parquet(
    source: Gold, target: Output, rows: RowsOption = RowKind.POST, role: AsOption = Role.AUTO
) -> None:
    """Write a Parquet table: one row per post or per quintuple."""
    _export(source, target, PARQUET, rows, role)


def _csv_form(path: Path) -> str:
    return TSV if path.name.lower().removesuffix(".gz").endswith(TSV) else CSV


def _convert(
    source: Path,
    target: Path,
    form: str,
    columns: Columns,
    captions: list[str] | None,
    tags: Path | None,
    *,
    skip_bad: bool,
) -> None:
    def read(*, tally: Counter[str], on_problem: OnProblem) -> Iterator[Post]:
        return read_table(source, columns=columns, gold=True, suffix=form, on_problem=on_problem)

    convert_posts(read, source, target, captions, tags, skip_bad=skip_bad)


def _export(source: Path, target: Path, form: str, kind: RowKind, role: Role) -> None:
    def write(records: Iterator[Post | Extraction], tally: Counter[str]) -> int:
        return write_table(target, records, kind=kind, suffix=form)

    unit = "post" if kind is RowKind.POST else "row"
    export_records(write, source, target, role=role, unit=unit)
