"""Pair head, the same for all rows of a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, NamedTuple

from jmere.models.eega import EegaConfig
from jmere.models.fusions.pair_config import PairConfig
from jmere.models.registry import ModelConfig


class Head(NamedTuple):
    """Config of a model's pair head."""

    pairs: PairConfig
    features: bool = False
    """Whether the head uses the pair's channel values (EEGA only)."""

    def __str__(self) -> str:
        written = {**asdict(self.pairs), "features": self.features}
        return ", ".join(f"{name} {value}" for name, value in written.items())


def head_of(model: ModelConfig) -> Head | None:
    """Return the pair head of a model; ``None`` for a pipeline."""
    choices = model.choices
    if isinstance(choices, EegaConfig):
        pairs = PairConfig(
            form=choices.pair_form,
            width=choices.pair_width,
            distance=choices.pair_distance,
            dropout=choices.dropout,
        )
        return Head(pairs, choices.pair_features)
    own: PairConfig | None = getattr(choices, "pairs", None)
    return None if own is None else Head(own)


def with_head(values: Mapping[str, Any], head: Head | None) -> dict[str, Any]:
    """Set this pair head in a run's values if its model names none."""
    model = dict(values["model"])
    if head is not None and model["name"] not in ("eega", "pipeline"):
        model.setdefault("pairs", asdict(head.pairs))
    return {**values, "model": model}


def check_heads(models: Iterable[tuple[str, ModelConfig]]) -> None:
    """Check that the models of a table's rows, by name, have one head.

    Raises:
        ValueError: Naming two rows whose heads differ.
    """
    first: tuple[str, Head] | None = None
    for name, model in models:
        head = head_of(model)
        if head is None:
            continue
        if first is None:
            first = name, head
        elif head != first[1]:
            raise ValueError(
                f"rows of one table require the same pair head: {first[0]} has {first[1]}; "
                f"{name} has {head}"
            )
