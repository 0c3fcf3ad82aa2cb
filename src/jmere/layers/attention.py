"""Multi-head attention and the post-norm blocks that are built of it."""

import math
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn


class Attended(NamedTuple):
    """Output of an attention layer: the vectors and the attention weights."""

    values: Float[Tensor, "batch queries hidden"]
    weights: Float[Tensor, "batch queries keys"]
    """Mean over the heads; rows sum to 1, or are 0 where a query may see no key."""


class MultiHeadAttention(nn.Module):
    """Attention of queries over keys under a mask; a query that may see no key takes 0.

    Without ``projects_values`` the heads share out the keys as they are, and nothing
    is projected afterwards either.
    """

    def __init__(self, *, hidden: int, heads: int, projects_values: bool = True) -> None:
        super().__init__()
        if hidden % heads:
            raise ValueError(f"hidden ({hidden}) must be a multiple of heads ({heads})")
        self.heads = heads
        self.query, self.key = nn.Linear(hidden, hidden), nn.Linear(hidden, hidden)
        self.value: nn.Module = nn.Linear(hidden, hidden) if projects_values else nn.Identity()
        self.output: nn.Module = nn.Linear(hidden, hidden) if projects_values else nn.Identity()

    def forward(
        self,
        queries: Float[Tensor, "batch queries hidden"],
        keys: Float[Tensor, "batch keys hidden"],
        mask: Bool[Tensor, "batch rows keys"],
    ) -> Attended:
        """Attend; ``mask`` has a row of keys per query, or one row for all of them."""
        query, key, value = (
            self._split(project(vectors))
            for project, vectors in (
                (self.query, queries),
                (self.key, keys),
                (self.value, keys),
            )
        )
        scores = query @ key.mT / math.sqrt(query.shape[-1])
        weights = masked_softmax(scores, mask[:, None])
        taken = self.output((weights @ value).transpose(1, 2).flatten(2))
        # The output's bias is no key's.
        return Attended(taken * mask.any(dim=2, keepdim=True), weights.mean(dim=1))

    def _split(self, vectors: Tensor) -> Float[Tensor, "batch heads items width"]:
        width = vectors.shape[2] // self.heads
        return vectors.view(*vectors.shape[:2], self.heads, width).transpose(1, 2)


class AddNorm(nn.Module):
    """Adds what a sublayer gives, and normalises: LN(x + dropout(update))."""

    def __init__(self, hidden: int, dropout: float) -> None:
        super().__init__()
        self.norm, self.dropout = nn.LayerNorm(hidden), nn.Dropout(dropout)

    def forward(
        self, vectors: Float[Tensor, "*items hidden"], update: Float[Tensor, "*items hidden"]
    ) -> Float[Tensor, "*items hidden"]:
        """Add and normalise."""
        normed: Tensor = self.norm(vectors + self.dropout(update))
        return normed


def feed_forward(hidden: int, inner: int, activation: nn.Module, dropout: float) -> nn.Sequential:
    """Two linears with an activation between, back to the width they come from."""
    return nn.Sequential(
        nn.Linear(hidden, inner), activation, nn.Dropout(dropout), nn.Linear(inner, hidden)
    )


def masked_softmax(
    scores: Float[Tensor, "*rows keys"], mask: Bool[Tensor, "..."]
) -> Float[Tensor, "*rows keys"]:
    """Softmax over the last axis under a mask; 0 everywhere where nothing is in the mask."""
    shares = scores.masked_fill(~mask, torch.finfo(scores.dtype).min).softmax(dim=-1)
    return shares * mask
