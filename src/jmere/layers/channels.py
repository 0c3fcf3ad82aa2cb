"""The multi-channel layer: words mixed by part of speech, syntax and co-occurrence."""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn


class ChannelSizes(NamedTuple):
    """How many parts of speech, hop distances and co-occurrence bins there are."""

    pos: int
    hops: int
    cooccurrence: int


class PairLookup(nn.Module):
    """A value per pair of words that depends on their channel alone: ``W R_ij + b``.

    ``R_ij`` is an embedding of the pair's bin, for parts of speech the sum of both
    words' embeddings (appendix A). There are few bins, so ``W R`` is worked out once
    per bin and looked up: no words x words x width tensor is made.
    """

    def __init__(self, sizes: ChannelSizes, *, width: int, outputs: int) -> None:
        super().__init__()
        self.tables = nn.ModuleList(nn.Embedding(size, width) for size in sizes)
        self.weights = nn.ModuleList(nn.Linear(width, outputs) for _ in sizes)

    def forward(
        self,
        pos: Int[Tensor, "batch words"],
        hops: Int[Tensor, "batch words words"],
        cooccurrence: Int[Tensor, "batch words words"],
    ) -> tuple[Float[Tensor, "batch words words outputs"], ...]:
        """Values of the channels part of speech, syntactic distance and co-occurrence."""
        pos_values, hop_values, cooccurrence_values = (
            torch.nn.functional.linear(table.weight, weight.weight)
            for table, weight in zip(self.tables, self.weights, strict=True)
        )
        biases = [weight.bias for weight in self.weights]
        single = pos_values[pos]
        return (
            single[:, :, None] + single[:, None, :] + biases[0],
            hop_values[hops] + biases[1],
            cooccurrence_values[cooccurrence] + biases[2],
        )


class MultiChannel(nn.Module):
    """Three W-GCNs over the words of a post, then an MLP over all three (equations 9, 10)."""

    def __init__(
        self,
        sizes: ChannelSizes,
        *,
        hidden: int,
        width: int,
        dropout: float,
        residual: bool = False,
    ) -> None:
        super().__init__()
        self.weigh = PairLookup(sizes, width=width, outputs=1)
        self.project = nn.Linear(hidden, len(sizes) * hidden, bias=False)
        self.merge = nn.Sequential(
            nn.Linear(len(sizes) * hidden, hidden), nn.ReLU(), nn.Dropout(dropout)
        )
        self.norm = nn.LayerNorm(hidden) if residual else None

    def forward(
        self,
        words: Float[Tensor, "batch words hidden"],
        mask: Bool[Tensor, "batch words"],
        pos: Int[Tensor, "batch words"],
        hops: Int[Tensor, "batch words words"],
        cooccurrence: Int[Tensor, "batch words words"],
    ) -> Float[Tensor, "batch words hidden"]:
        """Mix the words of each post, channel by channel; padding takes no part."""
        hidden_words = ~mask[:, None, :]
        mixed = []
        for weights, vectors in zip(
            self.weigh(pos, hops, cooccurrence),
            self.project(words).chunk(len(self.weigh.tables), dim=-1),
            strict=True,
        ):
            scores = weights.squeeze(-1).relu()
            scores = scores.masked_fill(hidden_words, torch.finfo(scores.dtype).min)
            mixed.append(scores.softmax(dim=-1) @ vectors)
        merged: Tensor = self.merge(torch.cat(mixed, dim=-1))
        return merged if self.norm is None else self.norm(words + merged)
