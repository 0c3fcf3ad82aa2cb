"""Options of tables that ``jmere extract`` and ``jmere data`` share."""

from __future__ import annotations

from typing import Annotated

import typer

from jmere.data.tables.rows import RowKind

ColumnsOption = Annotated[
    str | None,
    typer.Option(
        metavar="FIELD=COLUMN,...", help="Columns of a table's fields: text=tweet,id=tweet_id."
    ),
]
KeepOption = Annotated[
    str | None,
    typer.Option(metavar="COLUMN,...", help="Columns to copy to results and evidence."),
]
RowsOption = Annotated[RowKind, typer.Option("--rows", help="What a row of a table stands for.")]
