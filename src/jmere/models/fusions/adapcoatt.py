"""AdapCoAtt: adaptive co-attention (Zhang et al., AAAI 2018), in word-pair form."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from jmere.checks import check_choices
from jmere.layers.coattention import AdditiveAttention, CoattentionForm
from jmere.layers.gates import Gate
from jmere.layers.projectors import VisualNodes
from jmere.layers.tensor_batch import TensorBatch
from jmere.models.fusions.base import Fused
from jmere.models.fusions.visual_nodes import VisualFusionConfig, visual_nodes
from jmere.models.sizes import Sizes


@dataclass(frozen=True, kw_only=True)
class AdapCoAttConfig(VisualFusionConfig):
    """Config of AdapCoAtt."""

    coatt_form: CoattentionForm = "concat"
    """``concat`` as published, one attention for all words; ``additive``, one for each."""
    attention_width: int = 64
    """Width of the scores' network in the ``additive`` form."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_choices(self, "model", counts=("attention_width",))


class AdapCoAtt(nn.Module):
    """Words attend to objects, then back to words; two gates decide what comes through.

    The filtration gate's own linears are folded into the one after them, which is the
    same function. The encoder's width takes the role of the paper's k.
    """

    def __init__(
        self,
        *,
        hidden: int,
        objects: VisualNodes,
        to_objects: AdditiveAttention,
        to_words: AdditiveAttention,
        dropout: float,
    ) -> None:
        super().__init__()
        self.width = 2 * hidden
        self.objects, self.to_objects, self.to_words = objects, to_objects, to_words
        self.picture, self.text, self.mixed = (nn.Linear(hidden, hidden) for _ in range(3))
        self.mix = Gate(hidden, hidden, width=1)
        self.filter = Gate(hidden, hidden, width=1)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self,
        words: Float[Tensor, "batch words hidden"],
        labels: Float[Tensor, "batch objects hidden"],
        batch: TensorBatch,
    ) -> Fused:
        """Join to each word what passes both gates."""
        words = self.dropout(words)
        objects = self.objects(batch, labels)
        seen = self.to_objects(words, objects, batch.object_mask)
        heard = self.to_words(seen.values, words, batch.word_mask)

        picture, text = self.picture(seen.values).tanh(), self.text(heard.values).tanh()
        share = self.mix(picture, text)
        mixed = share * picture + (1 - share) * text
        passed = self.filter(words, mixed) * self.mixed(mixed).tanh()
        return Fused(torch.cat([words, passed], dim=-1), attention=seen.weights)


def fuse(config: AdapCoAttConfig, hidden: int, sizes: Sizes) -> AdapCoAtt:
    """Turn a config into the fusion of AdapCoAtt."""

    def attention() -> AdditiveAttention:
        return AdditiveAttention(
            hidden=hidden, form=config.coatt_form, width=config.attention_width
        )

    return AdapCoAtt(
        hidden=hidden,
        objects=visual_nodes(config, sizes, hidden, kind="tanh", dropout=config.dropout),
        to_objects=attention(),
        to_words=attention(),
        dropout=config.dropout,
    )
