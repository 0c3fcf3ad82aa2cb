"""Word-pair form: fused words, and every pair of them tagged (Table 1's ``X*``)."""

from collections.abc import Callable
from typing import Any

from torch import nn

from jmere.layers.encoder import WordEncoder
from jmere.layers.pairs import PairHead
from jmere.layers.tensor_batch import TensorBatch
from jmere.models.fusions.base import Fusion
from jmere.models.sizes import Sizes
from jmere.models.tagging import Tagging


class WordPairModel(nn.Module):
    """Words are fused with the picture, then every pair of them is tagged."""

    def __init__(self, *, encoder: WordEncoder, fuse: Fusion, pairs: PairHead) -> None:
        super().__init__()
        self.encoder, self.fuse, self.pairs = encoder, fuse, pairs

    def forward(self, batch: TensorBatch, *, alignment: bool = True) -> Tagging:
        """Tag every pair of words of each post; the attention costs nothing beside."""
        fused = self.fuse(*self.encoder.words_and_labels(batch), batch)
        scores = self.pairs(
            fused.words, batch.pos.long(), batch.hops.long(), batch.cooccurrence.long()
        )
        return Tagging(scores, fused.auxiliary, fused.alignment)


def build(
    fuse: Callable[[Any, int, Sizes], Fusion], config: Any, encoder: WordEncoder, sizes: Sizes
) -> WordPairModel:
    """Turn a config, ``pairs`` being its head's, into a fusion and a head for pairs."""
    fusion, pairs = fuse(config, encoder.hidden, sizes), config.pairs
    head = PairHead(
        hidden=fusion.width,
        tags=sizes.tags,
        form=pairs.form,
        width=pairs.width,
        dropout=pairs.dropout,
        distance=pairs.distance,
    )
    return WordPairModel(encoder=encoder, fuse=fusion, pairs=head)
