"""Files of a head for ``visible`` in a model folder."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from jmere.checks import check_choices
from jmere.grid.calibration import Calibration
from jmere.tagger.part_config import read_part_config

VISIBLE_CONFIG, VISIBLE_WEIGHTS = "visible.json", "visible.safetensors"
VISIBLE_GRAPH = "visible.onnx"
"""The graph of encoder and head; the encoder's weights are those of the model."""

_SCHEMA_VERSION = 1
_MOST_TYPES, _MOST_WIDTH, _MOST_HEADS = 254, 1 << 14, 64


@dataclass(frozen=True, kw_only=True)
class HeadConfig:
    """Config of a head for ``visible``."""

    types: tuple[str, ...]
    """Entity types that the head knows; all others are one."""
    width: int
    """Width of a head."""
    parts: int
    """Parts of the width, each with an attention of its own."""
    layers: tuple[int, ...]
    """Layers of the encoder that the heads read, one each; 0 is the embedding."""
    longest: int
    """Maximum number of pieces of a post and the description of its picture."""
    threshold: float = 0.5
    """Probability from which on F1 on the training posts is best."""
    calibration: Calibration = field(default_factory=Calibration)
    """From the head's own probability to that of being right."""

    def __post_init__(self) -> None:
        check_choices(self, "visible", shares=("threshold",), counts=("width", "parts", "longest"))
        if self.width > _MOST_WIDTH or len(self.types) > _MOST_TYPES:
            raise ValueError(f"visible: at most {_MOST_TYPES} types of width {_MOST_WIDTH}")
        if self.width % self.parts:
            raise ValueError(f"visible.width: expected a multiple of parts, {self.parts}")
        if not 1 <= len(self.layers) <= _MOST_HEADS or min(self.layers) < 0:
            raise ValueError(f"visible.layers: expected 1 to {_MOST_HEADS} numbers of layers")

    def to_json(self) -> dict[str, Any]:
        """Return the config as plain values."""
        return {"schema_version": _SCHEMA_VERSION, **asdict(self)}


def has_head(folder: Path) -> bool:
    """Return whether a model folder has a head for ``visible``."""
    return (folder / VISIBLE_CONFIG).is_file()


def read_head_config(folder: Path) -> HeadConfig:
    """Read the config of the head of a model folder.

    Raises:
        FileNotFoundError: If a file of the head is missing.
        ValueError: If the config is damaged or of a later version.
    """
    path = folder / VISIBLE_CONFIG
    for name in (VISIBLE_CONFIG, VISIBLE_WEIGHTS):
        if not (folder / name).is_file():
            raise FileNotFoundError(
                f"{folder}: no {name}; expected a model with a head for visible"
            )
    return read_part_config(path, HeadConfig, version=_SCHEMA_VERSION)
