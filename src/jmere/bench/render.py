"""A table's results as aligned text, Markdown, CSV and JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jmere.bench.results import Ratios, RowResult, Spread, TableResult
from jmere.bench.tables import Figures, Table
from jmere.evaluation.tables import aligned
from jmere.files import write_json, written_whole

NOT_IN_PAPER = "not in the paper"


def text(table: Table, result: TableResult) -> str:
    """The table in the paper's layout, its figures beside ours."""
    return "\n".join(
        [
            heading(table, result),
            "",
            aligned(_header(table), _cells(table, result)),
            *_notes(result),
        ]
    )


def markdown(table: Table, result: TableResult) -> str:
    """The same as Markdown."""
    header = _header(table)
    rows = [header, tuple("---" if n == 0 else "---:" for n in range(len(header)))]
    lines = [f"| {' | '.join(_escaped(row))} |" for row in [*rows, *_cells(table, result)]]
    notes = [f"- {line}" for line in _notes(result)]
    return "\n".join([heading(table, result), "", *lines, *([""] if notes else []), *notes])


def comma_separated(result: TableResult) -> str:
    """One line a row, figures in percent; an empty cell where there is none."""
    stream = io.StringIO()
    measures = [f"{task}_{m}" for task in ("jmere", "mner") for m in ("precision", "recall", "f1")]
    columns = [f"{name}{end}" for name in measures for end in ("", "_deviation", "_paper")]
    writer = csv.DictWriter(
        stream,
        ["method", "in_paper", "seeds", *columns, "rival", "difference", "p_value"],
        lineterminator="\n",
        restval="",
    )
    writer.writeheader()
    for each in result.rows:
        writer.writerow(_flat(each))
    return stream.getvalue()


def to_json(table: Table, result: TableResult) -> dict[str, Any]:
    """The same as JSON values: ours in percent under ``dev``, the paper's under ``paper``."""
    return {
        "table": table.name,
        "reading": result.reading,
        "posts": result.posts,
        "rows": [
            {
                "method": each.row.name,
                "in_paper": each.row.in_paper,
                "seeds": list(each.seeds),
                "dev": {
                    "jmere": None if each.jmere is None else asdict(each.jmere),
                    "mner": None if each.mner is None else asdict(each.mner),
                },
                "paper": {"jmere": _paper(each.row.jmere), "mner": _paper(each.row.mner)},
                "rival": each.rival,
                "difference": None if each.difference is None else asdict(each.difference),
                "note": each.note,
            }
            for each in result.rows
        ],
    }


def write(table: Table, result: TableResult, folder: Path) -> None:
    """Write all four beside each other: ``folder/TABLE.txt``, ``.md``, ``.csv`` and ``.json``."""
    written = {
        ".txt": text(table, result) + "\n",
        ".md": markdown(table, result) + "\n",
        ".csv": comma_separated(result),
    }
    for suffix, content in written.items():
        with written_whole(folder / f"{table.name}{suffix}") as stream:
            stream.write(content)
    write_json(folder / f"{table.name}.json", to_json(table, result))


def heading(table: Table, result: TableResult) -> str:
    """What the figures are of."""
    paper = ", the paper's on test" if table.from_paper else ""
    return (
        f"{table.title}; ours on dev ({result.posts} posts, {result.reading} reading){paper}; "
        "F1 in percent, mean ± deviation over the seeds"
    )


def _header(table: Table) -> tuple[str, ...]:
    paper = ["paper"] if table.from_paper else []
    rival = next((row.name for row in table.rows if row.folder == table.against), "best other")
    return (
        "method",
        *("JMERE P", "R", "F1", *paper),
        *("MNER P", "R", "F1", *paper),
        *("seeds", f"less {rival}", "p"),
    )


def _cells(table: Table, result: TableResult) -> Iterator[tuple[str, ...]]:
    for each in result.rows:
        difference = each.difference
        yield (
            each.row.name if each.row.in_paper else f"{each.row.name} ({NOT_IN_PAPER})",
            *_ours(each.jmere),
            *([_printed(each.row.jmere)] if table.from_paper else []),
            *_ours(each.mner),
            *([_printed(each.row.mner)] if table.from_paper else []),
            str(len(each.seeds)),
            "-" if difference is None else f"{100 * difference.f1:+.2f}",
            "-" if difference is None else f"{difference.p_value:.4f}",
        )


def _ours(ratios: Ratios | None) -> tuple[str, str, str]:
    if ratios is None:
        return ("-", "-", "-")
    return (_spread(ratios.precision), _spread(ratios.recall), _spread(ratios.f1))


def _spread(spread: Spread) -> str:
    mean = f"{spread.mean:.2f}"
    return mean if spread.deviation is None else f"{mean} ± {spread.deviation:.2f}"


def _printed(figures: Figures | float | None) -> str:
    if figures is None:
        return "-"
    if isinstance(figures, Figures):
        return " / ".join(f"{value:.2f}" for value in figures)
    return f"{figures:.2f}"


def _paper(figures: Figures | float | None) -> dict[str, float] | None:
    if figures is None:
        return None
    return figures._asdict() if isinstance(figures, Figures) else {"f1": figures}


def _notes(result: TableResult) -> list[str]:
    return [f"{each.row.name}: {each.note}" for each in result.rows if each.note is not None]


def _escaped(cells: tuple[str, ...]) -> Iterator[str]:
    return (cell.replace("*", "\\*") for cell in cells)


def _flat(each: RowResult) -> dict[str, Any]:
    line: dict[str, Any] = {
        "method": each.row.name,
        "in_paper": each.row.in_paper,
        "seeds": " ".join(map(str, each.seeds)),
    }
    for task, ratios, paper in (
        ("jmere", each.jmere, each.row.jmere),
        ("mner", each.mner, each.row.mner),
    ):
        for name, value in (_paper(paper) or {}).items():
            line[f"{task}_{name}_paper"] = value
        for name, spread in ({} if ratios is None else asdict(ratios)).items():
            line[f"{task}_{name}"] = f"{spread['mean']:.4f}"
            if spread["deviation"] is not None:
                line[f"{task}_{name}_deviation"] = f"{spread['deviation']:.4f}"
    if each.difference is not None:
        line["rival"] = each.rival
        line["difference"] = f"{100 * each.difference.f1:.4f}"
        line["p_value"] = f"{each.difference.p_value:.4f}"
    return line
