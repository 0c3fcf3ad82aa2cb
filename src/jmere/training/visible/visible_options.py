"""Settings of the training of a head for ``visible``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from jmere.checks import check_choices

CaptionsOption = Annotated[
    list[str],
    typer.Option(
        "--captions",
        metavar="FILE[:KEY]",
        help="Descriptions of the pictures: lines 'IMAGE :CAPTION', or .jsonl with captioners.",
    ),
]
"""Option of the commands that train and measure ``visible``."""


@dataclass(frozen=True, kw_only=True)
class VisibleTraining:
    """How heads over a frozen encoder are trained."""

    layers: tuple[int, ...] = (4, 4, 4, 4)
    """Layers of the encoder that the heads read, one each; 0 is the embedding."""
    width: int = 128
    """Width of a head."""
    parts: int = 4
    """Parts of the width, each with an attention of its own."""
    dropout: float = 0.3
    """Dropout probability of a head."""
    epochs: int = 3
    batch: int = 32
    """Posts in a step."""
    rate: float = 1e-3
    """Learning rate, which rises in the first tenth of the steps and then falls to 0."""
    decay: float = 0.05
    """Weight decay."""
    word_rate: float = 2e-2
    """Learning rate of the head over words."""
    word_decay: float = 0.3
    """Weight decay of the head over words."""
    altered: float = 0.2
    """Share of posts that are shown once more with less: half of them without a description, half
    with its objects alone, as a detector names them."""
    without_type: float = 0.1
    """Share of entities shown without their type, so that unknown types can be judged."""
    folds: int = 5
    """Parts of the posts for threshold and calibration: each is judged by heads that the others
    have trained."""
    seed: int = 19

    def __post_init__(self) -> None:
        shares = ("dropout", "altered", "without_type")
        check_choices(
            self, "visible", shares=shares, counts=("width", "parts", "epochs", "batch", "folds")
        )
        if self.folds < 2 or not self.layers:
            raise ValueError("visible: expected at least 2 folds and 1 layer")
        if self.width % self.parts:
            raise ValueError(f"visible.width: expected a multiple of parts, {self.parts}")
