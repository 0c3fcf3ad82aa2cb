"""Word-pair form: fused words, and every pair of them tagged (Table 1's ``X*``)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import nn

from jmere.checks import check_choices
from jmere.inputs.batch import PostBatch
from jmere.layers.encoder import WordEncoder
from jmere.layers.pairs import PairForm, PairHead
from jmere.models.fusions.base import Fusion
from jmere.models.sizes import Sizes
from jmere.models.tagging import Tagging


@dataclass(frozen=True, kw_only=True)
class PairConfig:
    """Scoring of pairs of fused words."""

    form: PairForm = "additive"
    """``additive`` is the papers'; ``biaffine`` adds what two words mean to each other."""
    width: int = 150
    """Width of the biaffine form's projections."""
    distance: int = 0
    """Longest distance in words with a score of its own; 0: none."""
    dropout: float = 0.2

    def __post_init__(self) -> None:
        check_choices(
            self, "model.pairs", shares=("dropout",), counts=("width",), amounts=("distance",)
        )


class WordPairModel(nn.Module):
    """Words are fused with the picture, then every pair of them is tagged."""

    def __init__(self, *, encoder: WordEncoder, fuse: Fusion, pairs: PairHead) -> None:
        super().__init__()
        self.encoder, self.fuse, self.pairs = encoder, fuse, pairs

    def forward(self, batch: PostBatch) -> Tagging:
        """Tag every pair of words of each post."""
        fused = self.fuse(
            self.encoder(batch), self.encoder.label_vectors(batch.label_pieces), batch
        )
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
