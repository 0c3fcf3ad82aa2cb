"""Low-rank bilinear attention between the words of a post and its objects, all cells at once."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm

from jmere.layers.attention import masked_softmax


class BilinearAttention(nn.Module):
    """One map objects x words per glimpse, each summing to 1 over all cells of the post.

    ``L[i, j] = sum_r P_r V[i, r] Q[j, r]``; the constant that was added to all cells
    cancels in the softmax and is left out. Padded words take no part, nor do padded objects.
    """

    def __init__(self, *, hidden: int, rank: int, glimpses: int, dropout: float) -> None:
        super().__init__()
        self.objects, self.words = (weight_norm(nn.Linear(hidden, rank)) for _ in range(2))
        self.pool = weight_norm(nn.Linear(rank, glimpses, bias=False))
        self.dropout_in, self.dropout_out = nn.Dropout(dropout), nn.Dropout(dropout)

    def forward(
        self,
        objects: Float[Tensor, "batch objects hidden"],
        words: Float[Tensor, "batch words hidden"],
        mask: Bool[Tensor, "batch objects words"],
    ) -> Float[Tensor, "batch glimpses objects words"]:
        """Maps of each post; 0 everywhere where it has no object."""
        keys = self.dropout_out(self.objects(self.dropout_in(objects)).relu())
        queries = self.words(self.dropout_in(words)).relu()
        pooled = keys[:, None] * self.pool.weight[:, None]
        scores = pooled @ queries[:, None].mT
        shares = masked_softmax(scores.flatten(2), mask.flatten(1)[:, None])
        return torch.unflatten(shares, 2, tuple(mask.shape[1:]))
