"""Scores as aligned plain text and as JSON values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from jmere.evaluation.bootstrap import Comparison
from jmere.evaluation.reliability import Bin, calibration_error
from jmere.evaluation.scores import Measure, Scores
from jmere.terminal import aligned

_HEADER = ("precision", "recall", "F1", "correct", "predicted", "gold")


def measures(title: str, named: Mapping[str, Measure]) -> str:
    """Format one measure per line; ratios in percent."""
    return aligned((title, *_HEADER), [(name, *_cells(named[name])) for name in named])


def scores_text(scores: Scores) -> str:
    """Format JMERE and MNER scores, with the reading in the first line."""
    posts = f"{scores.posts} post{'' if scores.posts == 1 else 's'}"
    named = {"JMERE": scores.jmere, "MNER": scores.mner}
    return f"{scores.reading} reading, {posts}\n{measures('', named)}"


def breakdown(scores: Scores) -> str:
    """Format JMERE scores by relation and MNER scores by entity type."""
    return "\n\n".join(
        (measures("relation", scores.relations), measures("type", scores.types)),
    )


def comparison_text(comparison: Comparison) -> str:
    """Format differences of F1 in points, with 95 % intervals and p-values."""
    rows = []
    for name, it in (("JMERE", comparison.jmere), ("MNER", comparison.mner)):
        points = (f"{100 * value:+.2f}" for value in (it.f1, it.low, it.high))
        rows.append((name, *points, f"{it.p_value:.4f}"))
    head = f"difference of F1, paired bootstrap, {comparison.resamples} resamples"
    return f"{head}\n{aligned(('', 'points', 'from', 'to', 'p'), rows)}"


def reliability_text(bins: Sequence[Bin]) -> str:
    """Format precision by score, and the expected calibration error."""
    rows = [
        (f"{b.low:.1f}-{b.high:.1f}", f"{b.score:.3f}", f"{b.precision:.3f}", str(b.count))
        for b in bins
    ]
    error = f"expected calibration error {calibration_error(bins):.4f}"
    return f"{aligned(('score', 'mean', 'precision', 'quintuples'), rows)}\n{error}"


def reliability_to_json(bins: Sequence[Bin]) -> dict[str, Any]:
    """Return the bins and the expected calibration error as JSON values."""
    return {"bins": [asdict(each) for each in bins], "error": calibration_error(bins)}


def scores_to_json(scores: Scores, *, tables: bool = False) -> dict[str, Any]:
    """Return the scores as fractions in [0, 1]; with ``tables`` also by relation and by type."""
    value: dict[str, Any] = {
        "reading": scores.reading,
        "posts": scores.posts,
        "jmere": _ratios(scores.jmere),
        "mner": _ratios(scores.mner),
    }
    if tables:
        value["relations"] = {name: _all(measure) for name, measure in scores.relations.items()}
        value["types"] = {name: _all(measure) for name, measure in scores.types.items()}
    return value


def _cells(measure: Measure) -> tuple[str, ...]:
    ratios = (measure.precision, measure.recall, measure.f1)
    counts = (measure.correct, measure.predicted, measure.gold)
    return (*(f"{100 * ratio:.2f}" for ratio in ratios), *(str(count) for count in counts))


def _ratios(measure: Measure) -> dict[str, float]:
    return {"precision": measure.precision, "recall": measure.recall, "f1": measure.f1}


def _all(measure: Measure) -> dict[str, float]:
    counts = {"correct": measure.correct, "predicted": measure.predicted, "gold": measure.gold}
    return {**_ratios(measure), **counts}
