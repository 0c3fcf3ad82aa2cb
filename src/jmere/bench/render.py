"""Results of a table as aligned text, Markdown, CSV and JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jmere.bench.paper import CURVES, Curve, Figures, Table
from jmere.bench.results import Ratios, RowResult, Spread, TableResult
from jmere.errors import require
from jmere.files.whole import write_json, written_whole
from jmere.terminal import aligned

NOT_IN_PAPER = "not in the paper"


def table_text(table: Table, result: TableResult) -> str:
    """Format the table in the paper's layout, with the paper's numbers beside ours."""
    return "\n".join(
        [
            heading(table, result),
            "",
            aligned(_header(table), _cells(table, result)),
            *_notes(result),
        ]
    )


def markdown(table: Table, result: TableResult) -> str:
    """Format the table as Markdown."""
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


def table_to_json(table: Table, result: TableResult) -> dict[str, Any]:
    """Return the table as JSON values: ours in percent (``dev``) and the paper's (``paper``)."""
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
        ".txt": table_text(table, result) + "\n",
        ".md": markdown(table, result) + "\n",
        ".csv": comma_separated(result),
    }
    for suffix, content in written.items():
        with written_whole(folder / f"{table.name}{suffix}") as stream:
            stream.write(content)
    write_json(folder / f"{table.name}.json", table_to_json(table, result))


def heading(table: Table, result: TableResult) -> str:
    """Return the caption of the table."""
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


OURS, PAPER = "#1b6ca8", "#888888"


def curves(result: TableResult) -> Any:
    """Plot the available points with ``matplotlib``; error bars are deviations over seeds."""
    figures = require("matplotlib.figure", "graph", "drawing figure 9")
    figure = figures.Figure(figsize=(9, 3.6), facecolor="white", layout="constrained")
    by_name = {each.row.name: each for each in result.rows}
    panels = figure.subplots(1, len(CURVES), sharey=True)
    for axes, curve in zip(panels, CURVES, strict=True):
        _panel(axes, curve, by_name, f"dev, {result.posts} posts")
    panels[0].set_ylabel("JMERE F1 (%)")
    figure.legend(
        *panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=2, frameon=False
    )
    return figure


def _panel(axes: Any, curve: Curve, by_name: dict[str, RowResult], ours: str) -> None:
    values = [value for value, _ in curve.points]
    axes.plot(
        values, [f1 for _, f1 in curve.points],
        color=PAPER, linestyle="--", marker="s", markersize=5, label="paper (test)",
    )  # fmt: skip
    found = [(value, by_name.get(f"{curve.symbol} {value:g}")) for value in values]
    points = [(value, each.jmere.f1) for value, each in found if each and each.jmere]
    if points:
        axes.errorbar(
            [value for value, _ in points],
            [spread.mean for _, spread in points],
            yerr=[spread.deviation or 0.0 for _, spread in points],
            color=OURS, marker="o", markersize=6, linewidth=2, capsize=3, label=f"ours ({ours})",
        )  # fmt: skip
    axes.set_xlabel(f"{curve.symbol} ({curve.key})")
    axes.set_xticks(values)
    axes.grid(axis="y", color="#e5e5e5")
    axes.spines[["top", "right"]].set_visible(False)
