"""Logs of a run: a CSV file, and TensorBoard event files if installed."""

from __future__ import annotations

import csv
import logging
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from torch import Tensor

from jmere.files.whole import written_whole
from jmere.training.board import Board
from jmere.training.team import summed

log = logging.getLogger(__name__)

LOG = "log.csv"
"""File in a run's folder with a row per epoch."""


class Logs:
    """Writer of one row per epoch; a resumed run continues after its checkpoint."""

    def __init__(self, folder: Path, *, keep: int, writes: bool = True) -> None:
        """Open the logs of ``folder``, keeping the rows of the first ``keep`` epochs.

        Of several processes only one ``writes``.
        """
        self.writes = writes
        self.path = folder / LOG
        self.rows: list[dict[str, Any]] = []
        if keep and self.path.exists():
            with self.path.open(encoding="utf-8", newline="") as stream:
                self.rows = list(csv.DictReader(stream))[:keep]
        self._board = _board(folder) if writes else None

    def write(self, epoch: int, values: Mapping[str, float]) -> None:
        """Add the values of an epoch."""
        if not self.writes:
            return
        shown = {name: f"{value:.6g}" for name, value in values.items()}
        log.info("epoch %d: %s", epoch, ", ".join(f"{n} {v}" for n, v in shown.items()))
        self.rows.append({"epoch": epoch, **shown})
        columns = dict.fromkeys(name for row in self.rows for name in row)
        with written_whole(self.path) as stream:
            writer = csv.DictWriter(stream, list(columns), restval="")
            writer.writeheader()
            writer.writerows(self.rows)
        if self._board is not None:
            self._board.add(epoch, values)

    def __enter__(self) -> Logs:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._board is not None:
            self._board.close()


class Shares:
    """Means over the posts of an epoch that have a value, such as solver convergence.

    Example:
        >>> import torch
        >>> shares = Shares()
        >>> shares.add({"converged": torch.tensor([1.0, 0.0])})
        >>> shares.means()
        {'converged': 0.5}
    """

    def __init__(self) -> None:
        self._sums: dict[str, Tensor] = {}
        self._counts: dict[str, int] = {}

    def add(self, values: Mapping[str, Tensor]) -> None:
        """Add a batch's values by name, without synchronising the device."""
        for name, some in values.items():
            total = some.detach().sum()
            self._sums[name] = self._sums[name] + total if name in self._sums else total
            self._counts[name] = self._counts.get(name, 0) + len(some)

    def means(self) -> dict[str, float]:
        """Return the mean of each name with at least one value, in any process."""
        sums = summed({name: float(total) for name, total in self._sums.items()})
        counts = summed(self._counts)
        return {name: total / counts[name] for name, total in sums.items() if counts[name]}


def _board(folder: Path) -> Board | None:
    try:
        return Board(folder / "tensorboard")
    except ImportError:
        return None
