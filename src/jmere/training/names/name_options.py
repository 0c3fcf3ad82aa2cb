"""Settings of the training of a head for names."""

from __future__ import annotations

from dataclasses import dataclass

from jmere.checks import check_choices


@dataclass(frozen=True, kw_only=True)
class NameTraining:
    """How a head over a frozen encoder is trained."""

    layers: tuple[int, ...] = (4, 6)
    """Layers of the encoder that the head reads; 0 is the embedding."""
    width: int = 128
    """Width of the head."""
    dropout: float = 0.3
    """Dropout probability of the head."""
    epochs: int = 6
    batch: int = 32
    """Posts in a step."""
    rate: float = 1e-3
    """Learning rate at the start, from which it falls to 0."""
    decay: float = 0.05
    """Weight decay."""
    seed: int = 19

    def __post_init__(self) -> None:
        check_choices(
            self,
            "names",
            shares=("dropout",),
            counts=("width", "epochs", "batch"),
            positive=("rate",),
            amounts=("decay",),
        )
        if not self.layers:
            raise ValueError("names.layers: expected 1 layer at least")
