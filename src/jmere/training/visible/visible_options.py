"""Settings of the training of a head for ``visible``."""

from __future__ import annotations

from dataclasses import dataclass

from jmere.checks import check_choices


@dataclass(frozen=True, kw_only=True)
class VisibleTraining:
    """How a head and the adapters beside a frozen encoder are trained."""

    rank: int = 8
    """Rank of the adapters."""
    width: int = 128
    """Width of the head."""
    dropout: float = 0.3
    """Dropout probability of the head."""
    epochs: int = 6
    batch: int = 32
    """Posts in a step."""
    rate: float = 1e-3
    """Learning rate, which rises in the first tenth of the steps and then falls to 0."""
    decay: float = 0.01
    without_description: float = 0.1
    """Share of posts shown without the description of their picture."""
    as_objects: float = 0.2
    """Share of posts shown with the objects of the description, as a detector names them."""
    without_type: float = 0.1
    """Share of entities shown without their type, so that unknown types can be judged."""
    folds: int = 4
    """Parts of the posts for threshold and calibration: each is judged by a head that the others
    have trained."""
    seed: int = 19

    def __post_init__(self) -> None:
        shares = ("dropout", "without_description", "as_objects", "without_type")
        check_choices(
            self, "visible", shares=shares, counts=("rank", "width", "epochs", "batch", "folds")
        )
        if self.folds < 2:
            raise ValueError(f"visible.folds must be at least 2, got {self.folds}")
