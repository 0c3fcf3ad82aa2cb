"""Image-to-text attention: what each word takes from the objects."""

import math
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn.functional import dropout, linear


class CrossAttended(NamedTuple):
    """Words with what they took from the objects, and how much from which."""

    words: Float[Tensor, "batch words hidden"]
    attention: Float[Tensor, "batch words objects"]
    """Mean over the heads; rows sum to 1, or are 0 where the post has no object."""


class CrossAttention(nn.Module):
    """Multi-head attention from words to objects, added and normalised (equation 8)."""

    def __init__(self, *, hidden: int, heads: int, dropout: float, from_zero: bool = False) -> None:
        """Make the layer; ``from_zero`` has words take nothing from the objects before training."""
        super().__init__()
        self.attend = nn.MultiheadAttention(hidden, heads, dropout=dropout, batch_first=True)
        if from_zero:
            nn.init.zeros_(self.attend.out_proj.weight)  # its bias is 0 already
        self.dropout = nn.Dropout(dropout)
        self.norm = nn.LayerNorm(hidden)

    def forward(
        self,
        words: Float[Tensor, "batch words hidden"],
        objects: Float[Tensor, "batch objects hidden"],
        object_mask: Bool[Tensor, "batch objects"],
    ) -> CrossAttended:
        """Query the objects by the words; a post without objects keeps its words as they are."""
        if objects.shape[1] == 0:
            return CrossAttended(self.norm(words), words.new_zeros(*words.shape[:2], 0))
        pictured = object_mask.any(dim=1)
        # A post without objects attends to padding, so that its softmax is finite, and drops it.
        allowed = object_mask | ~pictured[:, None]
        taken, attention = self._attend(words, objects, allowed)
        taken, attention = (part * pictured[:, None, None] for part in (taken, attention))
        return CrossAttended(self.norm(words + self.dropout(taken)), attention)

    def _attend(
        self,
        words: Float[Tensor, "batch words hidden"],
        objects: Float[Tensor, "batch objects hidden"],
        allowed: Bool[Tensor, "batch objects"],
    ) -> tuple[Float[Tensor, "batch words hidden"], Float[Tensor, "batch words objects"]]:
        """Attend, as ``nn.MultiheadAttention`` does, whose export fixes the number of objects."""
        attend = self.attend
        weights, biases = attend.in_proj_weight.chunk(3), attend.in_proj_bias.chunk(3)
        query, key, value = (
            torch.unflatten(linear(vectors, weight, bias), 2, (attend.num_heads, -1)).transpose(
                1, 2
            )
            for vectors, weight, bias in zip(
                (words, objects, objects), weights, biases, strict=True
            )
        )
        scores = query @ key.mT / math.sqrt(query.shape[-1])
        scores = scores.masked_fill(~allowed[:, None, None], torch.finfo(scores.dtype).min)
        shares = dropout(scores.softmax(dim=-1), attend.dropout, training=self.training)
        taken: Tensor = attend.out_proj((shares @ value).transpose(1, 2).flatten(2))
        return taken, mean_over_heads(shares)


def mean_over_heads(
    shares: Float[Tensor, "batch heads words objects"],
) -> Float[Tensor, "batch words objects"]:
    """Return the mean over the heads, summed in their order.

    Libraries order the sum of ``mean`` by the sizes of a batch: a post would not have the same
    bytes alone and beside others.
    """
    first, *rest = shares.unbind(dim=1)
    return sum(rest, start=first) / shares.shape[1]
