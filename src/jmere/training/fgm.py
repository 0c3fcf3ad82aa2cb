"""Adversarial training of the encoder's embeddings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from jmere.layers.encoder import WordEncoder


class FastGradient:
    """Fast gradient method: an embedding step of fixed length along the loss gradient (FGM).

    Miyato, Dai and Goodfellow, "Adversarial training methods for semi-supervised text
    classification" (ICLR 2017), equation 5; the embedding table is perturbed, not each
    post's vectors, so all posts of a batch share one step.
    """

    def __init__(self, network: nn.Module, length: float) -> None:
        encoders = (each for each in network.modules() if isinstance(each, WordEncoder))
        self.length = length
        self.tables: list[Tensor] = [_embeddings(each) for each in encoders] if length else []

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Perturb the embeddings within the block, and restore them after it."""
        before = [table.detach().clone() for table in self.tables]
        with torch.no_grad():
            for table in self.tables:
                if table.grad is not None:
                    norm = table.grad.norm()
                    table += self.length * table.grad / norm.clamp(min=1e-12)
        try:
            yield
        finally:
            with torch.no_grad():
                for table, old in zip(self.tables, before, strict=True):
                    table.copy_(old)


def _embeddings(encoder: WordEncoder) -> Tensor:
    transformer: Any = encoder.transformer
    weight: Tensor = transformer.get_input_embeddings().weight
    return weight
