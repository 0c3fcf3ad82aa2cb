"""The selection of a run's best epoch, and the end of a run that gets no better."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass
class Progress:
    """The epochs finished and the best of them; saved with each checkpoint."""

    epoch: int = 0
    """Epochs finished."""
    best_epoch: int = 0
    """The epoch whose model is kept; 0 before the first."""
    f1: float = 0.0
    """Its dev F1 (``Scores.main``)."""
    mner_f1: float = 0.0
    loss: float = 0.0
    """Its mean training loss."""
    risen: int = 0
    """The last epoch whose dev score was better than any before, or all so far were 0."""
    halves: dict[str, float] = field(default_factory=dict)
    """Best dev score of each half of a pipeline, whose ``f1`` is the lower of them."""

    def finish(self, f1: float, mner_f1: float, loss: float) -> bool:
        """Count an epoch; whether its model is the best so far.

        Epochs of one dev F1 are ordered by MNER F1, then by the lower loss. The loss decides
        which model is kept, but is no better dev score: it does not give patience back.
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
        """Count an epoch of a pipeline; the halves that are better than in any epoch before."""
        self.epoch += 1
        better = improved(scores, self.halves)
        if better:
            self.halves |= {half: scores[half] for half in better}
            self.best_epoch, self.f1 = self.epoch, min(self.halves.values())
        if better or self.f1 == 0:
            self.risen = self.epoch
        return better

    def reason_to_stop(self, *, epochs: int, patience: int) -> str | None:
        """Why the run is over; ``None`` while it is not."""
        if self.best_epoch and self.f1 == 1:
            return "dev F1 is 1, nothing is left to improve"
        if self.epoch >= epochs:
            return f"training.epochs is {epochs}"
        if self.epoch - self.risen >= patience:
            return (
                f"the dev score has not improved for {self.epoch - self.risen} epochs "
                f"(training.patience is {patience})"
            )
        return None


def improved(scores: Mapping[str, float], best: Mapping[str, float]) -> set[str]:
    """The scores that are better than they were, by name."""
    return {name for name, score in scores.items() if score > best.get(name, -1.0)}
