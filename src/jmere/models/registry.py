"""Registry of the models by name; each has a file and a line in the table below."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from torch import nn

from jmere.config import parse_config
from jmere.errors import nearest, short_repr
from jmere.layers.encoder import WordEncoder
from jmere.models import eega, pipeline, word_pairs
from jmere.models.fusions.base import Fuser
from jmere.models.fusions.catalog import FUSIONS
from jmere.models.sizes import Sizes


@dataclass(frozen=True, slots=True)
class Recipe:
    """Recipe of a model: the class of its config, and the function that builds it."""

    config: type[Any]
    build: Callable[[Any, WordEncoder, Sizes], nn.Module]


def in_word_pairs(fuser: Fuser) -> Recipe:
    """Return the recipe of a fusion's word-pair model."""
    return Recipe(fuser.config, partial(word_pairs.build, fuser.fuse))


RECIPES: dict[str, Recipe] = {
    "eega": Recipe(eega.EegaConfig, eega.build),
    **{name: in_word_pairs(fuser) for name, fuser in FUSIONS.items()},
    "pipeline": Recipe(pipeline.PipelineConfig, pipeline.build),
}
"""All models; a model of another package adds itself here."""


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """Name and config of a model."""

    name: str
    choices: Any

    @classmethod
    def parse(cls, values: object) -> ModelConfig:
        """Read the ``model`` part of a config.

        Raises:
            ValueError: If the model or one of its keys is unknown, with the nearest known one.
        """
        if not isinstance(values, Mapping):
            raise ValueError(f"model: expected a name and options, got {short_repr(values)}")
        choices = dict(values)
        name = choices.pop("name", None)
        if not isinstance(name, str) or name not in RECIPES:
            shown = short_repr(name)
            raise ValueError(f"unknown model.name {shown}; {nearest(str(name), RECIPES)}")
        return cls(name, parse_config(RECIPES[name].config, choices, "model"))

    @classmethod
    def parse_trained(cls, values: object) -> ModelConfig:
        """Read the ``model`` part of the config of a model trained earlier.

        A choice that came later is filled in by what the model was trained with, not by today's
        default.

        Raises:
            ValueError: As in ``parse``.
        """
        if isinstance(values, Mapping) and values.get("name") == "eega":
            values = eega.as_trained(values)
        return cls.parse(values)

    def to_json(self) -> dict[str, Any]:
        """Return the ``model`` part of a config with every value written out."""
        return {"name": self.name, **asdict(self.choices)}

    def build(self, encoder: WordEncoder, sizes: Sizes) -> nn.Module:
        """Make the model, its new layers with random weights."""
        return RECIPES[self.name].build(self.choices, encoder, sizes)
