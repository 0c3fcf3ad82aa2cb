"""MAF: matching and alignment of text and picture (Xu et al., WSDM 2022)."""

from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from jmere.checks import check_choices
from jmere.layers.attention import AddNorm, Attended, MultiHeadAttention, feed_forward
from jmere.layers.contrastive import contrastive_losses, mismatched
from jmere.layers.encoder import masked_mean
from jmere.layers.gates import Gate
from jmere.layers.projectors import VisualNodes
from jmere.layers.tensor_batch import TensorBatch
from jmere.models.fusions.base import Fused
from jmere.models.fusions.visual_nodes import VisualFusionConfig, visual_nodes
from jmere.models.sizes import Sizes

SwapLevel = Literal["attended", "image"]
MatchPool = Literal["flatten", "mean"]


@dataclass(frozen=True, kw_only=True)
class MafConfig(VisualFusionConfig):
    """Config of MAF; its two losses compare posts of a batch, so use batches of 16 or more."""

    contrastive_weight: float = 0.1
    """Weight of the contrastive loss beside the tagging."""
    matching_weight: float = 0.1
    """Weight of the matching loss beside the tagging."""
    temperature: float = 0.179
    """Temperature of the contrastive loss."""
    text_share: float = 0.7
    """Share of finding a text's picture in the contrastive loss."""
    swap_level: SwapLevel = "attended"
    """Mismatch what words took from pictures, as the code does, or the pictures, as the paper."""
    cm_pool: MatchPool = "flatten"
    """Text input of the matching: every word in its position, or the mean of the words."""
    longest: int = 70
    """Words that the ``flatten`` form looks at."""
    heads: int = 12
    """Attention heads."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_choices(
            self,
            "model",
            shares=("text_share",),
            counts=("longest", "heads"),
            amounts=("contrastive_weight", "matching_weight"),
        )
        if self.temperature <= 0:
            raise ValueError(f"model.temperature must be positive, got {self.temperature}")


class Maf(nn.Module):
    """Picture scaled by its match with the text, then gated word by word.

    The mean of the words replaces the encoder's pooled output, the mean of the
    objects for that of the picture. In training a quarter of each batch sees another
    post's picture; predicting, none does. A post without a picture matches none.
    """

    def __init__(
        self,
        *,
        hidden: int,
        objects: VisualNodes,
        attend: "Interaction",
        match: "Matching",
        contrast: "Contrast",
        swap_level: SwapLevel,
        weights: tuple[float, float],
        dropout: float,
    ) -> None:
        super().__init__()
        self.width = 2 * hidden
        self.objects, self.attend, self.match, self.contrast = objects, attend, match, contrast
        self.swap_level, self.weights = swap_level, weights
        self.gate = Gate(hidden, hidden, width=hidden)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self,
        words: Float[Tensor, "batch words hidden"],
        labels: Float[Tensor, "batch objects hidden"],
        batch: TensorBatch,
    ) -> Fused:
        """Join to each word what its gate lets through of the picture that matches."""
        words = self.dropout(words)
        objects, mask = self.objects(batch, labels), batch.object_mask
        order = torch.arange(words.shape[0], device=words.device)
        losses = {}
        if self.training:
            order = mismatched(len(words), len(words) // 8, words.device)
            losses["contrastive"] = self.weights[0] * self.contrast(
                masked_mean(words, batch.word_mask), masked_mean(objects, mask), mask.any(dim=1)
            )
        if self.swap_level == "image":
            objects, mask = objects[order], mask[order]
        seen, attention = self.attend(words, objects, mask)
        if self.swap_level == "attended":
            seen, mask = seen[order], mask[order]
        seen = seen * (batch.word_mask & mask.any(dim=1, keepdim=True))[:, :, None]

        scores = self.match(torch.cat([words, seen], dim=-1), batch.word_mask)
        if self.training:
            matches = order == torch.arange(len(order), device=order.device)
            losses["matching"] = self.weights[1] * (
                cross_entropy(scores.float(), matches.long(), reduction="none") * mask.any(dim=1)
            )
        seen = scores.softmax(dim=1)[:, 1, None, None] * seen
        gated = self.gate(words, seen) * seen
        return Fused(torch.cat([words, gated], dim=-1), losses, attention)


class Interaction(nn.Module):
    """Transformer layer with words as queries and objects as keys."""

    def __init__(self, *, hidden: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.attend = MultiHeadAttention(hidden=hidden, heads=heads)
        self.feed = feed_forward(hidden, 4 * hidden, nn.GELU(), dropout)
        self.add_taken, self.add_fed = AddNorm(hidden, dropout), AddNorm(hidden, dropout)

    def forward(
        self,
        words: Float[Tensor, "batch words hidden"],
        objects: Float[Tensor, "batch objects hidden"],
        mask: Bool[Tensor, "batch objects"],
    ) -> Attended:
        """Attend, then feed forward."""
        taken = self.attend(words, objects, mask[:, None])
        words = self.add_taken(words, taken.values)
        return Attended(self.add_fed(words, self.feed(words)), taken.weights)


class Matching(nn.Module):
    """Scores of "another picture" and "this picture", from words and what they saw.

    ``flatten`` has a weight for every position in the text up to ``longest``, so a word
    beyond it, or padding, counts nowhere and no text is padded for it.
    """

    def __init__(self, width: int, *, pool: MatchPool, longest: int) -> None:
        super().__init__()
        positions = longest if pool == "flatten" else 1
        self.pool, self.longest = pool, longest
        self.weight = nn.Parameter(torch.empty(positions, width, 2))
        self.bias = nn.Parameter(torch.zeros(2))
        nn.init.normal_(self.weight, std=(positions * width) ** -0.5)

    def forward(
        self, joined: Float[Tensor, "batch words width"], mask: Bool[Tensor, "batch words"]
    ) -> Float[Tensor, "batch 2"]:
        """Judge each post."""
        if self.pool == "mean":
            return masked_mean(joined, mask) @ self.weight[0] + self.bias
        joined = (joined * mask[:, :, None])[:, : self.longest]
        weight = self.weight[: joined.shape[1]]
        return joined.flatten(1) @ weight.flatten(0, 1) + self.bias


class Contrast(nn.Module):
    """Two small networks into one space, where a text lies near its own picture."""

    def __init__(self, hidden: int, *, temperature: float, text_share: float) -> None:
        super().__init__()
        self.text, self.picture = (
            nn.Sequential(nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, hidden))
            for _ in range(2)
        )
        self.temperature, self.text_share = temperature, text_share

    def forward(
        self,
        texts: Float[Tensor, "batch hidden"],
        pictures: Float[Tensor, "batch hidden"],
        pictured: Bool[Tensor, " batch"],
    ) -> Float[Tensor, " batch"]:
        """Return the contrastive loss of each post within its batch."""
        return contrastive_losses(
            self.text(texts),
            self.picture(pictures),
            pictured,
            temperature=self.temperature,
            text_share=self.text_share,
        )


def fuse(config: MafConfig, hidden: int, sizes: Sizes) -> Maf:
    """Turn a config into the fusion of MAF."""
    return Maf(
        hidden=hidden,
        objects=visual_nodes(config, sizes, hidden, kind="linear", dropout=config.dropout),
        attend=Interaction(hidden=hidden, heads=config.heads, dropout=config.dropout),
        match=Matching(2 * hidden, pool=config.cm_pool, longest=config.longest),
        contrast=Contrast(hidden, temperature=config.temperature, text_share=config.text_share),
        swap_level=config.swap_level,
        weights=(config.contrastive_weight, config.matching_weight),
        dropout=config.dropout,
    )
