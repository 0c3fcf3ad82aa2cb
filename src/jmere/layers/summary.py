"""One vector for a post's picture, seen through its words: by meaning and by structure."""

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from jmere.layers.attention import masked_softmax


class PictureSummary(nn.Module):
    """MEGA's two alignments, each a vector of words per object, joined and summed.

    By meaning, an object attends to the words, ``O_sem``; by structure, it takes the
    words that stand in the text's graph as it stands in the picture's,
    ``O_str = alpha^T H``.
    """

    def __init__(self, *, words: int, objects: int, width: int, sigmoid: bool) -> None:
        super().__init__()
        self.words, self.objects = nn.Linear(words, width), nn.Linear(objects, width)
        self.query, self.key, self.value = (nn.Linear(width, width, bias=False) for _ in range(3))
        self.join = nn.Linear(2 * width, width)
        self.sigmoid = sigmoid

    def forward(
        self,
        words: Float[Tensor, "batch words hidden"],
        objects: Float[Tensor, "batch objects nodes"],
        alpha: Float[Tensor, "batch words objects"],
        *,
        word_mask: Bool[Tensor, "batch words"],
        object_mask: Bool[Tensor, "batch objects"],
    ) -> Float[Tensor, "batch width"]:
        """Return the sum of the objects of each post; 0 if there is none."""
        words, nodes = self.words(words), self.objects(objects)
        scores = self.query(nodes) @ self.key(words).mT / math.sqrt(words.shape[2])
        by_meaning = masked_softmax(scores, word_mask[:, None]) @ self.value(words)
        if self.sigmoid:
            by_meaning = by_meaning.sigmoid()
        by_structure = alpha.mT @ words
        joined = self.join(torch.cat([by_meaning, by_structure], dim=-1))
        summed: Tensor = (joined * object_mask[:, :, None]).sum(dim=1)
        return summed
