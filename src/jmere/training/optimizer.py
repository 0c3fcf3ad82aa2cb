"""Optimizer with two learning rates, and the learning rate schedules."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator

from torch import nn
from torch.optim import AdamW

from jmere.layers.encoder import WordEncoder
from jmere.training.run_config import TrainingConfig


def optimizer_for(network: nn.Module, settings: TrainingConfig) -> AdamW:
    """Create AdamW with separate encoder learning rates and no weight decay of vectors."""
    groups: dict[tuple[float, bool], list[nn.Parameter]] = {}
    rates = {
        parameter: settings.encoder_learning_rate * settings.layer_decay**below
        for module in network.modules()
        if isinstance(module, WordEncoder)
        for parameter, below in layers_below_top(module)
    }
    for parameter in network.parameters():
        key = (rates.get(parameter, settings.learning_rate), parameter.dim() >= 2)
        groups.setdefault(key, []).append(parameter)
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


def layers_below_top(encoder: nn.Module) -> Iterator[tuple[nn.Parameter, int]]:
    """Yield each parameter of a transformer with the number of layers above its own.

    The embeddings are below the first layer; what is in no numbered layer and comes after
    the layers, such as a pooler, is of the last.
    """
    named = [
        (parameter, re.search(r"\.(?:layers?|h)\.(\d+)\.", name))
        for name, parameter in encoder.named_parameters()
    ]
    top = max((int(found[1]) for _, found in named if found), default=-1)
    layer = -1
    for parameter, found in named:
        if found:
            layer = int(found[1])
        yield parameter, top - (layer if found or layer < top else top)


def schedule_of(settings: TrainingConfig, steps_per_epoch: int) -> Callable[[int], float]:
    """Return the learning rate factor of each step: linear or step decay after warm-up."""
    total = settings.epochs * steps_per_epoch
    line = linear_warmup_decay(total, warmup=settings.warmup)
    warmup_steps = math.ceil(settings.warmup * total)

    def step_decay(step: int) -> float:
        if step < warmup_steps:
            return line(step)
        return float(settings.decay ** (step // steps_per_epoch // settings.decay_epochs))

    return step_decay if settings.schedule == "step" else line


def linear_warmup_decay(total: int, *, warmup: float) -> Callable[[int], float]:
    """Return the factor of linear warm-up from 0 to 1, then linear decay to 0.

    Args:
        total: Number of steps of the training.
        warmup: Share of the steps for the warm-up.

    Example:
        >>> factor = linear_warmup_decay(10, warmup=0.2)
        >>> [factor(step) for step in (0, 1, 2, 6, 10)]
        [0.0, 0.5, 1.0, 0.5, 0.0]
    """
    warmup_steps = math.ceil(warmup * total)

    def share(step: int) -> float:
        if step < warmup_steps:
            return step / warmup_steps
        return max(0.0, (total - step) / max(1, total - warmup_steps))

    return share
