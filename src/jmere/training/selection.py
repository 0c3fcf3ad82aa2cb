"""Selection of the best epoch, and early stopping."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass
class Progress:
    """Finished epochs and the best of them; saved with each checkpoint.

    Example:
        >>> progress = Progress()
        >>> progress.finish(0.5, 0.6, 1.0), progress.finish(0.4, 0.7, 0.9)
        (True, False)
        >>> progress.best_epoch
        1
    """

    epoch: int = 0
    """Epochs finished."""
    best_epoch: int = 0
    """Epoch of the kept model; 0 before the first."""
    f1: float = 0.0
    """Its dev F1 (``Scores.main``)."""
    mner_f1: float = 0.0
    loss: float = 0.0
    """Its mean training loss."""
    risen: int = 0
    """Last epoch that improved the dev score, or at which all scores so far were 0."""
    halves: dict[str, float] = field(default_factory=dict)
    """Best dev score of each half of a pipeline, whose ``f1`` is the lower of them."""

    def finish(self, f1: float, mner_f1: float, loss: float) -> bool:
        """Count an epoch; return whether its model is the best so far.

        Epochs of equal dev F1 are ordered by MNER F1, then by lower loss. A lower loss decides
        which model is kept, but does not reset the patience.
        """
        self.epoch += 1
        score, before = (f1, mner_f1), (self.f1, self.mner_f1)
        better = not self.best_epoch or (*score, -loss) > (*before, -self.loss)
        if better:
            self.best_epoch = self.epoch
            self.f1, self.mner_f1, self.loss = f1, mner_f1, loss
        if score > before or self.f1 == 0:
            self.risen = self.epoch
        return better

    def finish_halves(self, scores: Mapping[str, float]) -> set[str]:
        """Count an epoch of a pipeline; return the halves that improved."""
        self.epoch += 1
        better = improved(scores, self.halves)
        if better:
            self.halves |= {half: scores[half] for half in better}
            self.best_epoch, self.f1 = self.epoch, min(self.halves.values())
        if better or self.f1 == 0:
            self.risen = self.epoch
        return better

    def reason_to_stop(self, *, epochs: int, patience: int) -> str | None:
        """Return the reason why the run ends, or ``None`` while it continues."""
        if self.best_epoch and self.f1 == 1:
            return "dev F1 is 1"
        if self.epoch >= epochs:
            return f"training.epochs is {epochs}"
        if self.epoch - self.risen >= patience:
            return (
                f"the dev score has not improved for {self.epoch - self.risen} epochs "
                f"(training.patience is {patience})"
            )
        return None


def improved(scores: Mapping[str, float], best: Mapping[str, float]) -> set[str]:
    """Return the names of the scores that are better than the best so far.

    Example:
        >>> improved({"entities": 0.5, "relations": 0.2}, {"entities": 0.4, "relations": 0.3})
        {'entities'}
    """
    return {name for name, score in scores.items() if score > best.get(name, -1.0)}
