"""Runs of a table: every row with every seed, each with a config and a folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jmere.bench.heads import check_heads, head_of, with_head
from jmere.bench.paper import Row
from jmere.config import load_yaml, override
from jmere.errors import nearest
from jmere.models.pipeline import PipelineConfig
from jmere.models.registry import RECIPES
from jmere.training.claim import USED_CONFIG
from jmere.training.run_config import RunConfig
from jmere.training.run_file import with_settings

SEED, RUNS = "{seed}", "{runs}"
"""In a row's settings, the run's seed and the folder of all runs: one may go on from another."""


PREDICTIONS = "predictions.jsonl"
"""Predictions of the run's model on dev."""

RESULT = "result.json"
"""The run's dev scores; a run that has this file is finished."""


@dataclass(frozen=True, slots=True)
class Job:
    """One run of a row; its folder is the run's ``output``."""

    row: Row
    seed: int
    config: RunConfig

    @property
    def folder(self) -> Path:
        """Return the folder of the run's model, log and predictions."""
        return Path(self.config.output)

    def needs(self, other: Job) -> bool:
        """Return whether this run starts from the model of another run."""
        config = self.config
        taken = [config.begin, *config.teachers]
        if isinstance(config.model.choices, PipelineConfig):
            taken.append(config.model.choices.relations.trained)
        return any(other.folder in Path(path).parents for path in taken if path is not None)

    def __str__(self) -> str:
        return f"{self.row.name}, seed {self.seed}"


@dataclass(frozen=True, slots=True)
class Plan:
    """Runs of a table, and the rows without runs, with the reason."""

    rows: tuple[Row, ...]
    jobs: tuple[Job, ...]
    missing: Mapping[str, str]
    """Reason by name of the row."""


def plan(
    rows: Iterable[Row], base: Mapping[str, Any], *, seeds: Sequence[int], output: Path
) -> Plan:
    """Make the runs of a table: all rows with the first seed, then all with the next.

    Args:
        rows: Of the table; those that share a folder share its runs.
        base: A run file's values, which each row changes.
        seeds: One run of each row per seed.
        output: Folder of all runs: ``output/ROW/seed-SEED``.

    Raises:
        ValueError: If a config is wrong, or rows that need one head for pairs have several.
    """
    head = head_of(RunConfig.parse({**base, "output": str(output)}).model)
    rows = tuple(rows)
    jobs: dict[Path, Job] = {}
    missing = {}
    for seed in seeds:
        for row in _with_needed(rows):
            folder = output / row.folder / f"seed-{seed}"
            settings = [
                setting.replace(SEED, str(seed)).replace(RUNS, str(output))
                for setting in row.settings
            ]
            values = with_settings(base, settings)
            values = override(values, [f"training.seed={seed}"]) | {"output": str(folder)}
            model = values["model"]
            name = model.get("name") if isinstance(model, dict) else None
            if row.one_head:
                values = with_head(values, head)
            if isinstance(name, str) and name not in RECIPES:
                missing[row.name] = f"unknown model {name!r}; {nearest(name, RECIPES)}"
            else:
                jobs.setdefault(folder, Job(row, seed, RunConfig.parse(values)))
    check_heads((str(job.row.name), job.config.model) for job in jobs.values() if job.row.one_head)
    return Plan(rows, tuple(jobs.values()), missing)


def _with_needed(rows: Iterable[Row]) -> Iterator[Row]:
    """Return the rows, each after the one whose run it needs."""
    for row in rows:
        if row.after is not None:
            yield row.after
        yield row


def finished(job: Job) -> bool:
    """Return whether a run is finished.

    Raises:
        ValueError: If its folder holds a run of another config, or what no run has written.
    """
    used = job.folder / USED_CONFIG
    if used.exists() and RunConfig.parse(load_yaml(used), used=True) != job.config:
        raise ValueError(f"{used}: run of a different config; choose another --output")
    if (job.folder / RESULT).exists() and not used.exists():
        raise ValueError(f"{job.folder}: contains {RESULT!r}, but no run; choose another --output")
    return (job.folder / RESULT).exists()


def chosen_rows(rows: Sequence[Row], folders: Sequence[str]) -> tuple[Row, ...]:
    """Select the rows with these folders; all rows if none is named.

    Raises:
        ValueError: If the table has no row of one of the folders.
    """
    known = {row.folder for row in rows}
    for folder in folders:
        if folder not in known:
            raise ValueError(f"unknown row {folder!r}; {nearest(folder, known)}")
    return tuple(row for row in rows if not folders or row.folder in folders)
