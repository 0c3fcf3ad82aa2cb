"""Settings of a post's two graphs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from jmere.scenes.combine import DEFAULT_OBJECTS
from jmere.text.parser import BUNDLED_NAME

Context = Literal["none", "caption", "objects", "all"]
"""What a model reads of the picture as words behind the post: nothing, its description, the labels
of its objects and relations, or both."""


@dataclass(frozen=True, kw_only=True)
class GraphSettings:
    """How a post's two graphs are made, as a run file says."""

    parser: str | None = None
    """A spaCy model's name or folder; the bundled parser where absent or ``bundled``."""
    appearance: int = 0
    """Width of the objects' appearance vectors; 0 where the model takes none."""
    context: Context = "none"
    """What is known of the picture, as words behind the post: ``none``, the ``caption``, the labels
    of ``objects`` and relations, or ``all``. The encoder reads them; they are not tagged."""
    context_pieces: int = 64
    """Maximum number of word pieces of these words; they never take room that the post needs."""

    def __post_init__(self) -> None:
        if self.appearance < 0:
            raise ValueError(f"graphs.appearance must not be negative, got {self.appearance}")
        if self.context_pieces < 1:
            raise ValueError(f"graphs.context_pieces must be positive, got {self.context_pieces}")
        if self.parser == BUNDLED_NAME:
            object.__setattr__(self, "parser", None)


@dataclass(frozen=True, kw_only=True)
class GraphConfig(GraphSettings):
    """How a post's two graphs are made, as a model folder says."""

    objects: int = DEFAULT_OBJECTS
    """Maximum number of objects of a picture (k); those with the highest scores are kept."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.objects < 0:
            raise ValueError(f"graphs.objects must not be negative, got {self.objects}")
