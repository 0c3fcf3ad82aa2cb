"""One table from its rows to its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jmere.bench.paper import FIGURE9, Table
from jmere.bench.plan import chosen_rows, plan
from jmere.bench.render import curves, write
from jmere.bench.results import TableResult, gather
from jmere.bench.runner import run_all
from jmere.files.whole import written_whole

_DOTS_PER_INCH = 150


def run_table(
    table: Table,
    base: Mapping[str, Any],
    *,
    rows: Sequence[str] = (),
    seeds: Sequence[int],
    output: Path,
    processes: int | None = None,
) -> tuple[TableResult, list[str]]:
    """Run what is not finished, score it, and write the table (and Figure 9's plot).

    Args:
        table: Its rows and the paper's figures.
        base: A run file's values, which each row changes.
        rows: Folders of the rows wanted; all if empty.
        seeds: One run of each row per seed.
        output: Folder of the runs, ``output/ROW/seed-SEED``, and of the table.
        processes: Runs at a time; as many as there are cores if not given; 0 runs nothing.

    Returns:
        The result, and one line for each run that failed or row that could not be run.

    Raises:
        ValueError: If a config is wrong, a row is unknown, or a folder holds a run of
            another config.
    """
    planned = plan(chosen_rows(table.rows, rows), base, seeds=seeds, output=output)
    problems = [f"{name}: left out: {reason}" for name, reason in planned.missing.items()]
    if processes != 0:
        errors = run_all(planned.jobs, processes=processes)
        problems += [f"{name}: failed: {error}" for name, error in errors.items()]
    result = gather(planned, against=table.against)
    write(table, result, output)
    if table is FIGURE9:
        with written_whole(output / f"{table.name}.png", binary=True) as stream:
            curves(result).savefig(stream, format="png", dpi=_DOTS_PER_INCH)
    return result, problems
