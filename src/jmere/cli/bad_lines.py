"""Bad lines of an input: told, counted, and an error where there is no good one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import typer

from jmere.errors import DataError, Problem
from jmere.terminal import echo

T = TypeVar("T")

NOTHING_READ = 1
"""Exit code of a run that read no line of its input."""


class BadLines:
    """Told of each problem of a file; its ``tell`` is an ``OnProblem``."""

    def __init__(self, path: Path, *, strict: bool = False) -> None:
        self._path, self._strict = path, strict
        self._lines: set[int | None] = set()

    @property
    def count(self) -> int:
        """Lines that were passed over."""
        return len(self._lines)

    def tell(self, problem: Problem) -> None:
        """Say that a line is passed over.

        Raises:
            DataError: At once, if the reading is strict.
        """
        if self._strict:
            raise DataError(problem)
        self._lines.add(problem.line)
        echo(f"jmere: {problem}; skipped", err=True)

    def checked(self, records: Iterable[T]) -> Iterator[T]:
        """Pass on the records of the good lines; end the command if there is not one.

        Raises:
            typer.Exit: With the code ``NOTHING_READ``.
        """
        good = False
        for record in records:
            good = True
            yield record
        if good:
            return
        reason = f"each of its {self.count} lines is bad" if self.count else "it has no line"
        echo(f"jmere: {self._path}: nothing was read: {reason}", err=True)
        raise typer.Exit(NOTHING_READ)
