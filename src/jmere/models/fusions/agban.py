"""AGBAN: adversarial gated bilinear attention (Zheng et al., 2020)."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.utils.parametrizations import weight_norm

from jmere.checks import check_choices
from jmere.layers.adversary import (
    TEXT,
    VISUAL,
    ModalityClassifier,
    modality_loss,
    modality_weights,
    reversal_strength,
    reverse_gradient,
)
from jmere.layers.bilinear import BilinearAttention
from jmere.layers.gates import Gate
from jmere.layers.norm import MaskedBatchNorm
from jmere.layers.projectors import VisualNodes
from jmere.layers.tensor_batch import TensorBatch
from jmere.models.fusions.base import Fused
from jmere.models.fusions.visual_nodes import VisualFusionConfig, visual_nodes
from jmere.models.sizes import Sizes


@dataclass(frozen=True, kw_only=True)
class AgbanConfig(VisualFusionConfig):
    """Config of AGBAN."""

    rank: int = 768
    """Rank of the bilinear attention."""
    glimpses: int = 1
    """Number of bilinear attention maps."""
    adversary_weight: float = 0.1
    """Weight of the modality adversary beside the tagging."""
    adversary_rise: int = 1000
    """Training steps that count as a whole training in the reversal's strength."""
    adversary_rest: int = 8
    """Interval of steps in which the classifier is not trained; 0 for never."""
    dropout: float = 0.2
    """Dropout probability."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_choices(
            self,
            "model",
            counts=("rank", "glimpses", "adversary_rise"),
            amounts=("adversary_weight", "adversary_rest"),
        )


class Agban(nn.Module):
    """Objects mapped among the words under an adversary, aligned with them, added by a gate.

    The gate's outer linear is folded into the two inside it, which is the same function.
    """

    def __init__(
        self,
        *,
        hidden: int,
        objects: VisualNodes,
        attend: BilinearAttention,
        adversary: "Adversary",
        glimpses: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.width = hidden
        self.objects, self.attend, self.adversary = objects, attend, adversary
        self.look = nn.ModuleList(weight_norm(nn.Linear(hidden, hidden)) for _ in range(glimpses))
        self.gates = nn.ModuleList(Gate(hidden, hidden, width=hidden) for _ in range(glimpses))
        self.norm = MaskedBatchNorm(hidden)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self,
        words: Float[Tensor, "batch words hidden"],
        labels: Float[Tensor, "batch objects hidden"],
        batch: TensorBatch,
    ) -> Fused:
        """Add to each word its objects, as far as its gates let them."""
        objects = self.objects(batch, labels)
        losses = {"adversary": self.adversary(objects, words, batch)} if self.training else {}
        mask = batch.object_mask[:, :, None] & batch.word_mask[:, None]
        maps = self.attend(objects, words, mask)
        fused = words
        for glimpse, (look, gate) in enumerate(zip(self.look, self.gates, strict=True)):
            taken = maps[:, glimpse].mT @ look(self.dropout(objects)).relu()
            fused = fused + gate(fused, taken) * taken
        attention = maps.mean(dim=1).mT
        shares = attention / attention.sum(dim=2, keepdim=True).clamp(min=1e-12)
        return Fused(self.norm(fused, batch.word_mask), losses, shares)


class Adversary(nn.Module):
    """A classifier of modalities that learns, and a reversed gradient that unlearns it.

    A post's loss is the same alone and in a batch but for the classifier's batch
    normalisation; the class weights are each post's own, where the authors count the
    training set's words and objects.
    """

    steps: Tensor

    def __init__(self, *, hidden: int, weight: float, rise: int, rest: int) -> None:
        super().__init__()
        self.classify = ModalityClassifier(hidden)
        self.weight, self.rise, self.rest = weight, rise, rest
        self.register_buffer("steps", torch.zeros((), dtype=torch.long))

    def forward(
        self,
        objects: Float[Tensor, "batch objects hidden"],
        words: Float[Tensor, "batch words hidden"],
        batch: TensorBatch,
    ) -> Float[Tensor, " batch"]:
        """Return the weighted loss of each post; every call counts as a training step."""
        step = int(self.steps)
        self.steps += 1
        learns = not self.rest or (step + 1) % self.rest != 0
        strength = reversal_strength(step / self.rise)
        parameters = {
            name: value if learns else value.detach()
            for name, value in self.classify.named_parameters()
        }
        total = words.new_zeros(len(words))
        weights = modality_weights(batch.object_mask, batch.word_mask)
        for modality, vectors, mask, weight in (
            (VISUAL, objects, batch.object_mask, weights[VISUAL]),
            (TEXT, words, batch.word_mask, weights[TEXT]),
        ):
            scores = functional_call(
                self.classify, parameters, (reverse_gradient(vectors, strength), mask)
            )
            total = total + weight * modality_loss(scores, mask, modality)
        return self.weight * total


def fuse(config: AgbanConfig, hidden: int, sizes: Sizes) -> Agban:
    """Turn a config into the fusion of AGBAN."""
    return Agban(
        hidden=hidden,
        objects=visual_nodes(config, sizes, hidden, kind="bn3", dropout=config.dropout),
        attend=BilinearAttention(
            hidden=hidden, rank=config.rank, glimpses=config.glimpses, dropout=config.dropout
        ),
        adversary=Adversary(
            hidden=hidden,
            weight=config.adversary_weight,
            rise=config.adversary_rise,
            rest=config.adversary_rest,
        ),
        glimpses=config.glimpses,
        dropout=config.dropout,
    )
