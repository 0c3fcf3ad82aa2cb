"""UMGF: words and objects as one graph, fused layer by layer (Zhang et al., AAAI 2021)."""

from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from jmere.checks import check_choices
from jmere.layers.attention import AddNorm, MultiHeadAttention, feed_forward
from jmere.layers.gates import Gate
from jmere.layers.projectors import VisualNodes
from jmere.layers.tensor_batch import TensorBatch
from jmere.models.fusions.base import Fused
from jmere.models.fusions.visual_nodes import VisualFusionConfig, visual_nodes
from jmere.models.sizes import Sizes

TextEdges = Literal["complete", "dependency"]


@dataclass(frozen=True, kw_only=True)
class UmgfConfig(VisualFusionConfig):
    """Config of UMGF."""

    text_graph: TextEdges = "complete"
    """Edges between words: all pairs, as in the code, or neighbours in the tree."""
    width: int = 512
    """Width of the layers."""
    layers: int = 6
    """Number of layers."""
    heads: int = 8
    """Attention heads of each layer."""
    feed_width: int = 256
    """Width of the feed-forward networks."""
    dropout: float = 0.4
    """Dropout probability."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_choices(self, "model", counts=("width", "layers", "heads", "feed_width"))


class Umgf(nn.Module):
    """Concatenation of the encoder's words and the fused words."""

    def __init__(
        self,
        *,
        hidden: int,
        width: int,
        objects: VisualNodes,
        layers: list["FusionLayer"],
        text_graph: TextEdges,
    ) -> None:
        super().__init__()
        self.width = hidden + width
        self.project, self.objects = nn.Linear(hidden, width), objects
        self.layers, self.text_graph = nn.ModuleList(layers), text_graph
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def forward(
        self,
        words: Float[Tensor, "batch words hidden"],
        labels: Float[Tensor, "batch objects hidden"],
        batch: TensorBatch,
    ) -> Fused:
        """Join to each word what it is after the last layer."""
        nodes, objects = self.project(words), self.objects(batch, labels)
        heard = batch.word_mask[:, None]
        if self.text_graph == "dependency":
            heard = heard & (batch.dependencies > 0)
        for layer in self.layers:
            nodes, objects = layer(nodes, objects, heard, batch.word_mask, batch.object_mask)
        return Fused(torch.cat([words, nodes], dim=-1))


class FusionLayer(nn.Module):
    """Attention inside each modality, then gated sums across: both at once, from before.

    The objects' attention shares them out unprojected. A gate is a vector per pair of
    word and object; sums, not averages, go over the pairs of a post.
    """

    def __init__(self, *, width: int, heads: int, feed_width: int, dropout: float) -> None:
        super().__init__()
        self.attend_words = MultiHeadAttention(hidden=width, heads=heads)
        self.attend_objects = MultiHeadAttention(hidden=width, heads=heads, projects_values=False)
        self.to_words, self.to_objects = (Gate(width, width, width=width) for _ in range(2))
        self.feed_words, self.feed_objects = (
            feed_forward(width, feed_width, nn.ReLU(), dropout) for _ in range(2)
        )
        self.add_words, self.add_objects = (
            nn.ModuleList(AddNorm(width, dropout) for _ in range(3)) for _ in range(2)
        )

    def forward(
        self,
        words: Float[Tensor, "batch words width"],
        objects: Float[Tensor, "batch objects width"],
        heard: Bool[Tensor, "batch rows words"],
        word_mask: Bool[Tensor, "batch words"],
        object_mask: Bool[Tensor, "batch objects"],
    ) -> tuple[Float[Tensor, "batch words width"], Float[Tensor, "batch objects width"]]:
        """Update the words and the objects of each post."""
        within, across, feed = self.add_words
        words = within(words, self.attend_words(words, words, heard).values)
        within_objects, across_objects, feed_objects = self.add_objects
        objects = within_objects(
            objects, self.attend_objects(objects, objects, object_mask[:, None]).values
        )

        seen = objects * object_mask[:, :, None]
        visible = words * word_mask[:, :, None]
        to_words = gathered(self.to_words(words[:, :, None], objects[:, None]), seen)
        to_objects = gathered(self.to_objects(objects[:, :, None], words[:, None]), visible)
        words, objects = across(words, to_words), across_objects(objects, to_objects)
        return feed(words, self.feed_words(words)), feed_objects(
            objects, self.feed_objects(objects)
        )


def gathered(
    gates: Float[Tensor, "batch nodes others width"], others: Float[Tensor, "batch others width"]
) -> Float[Tensor, "batch nodes width"]:
    """Sum of the others, each through its gate to the node."""
    return torch.einsum("bnmd,bmd->bnd", gates, others)


def fuse(config: UmgfConfig, hidden: int, sizes: Sizes) -> Umgf:
    """Turn a config into the fusion of UMGF."""
    return Umgf(
        hidden=hidden,
        width=config.width,
        objects=visual_nodes(
            config, sizes, hidden, output=config.width, kind="mlp2", dropout=config.dropout
        ),
        layers=[
            FusionLayer(
                width=config.width,
                heads=config.heads,
                feed_width=config.feed_width,
                dropout=config.dropout,
            )
            for _ in range(config.layers)
        ],
        text_graph=config.text_graph,
    )
