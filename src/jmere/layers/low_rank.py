"""Low-rank adapters (LoRA; Hu et al., ICLR 2022) beside a frozen transformer's layers."""

import math
from typing import Any

import torch
from torch import Tensor, nn


class LowRankAdapters(nn.Module):
    """Adds a product of two thin matrices to the output of each linear layer of a transformer.

    The transformer keeps its modules and the names of its weights: it may belong to a model that
    goes on without the adapters. They act from ``attach`` on; before training they add nothing.
    """

    def __init__(self, transformer: nn.Module, *, rank: int) -> None:
        super().__init__()
        if rank < 1:
            raise ValueError(f"rank must be at least 1, got {rank}")
        layers = _linear_layers(transformer)
        self.down, self.up = nn.ParameterDict(), nn.ParameterDict()
        for name, layer in layers.items():
            width = layer.in_features
            self.down[name] = nn.Parameter(torch.randn(rank, width) / math.sqrt(width))
            self.up[name] = nn.Parameter(torch.zeros(layer.out_features, rank))

    def attach(self, transformer: nn.Module) -> None:
        """Let the adapters act on a transformer of the same form."""
        for name, layer in _linear_layers(transformer).items():
            layer.register_forward_hook(self._hook(name))

    def _hook(self, name: str) -> Any:
        def adapted(_: nn.Module, given: tuple[Tensor, ...], output: Tensor) -> Tensor:
            return output + given[0] @ self.down[name].mT @ self.up[name].mT

        return adapted


def _linear_layers(transformer: nn.Module) -> dict[str, nn.Linear]:
    """The linear layers by a name without points, the pooler's left out."""
    return {
        name.replace(".", "_"): module
        for name, module in transformer.named_modules()
        if isinstance(module, nn.Linear) and "pooler" not in name
    }
