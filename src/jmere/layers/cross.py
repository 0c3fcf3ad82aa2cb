"""Image-to-text attention: what each word takes from the objects."""

from typing import NamedTuple

from jaxtyping import Bool, Float
from torch import Tensor, nn


class CrossAttended(NamedTuple):
    """Words with what they took from the objects, and how much from which."""

    words: Float[Tensor, "batch words hidden"]
    attention: Float[Tensor, "batch words objects"]
    """Mean over the heads; rows sum to 1, or are 0 where the post has no object."""


class CrossAttention(nn.Module):
    """Multi-head attention from words to objects, added and normalised (equation 8)."""

    def __init__(self, *, hidden: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.attend = nn.MultiheadAttention(hidden, heads, dropout=dropout, batch_first=True)
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
        hidden_keys = ~object_mask & pictured[:, None]
        taken, attention = self.attend(words, objects, objects, key_padding_mask=hidden_keys)
        taken, attention = (part * pictured[:, None, None] for part in (taken, attention))
        return CrossAttended(self.norm(words + self.dropout(taken)), attention)
