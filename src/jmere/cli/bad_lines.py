"""Handling of bad input lines: report, count, and fail if no line is good."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import typer

from jmere.errors import DataError, Problem
from jmere.terminal import echo

T = TypeVar("T")

NOTHING_READ = 1
"""Exit code of a run that could not read any line."""


class BadLines:
    """Collector of the problems of a file; its ``tell`` is an ``OnProblem``."""

    def __init__(self, path: Path, *, strict: bool = False) -> None:
        self._path, self._strict = path, strict
        self._lines: set[int | None] = set()

    @property
    def count(self) -> int:
        """Lines that were passed over."""
        return len(self._lines)

    def tell(self, problem: Problem) -> None:
        """Report that a line is skipped.

        Raises:
            DataError: At the first problem, in strict mode.
        """
        if self._strict:
            raise DataError(problem)
        self._lines.add(problem.line)
        echo(f"jmere: {problem}; skipped", err=True)

    def checked(self, records: Iterable[T]) -> Iterator[T]:
        """Yield the records of good lines; exit if there is none.

        Raises:
            typer.Exit: With the code ``NOTHING_READ``.
        """
        good = False
        for record in records:
            good = True
            yield record
        if good:
            return
        reason = f"all {self.count} lines are bad" if self.count else "the file is empty"
        echo(f"jmere: {self._path}: nothing was read: {reason}", err=True)
        raise typer.Exit(NOTHING_READ)
