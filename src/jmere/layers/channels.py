"""Multi-channel layer: graph convolution over part of speech, syntax and co-occurrence."""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn.functional import linear


class ChannelSizes(NamedTuple):
    """Numbers of parts of speech, hop distances and co-occurrence bins."""

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
        self.pos = BinValues(sizes.pos, width=width, outputs=outputs)
        self.hops = BinValues(sizes.hops, width=width, outputs=outputs)
        self.cooccurrence = BinValues(sizes.cooccurrence, width=width, outputs=outputs)

    def forward(
        self,
        pos: Int[Tensor, "batch words"],
        hops: Int[Tensor, "batch words words"],
        cooccurrence: Int[Tensor, "batch words words"],
    ) -> tuple[Float[Tensor, "batch words words outputs"], ...]:
        """Values of the channels part of speech, syntactic distance and co-occurrence."""
        single = self.pos()[pos]
        return (
            single[:, :, None] + single[:, None, :] + self.pos.weight.bias,
            self.hops()[hops] + self.hops.weight.bias,
            self.cooccurrence()[cooccurrence] + self.cooccurrence.weight.bias,
        )


class BinValues(nn.Module):
    """``W`` times the embedding of every bin of a channel."""

    def __init__(self, bins: int, *, width: int, outputs: int) -> None:
        super().__init__()
        self.table = nn.Embedding(bins, width)
        self.weight = nn.Linear(width, outputs)

    def forward(self) -> Float[Tensor, "bins outputs"]:
        """Return the values without the bias, which is added once per pair."""
        return linear(self.table.weight, self.weight.weight)


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
        self.project = nn.Linear(hidden, 3 * hidden, bias=False)
        self.merge = nn.Sequential(nn.Linear(3 * hidden, hidden), nn.ReLU(), nn.Dropout(dropout))
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
            self.project(words).chunk(3, dim=-1),
            strict=True,
        ):
            scores = weights.squeeze(-1).relu()
            scores = scores.masked_fill(hidden_words, torch.finfo(scores.dtype).min)
            mixed.append(scores.softmax(dim=-1) @ vectors)
        merged: Tensor = self.merge(torch.cat(mixed, dim=-1))
        return merged if self.norm is None else self.norm(words + merged)
