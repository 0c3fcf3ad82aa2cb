"""Learning rates of the encoder and of the rest, and how they change during a run."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from torch import nn
from torch.optim import AdamW

from jmere.training.config import TrainingConfig

_LAYER = re.compile(r"\blayers?\.(\d+)\.")


def optimizer_for(network: nn.Module, settings: TrainingConfig) -> AdamW:
    """AdamW with a learning rate for the encoder and one for the rest; no decay of vectors.

    The encoder's last layer has the encoder's rate, each one below it ``layer_decay`` of the
    rate of the one above; the embeddings are the lowest.
    """
    named = dict(network.named_parameters())
    depths = {name: _depth(name) for name in named if name.startswith("encoder.")}
    deepest = max(depths.values(), default=0)
    groups: dict[tuple[float, bool], list[nn.Parameter]] = {}
    for name, parameter in named.items():
        rate = settings.learning_rate
        if name in depths:
            rate = settings.encoder_learning_rate * settings.layer_decay ** (deepest - depths[name])
        groups.setdefault((rate, parameter.dim() >= 2), []).append(parameter)
    return AdamW(
        [
            {
                "params": parameters,
                "lr": rate,
                "weight_decay": settings.weight_decay if matrix else 0.0,
            }
            for (rate, matrix), parameters in groups.items()
        ],
        fused=True,
    )


def _depth(name: str) -> int:
    """Layer of an encoder's parameter, counted from 1; 0 for the embeddings."""
    found = _LAYER.search(name)
    return 1 + int(found[1]) if found else 0


def schedule_of(settings: TrainingConfig, steps_per_epoch: int) -> Callable[[int], float]:
    """Share of the learning rate at each step: up during the warm-up, then down."""
    total = settings.epochs * steps_per_epoch
    line = rising_and_falling(total, warmup=settings.warmup)
    rise = math.ceil(settings.warmup * total)

    def stairs(step: int) -> float:
        if step < rise:
            return line(step)
        return float(settings.decay ** (step // steps_per_epoch // settings.decay_epochs))

    return stairs if settings.schedule == "step" else line


def rising_and_falling(total: int, *, warmup: float) -> Callable[[int], float]:
    """A straight line from 0 up during the share ``warmup`` of the steps, then down to 0."""
    rise = math.ceil(warmup * total)

    def share(step: int) -> float:
        if step < rise:
            return step / rise
        return max(0.0, (total - step) / max(1, total - rise))

    return share
