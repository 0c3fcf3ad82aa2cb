"""Files of a head for names in a model folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from jmere.checks import check_choices
from jmere.errors import short_repr
from jmere.tagger.folder import TAGS
from jmere.tagger.part_config import read_part_config
from jmere.tagger.stored_header import read_stored_header

NAMES_CONFIG, NAMES_WEIGHTS = "names.json", "names.safetensors"

_LAST = "names.emit.weight"
"""The last layer's weight: labels x width."""

_SCHEMA_VERSION = 1
_MOST_TYPES, _MOST_WIDTH, _MOST_LAYERS = 254, 1 << 14, 64


@dataclass(frozen=True, kw_only=True)
class NameConfig:
    """Config of a head for names."""

    types: tuple[str, ...]
    """Types of names, each of which is an entity type of the model."""
    width: int
    """Width of the head."""
    layers: tuple[int, ...]
    """Layers of the encoder that it reads; 0 is the embedding."""

    def __post_init__(self) -> None:
        check_choices(self, "names", counts=("width",))
        if self.width > _MOST_WIDTH or not 1 <= len(self.types) <= _MOST_TYPES:
            raise ValueError(f"names: expected 1 to {_MOST_TYPES} types of width {_MOST_WIDTH}")
        if len(set(self.types)) < len(self.types):
            raise ValueError("names.types: a type occurs twice")
        if not 1 <= len(self.layers) <= _MOST_LAYERS or min(self.layers) < 0:
            raise ValueError(f"names.layers: expected 1 to {_MOST_LAYERS} numbers of layers")

    def to_json(self) -> dict[str, Any]:
        """Return the config as plain values."""
        return {"schema_version": _SCHEMA_VERSION, **asdict(self)}


def has_names(folder: Path) -> bool:
    """Return whether a model folder has a head for names."""
    return (folder / NAMES_CONFIG).is_file()


def read_name_config(folder: Path, types: Sequence[str]) -> NameConfig | None:
    """Read the config of the head for names of a model folder; ``None`` if it has none.

    Args:
        folder: The folder.
        types: Entity types of the model.

    Raises:
        FileNotFoundError: If the weights are missing.
        ValueError: If the config is damaged, of a later version, has a type that is unknown, or
            does not fit the weights.
    """
    path = folder / NAMES_CONFIG
    if not has_names(folder):
        return None
    if not (folder / NAMES_WEIGHTS).is_file():
        raise FileNotFoundError(f"{folder}: no {NAMES_WEIGHTS}, but {NAMES_CONFIG}")
    config = read_part_config(path, NameConfig, version=_SCHEMA_VERSION)
    unknown = [each for each in config.types if each not in types]
    if unknown:
        raise ValueError(f"{path}: types: {short_repr(unknown[0])} is not in {TAGS}")
    labels = 1 + 2 * len(config.types)
    stored = read_stored_header(folder / NAMES_WEIGHTS).shapes.get(_LAST)
    if stored != (labels, config.width):
        raise ValueError(
            f"{folder / NAMES_WEIGHTS}: does not fit {NAMES_CONFIG}; expected {_LAST} of "
            f"{labels} x {config.width}"
        )
    return config
