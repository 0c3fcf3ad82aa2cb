"""The entity head: a label per word, the labels of a post scored as one sequence."""

from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from jmere.layers.crf import Crf


class EntityHead(nn.Module):
    """A conditional random field over the labels outside, begun and continued of each type.

    It works on words, so an entity's further pieces need no labels of their own.
    """

    def __init__(self, *, hidden: int, types: int, dropout: float) -> None:
        super().__init__()
        self.dropout, self.emit = nn.Dropout(dropout), nn.Linear(hidden, 1 + 2 * types)
        self.crf = Crf(1 + 2 * types)

    def losses(
        self,
        words: Float[Tensor, "batch words hidden"],
        gold: Int[Tensor, "batch words"],
        mask: Bool[Tensor, "batch words"],
    ) -> Float[Tensor, " batch"]:
        """Negative log-likelihood of the gold labels of each post."""
        return self.crf.losses(self.emit(self.dropout(words)), gold, mask)

    def best(
        self, words: Float[Tensor, "batch words hidden"], mask: Bool[Tensor, "batch words"]
    ) -> Int[Tensor, "batch words"]:
        """The most probable labels of each post."""
        return self.crf.best(self.emit(self.dropout(words)), mask)
