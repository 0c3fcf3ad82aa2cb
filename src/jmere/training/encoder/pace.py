"""Speed of a long run and estimate of the remaining time."""

from __future__ import annotations

import time
from datetime import timedelta

_EVERY = 30.0
"""Seconds between two reports."""


class Pace:
    """Counts what is done against a total, since it was made."""

    def __init__(self, total: int, unit: str) -> None:
        self.total, self.unit, self.done = total, unit, 0
        self._started = self._told = time.monotonic()

    def passed(self, count: int) -> bool:
        """Add ``count``; whether it is time to report."""
        self.done += count
        now = time.monotonic()
        due = now - self._told >= _EVERY
        if due:
            self._told = now
        return due

    @property
    def rate(self) -> float:
        """Done per second."""
        return self.done / max(time.monotonic() - self._started, 1e-9)

    def __str__(self) -> str:
        left = timedelta(seconds=round((self.total - self.done) / max(self.rate, 1e-9)))
        return f"{self.done:,} of {self.total:,} {self.unit}, {self.rate:.2f} a second, {left} left"
