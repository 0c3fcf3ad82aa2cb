"""Extraction on a cluster, from files to a folder of parts."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import typer

from jmere.cli.bad_lines import NOTHING_READ
from jmere.errors import Problem, refuse
from jmere.ray.extract_parts import PartsRun, extract_files
from jmere.ray.loading import ExtractorLoader
from jmere.terminal import echo

_EVERY = 30.0
"""Seconds between two lines of progress."""


def extract_parts(
    posts: str,
    output: str,
    *,
    model: str,
    loaded: Mapping[str, Any],
    strict: bool,
    **options: Any,
) -> None:
    """Extract, report bad lines and parts on the way, and the counts at the end.

    Args:
        posts: A file or a pattern.
        output: The folder of the parts.
        model: Name of the model.
        loaded: Further options that workers load it with.
        strict: Whether the first bad line ends the run.
        options: Options of ``extract_files``.

    Raises:
        typer.Exit: If no post could be read.
    """
    told = _Told()
    try:
        run = extract_files(
            posts,
            output,
            loader=ExtractorLoader(model=model, **loaded),
            on_problem=refuse if strict else _tell,
            on_part=told.part,
            **options,
        )
    except KeyboardInterrupt:
        echo(
            f"jmere: interrupted, {told.parts} parts in {output}; "
            "the same command with --resume continues",
            err=True,
        )
        raise
    if not run.todo and run.parts:
        echo(f"{output}: is already complete ({run.posts} posts); nothing to resume", err=True)
        return
    echo(_summary(run, output), err=True)
    if not run.posts:
        echo(f"jmere: {posts}: no post could be read", err=True)
        raise typer.Exit(NOTHING_READ)


def _tell(problem: Problem) -> None:
    echo(f"jmere: {problem}; skipped", err=True)


class _Told:
    """Counts parts, and reports them from time to time."""

    def __init__(self) -> None:
        self.parts = self.posts = 0
        self._started = self._reported = time.monotonic()

    def part(self, record: Mapping[str, Any]) -> None:
        """Count a part."""
        self.parts += 1
        self.posts += record["posts"]
        now = time.monotonic()
        if now - self._reported >= _EVERY:
            self._reported = now
            rate = self.posts / (now - self._started)
            counts = f"{self.parts:,} parts, {self.posts:,} posts, {rate:,.1f} a second"
            echo(counts, err=True)


def _summary(run: PartsRun, output: str) -> str:
    counts = {
        f", {run.kept} of them kept": run.kept,
        f", {run.bad} bad lines skipped": run.bad,
        f", {run.failed} posts failed: see {output}/failed": run.failed,
        f", {run.lost} pieces of files could not be read: see {output}/failed": run.lost,
    }
    return f"{run.posts} posts in {run.parts} parts" + "".join(t for t, n in counts.items() if n)
