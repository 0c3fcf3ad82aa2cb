"""Exponential moving average (EMA) of a network's weights."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from jmere.tagger.weights import write_tensors

AVERAGE = "average.safetensors"
"""File of the average in a checkpoint folder."""


class WeightAverage:
    """Exponential moving average: ``decay * average + (1 - decay) * weights`` after each step.

    The decay after n steps is at most (1 + n) / (10 + n), so that the initial random weights
    are forgotten. A decay of 0 disables the average.
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.network, self.decay = network, decay
        self.steps = 0
        self.weights = [weight.detach().clone() for weight in self._own()] if decay else []

    def _own(self) -> list[Tensor]:
        return list(self.network.parameters())

    @torch.no_grad()
    def update(self) -> None:
        """Update the average with the weights after a step."""
        if not self.weights:
            return
        self.steps += 1
        decay = min(self.decay, (1 + self.steps) / (10 + self.steps))
        torch._foreach_lerp_(self.weights, self._own(), 1 - decay)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Use the average as the network's weights within the block."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    @torch.no_grad()
    def _swap(self) -> None:
        for mine, own in zip(self.weights, self._own(), strict=False):
            kept = own.clone()
            own.copy_(mine)
            mine.copy_(kept)

    def save(self, folder: Path) -> None:
        """Write the average into a checkpoint folder, if enabled."""
        if self.weights:
            values = {str(index): weight for index, weight in enumerate(self.weights)}
            write_tensors({**values, "steps": torch.tensor(self.steps)}, folder / AVERAGE)

    def load(self, folder: Path) -> None:
        """Read what `save` wrote."""
        if self.weights:
            values = load_file(folder / AVERAGE)
            self.steps = int(values["steps"])
            for index, weight in enumerate(self.weights):
                weight.copy_(values[str(index)])
