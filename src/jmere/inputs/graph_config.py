"""Settings of a post's two graphs."""

from __future__ import annotations

from dataclasses import dataclass

from jmere.text.parser import BUNDLED_NAME


@dataclass(frozen=True, kw_only=True)
class GraphConfig:
    """How a post's two graphs are made."""

    parser: str | None = None
    """A spaCy model's name or folder; the bundled parser where absent or ``bundled``."""
    objects: int = 10
    """Most objects of a picture, the surest ones (k)."""
    appearance: int = 0
    """Width of the objects' appearance vectors; 0 where the model takes none."""

    def __post_init__(self) -> None:
        if self.objects < 0 or self.appearance < 0:
            raise ValueError("graphs.objects and graphs.appearance must not be negative")
        if self.parser == BUNDLED_NAME:
            object.__setattr__(self, "parser", None)
