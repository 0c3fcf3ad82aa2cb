"""Head that labels the words of names, over the states of a text encoder."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn.functional import pad, relu

from jmere.layers.spans import label_count


class NameHead(nn.Module):
    """Labels each word by the states of some layers of the encoder, and those of its neighbours.

    The labels are outside, and first and later word of each type.
    """

    def __init__(
        self,
        *,
        hidden: int,
        layers: Sequence[int],
        types: int,
        width: int,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.layers = tuple(layers)
        """Layers whose states are read; 0 is the embedding."""
        self.norms = nn.ModuleList(nn.LayerNorm(hidden) for _ in layers)
        self.project = nn.ModuleList(nn.Linear(hidden, width) for _ in layers)
        self.around = nn.Linear(3 * width, width)
        self.emit = nn.Linear(width, label_count(types))
        self.dropout = nn.Dropout(dropout)

    def forward(
        self,
        states: Sequence[Float[Tensor, "batch words hidden"]],
        mask: Bool[Tensor, "batch words"],
    ) -> Float[Tensor, "batch words labels"]:
        """Return the scores of the labels; ``states`` are those of ``layers``."""
        projected = [
            project(self.dropout(norm(own)))
            for own, norm, project in zip(states, self.norms, self.project, strict=True)
        ]
        words = self.dropout(relu(torch.stack(projected).sum(dim=0))) * mask[:, :, None]
        beside = pad(words, (0, 0, 1, 1))
        near = torch.cat([beside[:, :-2], words, beside[:, 2:]], dim=2)
        scores: Tensor = self.emit(self.dropout(words + relu(self.around(near))))
        return scores


@contextmanager
def kept_states(transformer: nn.Module, layers: Sequence[int]) -> Iterator[list[Tensor]]:
    """Keep the states of some layers of a transformer that reads meanwhile.

    Args:
        transformer: A pretrained encoder.
        layers: The layers; 0 is the embedding.

    Yields:
        A list that holds the states of the last reading, layer by layer.
    """
    kept: list[Tensor] = []

    def ask(
        module: nn.Module, inputs: tuple[Any, ...], options: Mapping[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        del module
        return inputs, {**options, "output_hidden_states": True}

    def keep(module: nn.Module, inputs: tuple[Any, ...], output: Any) -> None:
        del module, inputs
        kept[:] = [output.hidden_states[layer] for layer in layers]

    hooks = (
        transformer.register_forward_pre_hook(ask, with_kwargs=True),
        transformer.register_forward_hook(keep),
    )
    try:
        yield kept
    finally:
        for hook in hooks:
            hook.remove()
