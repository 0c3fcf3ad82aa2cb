"""Results of a table's finished runs: means, deviations and differences between rows."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from jmere.bench.paper import Row
from jmere.bench.plan import PREDICTIONS, Job, Plan, finished
from jmere.data.jsonl import read_posts
from jmere.data.predictions import read_predictions
from jmere.evaluation.bootstrap import Difference, paired_bootstrap
from jmere.evaluation.scores import Gold, Measure, Scores, read_gold, score_against


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean and deviation of a score over the seeds, in percent."""

    mean: float
    deviation: float | None
    """Sample standard deviation; absent where there is one seed."""


@dataclass(frozen=True, slots=True)
class Ratios:
    """Precision, recall and F1 over the seeds."""

    precision: Spread
    recall: Spread
    f1: Spread


@dataclass(frozen=True, slots=True)
class RowResult:
    """Dev scores of a row; empty without a finished run."""

    row: Row
    seeds: tuple[int, ...] = ()
    jmere: Ratios | None = None
    mner: Ratios | None = None
    rival: str | None = None
    """Row that this one is compared with."""
    difference: Difference | None = None
    """F1 of this row less its rival's (``Scores.main``), over the seeds that both have."""
    note: str | None = None
    """Why there are no figures."""


@dataclass(frozen=True, slots=True)
class TableResult:
    """Rows of a table, in its order."""

    rows: tuple[RowResult, ...]
    posts: int
    reading: str


def gather(plan: Plan, *, against: str | None = None) -> TableResult:
    """Score the predictions of the runs that are finished.

    Args:
        plan: The runs.
        against: Folder of the row to compare all others with; each one's best other if absent.

    Raises:
        ValueError: If a folder holds a run of another config, or a file is not in order.
    """
    gold: dict[str, Gold] = {}
    runs: dict[str, dict[int, Scores]] = {}
    for job in plan.jobs:
        if finished(job):
            runs.setdefault(job.row.folder, {})[job.seed] = _scores(job, gold)
    scored = {row.name: runs[row.folder] for row in plan.rows if row.folder in runs}
    means = {name: statistics.fmean(s.main.f1 for s in by.values()) for name, by in scored.items()}
    if against is not None:
        means = {row.name: 1.0 for row in plan.rows if row.folder == against and row.name in means}
    first = next((scores for by in scored.values() for scores in by.values()), None)
    return TableResult(
        rows=tuple(_row(row, plan.missing, scored, means) for row in plan.rows),
        posts=0 if first is None else first.posts,
        reading=plan.jobs[0].config.training.reading if plan.jobs else "",
    )


def pooled_difference(
    system: Mapping[int, Scores], other: Mapping[int, Scores]
) -> Difference | None:
    """F1 (``Scores.main``) of a row less another's, counts added up over the seeds both have.

    What is drawn again is posts, so that the seeds of one post stay together.
    """
    seeds = sorted(system.keys() & other.keys())
    if not seeds:
        return None
    ours = sum((system[seed].main_counts for seed in seeds[1:]), system[seeds[0]].main_counts)
    theirs = sum((other[seed].main_counts for seed in seeds[1:]), other[seeds[0]].main_counts)
    return paired_bootstrap(ours, theirs)


def _scores(job: Job, gold: dict[str, Gold]) -> Scores:
    dev = job.config.data.dev
    if dev not in gold:
        gold[dev] = read_gold(read_posts(dev), job.config.training.reading)
    return score_against(gold[dev], read_predictions(job.folder / PREDICTIONS))


def _row(
    row: Row,
    missing: Mapping[str, str],
    scored: Mapping[str, Mapping[int, Scores]],
    means: Mapping[str, float],
) -> RowResult:
    if row.name not in scored:
        return RowResult(row, note=missing.get(row.name, "no finished run"))
    runs = scored[row.name]
    # Rows that share a folder share their runs: there is nothing to compare.
    others = {name: f1 for name, f1 in means.items() if scored[name] is not runs}
    rival = max(others, key=lambda name: others[name]) if others else None
    return RowResult(
        row,
        seeds=tuple(sorted(runs)),
        jmere=_ratios([scores.jmere for scores in runs.values()]),
        mner=_ratios([scores.mner for scores in runs.values()]),
        rival=rival,
        difference=None if rival is None else pooled_difference(runs, scored[rival]),
    )


def _ratios(measures: Sequence[Measure]) -> Ratios:
    return Ratios(
        precision=_spread(measure.precision for measure in measures),
        recall=_spread(measure.recall for measure in measures),
        f1=_spread(measure.f1 for measure in measures),
    )


def _spread(shares: Iterable[float]) -> Spread:
    percent = [100 * share for share in shares]
    deviation = statistics.stdev(percent) if len(percent) > 1 else None
    return Spread(statistics.fmean(percent), deviation)
