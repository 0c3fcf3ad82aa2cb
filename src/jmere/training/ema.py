"""A moving average of a network's weights, which is steadier than the weights themselves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from jmere.tagger.weights import write_tensors

AVERAGE = "average.safetensors"
"""The average's file in a checkpoint's folder."""


class WeightAverage:
    """Follows a network: after each step, ``decay`` of the average and the rest of the weights.

    Early on the average is shorter, (1 + n) / (10 + n) after n steps, so that it forgets
    the random weights it began with. A decay of 0 is the weights themselves.
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.network, self.decay = network, decay
        self.steps = 0
        self.weights = [weight.detach().clone() for weight in self._own()] if decay else []

    def _own(self) -> list[Tensor]:
        return list(self.network.parameters())

    @torch.no_grad()
    def update(self) -> None:
        """Take in the weights after a step."""
        if not self.weights:
            return
        self.steps += 1
        decay = min(self.decay, (1 + self.steps) / (10 + self.steps))
        torch._foreach_lerp_(self.weights, self._own(), 1 - decay)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """The network has the average for its weights, for the time being."""
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
        """Write the average beside a checkpoint, if there is any."""
        if self.weights:
            values = {str(place): weight for place, weight in enumerate(self.weights)}
            write_tensors({**values, "steps": torch.tensor(self.steps)}, folder / AVERAGE)

    def load(self, folder: Path) -> None:
        """Read what `save` wrote."""
        if self.weights:
            values = load_file(folder / AVERAGE)
            self.steps = int(values["steps"])
            for place, weight in enumerate(self.weights):
                weight.copy_(values[str(place)])
