"""MEGA: the text's graph aligned with the picture's (Zheng et al., 2021), in word-pair form."""

import math
from dataclasses import dataclass, field
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from jmere.align import structural_alignment
from jmere.align.structure import StructureMode
from jmere.checks import check_choices
from jmere.layers.attention import Attended, masked_softmax
from jmere.layers.projectors import VisualNodes
from jmere.layers.summary import PictureSummary
from jmere.layers.tensor_batch import TensorBatch
from jmere.models.fusions.base import Fused
from jmere.models.fusions.visual_nodes import VisualFusionConfig, visual_nodes
from jmere.models.sizes import Sizes

MegaVisual = Literal["token", "global"]


@dataclass(frozen=True, kw_only=True)
class StructureConfig:
    """Settings of the structural alignment of words and objects."""

    use: bool = True
    """Off: alignment by meaning alone."""
    mode: StructureMode = "xnetmf"
    """How nodes are compared by structure: ``xnetmf`` as MEGA does, or ``exact``."""
    top_objects: int = 1
    """Number of objects that a word is aligned with."""

    def __post_init__(self) -> None:
        check_choices(self, "model.structure", counts=("top_objects",))


@dataclass(frozen=True, kw_only=True)
class MegaConfig(VisualFusionConfig):
    """Config of MEGA."""

    mega_visual: MegaVisual = "token"
    """Picture vector per word, or one per post, as MEGA uses for a pair."""
    sem_sigmoid: bool = True
    """Squash the alignment by meaning, as the code does; only in the ``global`` form."""
    structure: StructureConfig = field(default_factory=StructureConfig)


class Mega(nn.Module):
    """Concatenation of each word and its semantic and structural picture vectors."""

    def __init__(
        self, *, hidden: int, objects: VisualNodes, structure: StructureConfig, see: nn.Module
    ) -> None:
        super().__init__()
        self.width = hidden
        self.objects, self.structure, self.see = objects, structure, see
        self.join = nn.Linear(2 * hidden, hidden)

    def forward(
        self,
        words: Float[Tensor, "batch words hidden"],
        labels: Float[Tensor, "batch objects hidden"],
        batch: TensorBatch,
    ) -> Fused:
        """Join to each word what it sees of the picture."""
        objects = self.objects(batch, labels)
        alpha = structure_of(batch, self.structure).to(words.dtype)
        attention = None
        if isinstance(self.see, PictureSummary):
            summary = self.see(
                words, objects, alpha, word_mask=batch.word_mask, object_mask=batch.object_mask
            )
            seen = summary[:, None].expand_as(words)
        else:
            seen, attention = self.see(words, objects, alpha, batch)
        return Fused(self.join(torch.cat([words, seen], dim=-1)), attention=attention)


class WordSight(nn.Module):
    """Picture vector of each word: two mixtures of the objects, concatenated.

    ``v_i = W_1 [sum_j att_ij W_v O_j; sum_j alpha_ij W_v O_j] + b``, the attention
    being from words to objects.
    """

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.word, self.object = nn.Linear(hidden, hidden), nn.Linear(hidden, hidden)
        self.key, self.query, self.value = (nn.Linear(hidden, hidden, bias=False) for _ in range(3))
        self.join = nn.Linear(2 * hidden, hidden)

    def forward(
        self,
        words: Float[Tensor, "batch words hidden"],
        objects: Float[Tensor, "batch objects hidden"],
        alpha: Float[Tensor, "batch words objects"],
        batch: TensorBatch,
    ) -> Attended:
        """One vector per word, and the attention it is made with."""
        nodes = self.object(objects)
        scores = self.key(self.word(words)) @ self.query(nodes).mT / math.sqrt(words.shape[2])
        attention = masked_softmax(scores, batch.object_mask[:, None])
        values = self.value(nodes)
        both = torch.cat([attention @ values, alpha @ values], dim=-1)
        return Attended(self.join(both), attention)


def structure_of(
    batch: TensorBatch, config: StructureConfig
) -> Float[Tensor, "batch words objects"]:
    """Alpha of each post, from the graphs in the batch; 0 where it is not used."""
    if not config.use:
        return batch.boxes.new_zeros(*batch.word_mask.shape, batch.object_mask.shape[1])
    return structural_alignment(
        batch.dependencies > 0,
        batch.relations > 0,
        row_mask=batch.word_mask,
        column_mask=batch.object_mask,
        mode=config.mode,
        top=config.top_objects,
    )


def fuse(config: MegaConfig, hidden: int, sizes: Sizes) -> Mega:
    """Turn a config into the fusion of MEGA."""
    return Mega(
        hidden=hidden,
        objects=visual_nodes(
            config, sizes, hidden, kind="linear", dropout=config.dropout, native="appearance"
        ),
        structure=config.structure,
        see=WordSight(hidden)
        if config.mega_visual == "token"
        else PictureSummary(words=hidden, objects=hidden, width=hidden, sigmoid=config.sem_sigmoid),
    )
