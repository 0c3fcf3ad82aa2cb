"""Figure 9 as a plot: JMERE F1 over alpha and over lambda, the paper's curve beside ours."""

from __future__ import annotations

from typing import Any

from jmere.bench.results import RowResult, TableResult
from jmere.bench.tables import CURVES, Curve
from jmere.extras import require

OURS, PAPER = "#1b6ca8", "#888888"


def curves(result: TableResult) -> Any:
    """A ``matplotlib`` figure of the points there are; error bars are deviations over seeds."""
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
