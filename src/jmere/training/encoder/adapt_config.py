"""Config of an adaptation: continued pretraining of an encoder."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from jmere.checks import check_choices


@dataclass(frozen=True, kw_only=True)
class AdaptConfig:
    """Texts and settings of an adaptation."""

    output: str
    """Folder of the adapted encoder."""
    encoder: str
    """Folder, hub id or known name of the encoder to begin with."""
    texts: list[str] = field(default_factory=list)
    """JSON Lines files of posts to read."""
    entities: list[str] = field(default_factory=list)
    """Files of posts whose entities are all annotated."""
    outside: list[str] = field(default_factory=list)
    """Files of posts whose texts are excluded: those of dev and test."""
    tags: str = "default"
    """Tag set file with the types of the entities, or ``default`` for the JMERE set."""
    descriptions: bool = False
    """Read the description of each post's picture (``alt_text``) as a text of its own."""
    word_shapes: bool = True
    """Tell the encoder how each word is written (capitals, hashtag, ...)."""
    masked: float = 0.15
    """Share of the word pieces that are to be filled in."""
    entity_weight: float = 1.0
    """Weight of the entities' loss beside that of the masked pieces."""
    epochs: int = 3
    batch_size: int = 32
    encoder_learning_rate: float = 1e-4
    learning_rate: float = 1e-3
    """Learning rate of the two heads, which are not saved, and of a new word shape table."""
    weight_decay: float = 0.01
    warmup: float = 0.1
    gradient_clip: float = 1.0
    mixed_precision: Literal["no", "bf16", "fp16"] = "no"
    checkpoint_steps: int = 500
    """Steps between two checkpoints; there is one at the end of each epoch too."""
    seed: int = 19

    def __post_init__(self) -> None:
        counts = ("epochs", "batch_size", "checkpoint_steps")
        check_choices(self, counts=counts, shares=("warmup",), amounts=("entity_weight",))
        if not 0 < self.masked < 1:
            raise ValueError(f"masked must be in (0, 1), got {self.masked}")
        if not self.texts and not self.entities:
            raise ValueError("texts or entities must name a file of posts")
