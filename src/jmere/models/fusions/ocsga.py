"""OCSGA: objects as words, self-attention and guided attention (Wu et al., 2020)."""

from dataclasses import dataclass
from typing import Literal

from jaxtyping import Bool, Float
from torch import Tensor, nn

from jmere.checks import check_choices
from jmere.layers.attention import AddNorm, Attended, MultiHeadAttention, feed_forward
from jmere.layers.norm import MaskedBatchNorm
from jmere.layers.projectors import VisualNodes
from jmere.layers.tensor_batch import TensorBatch
from jmere.models.fusions.base import Fused
from jmere.models.fusions.visual_nodes import VisualFusionConfig, VisualSource, visual_nodes
from jmere.models.sizes import Sizes

ObjectSource = Literal["labels", "nodes"]


@dataclass(frozen=True, kw_only=True)
class OcsgaConfig(VisualFusionConfig):
    """Config of OCSGA."""

    visual_source: VisualSource = "graph"
    """``graph``: as ``object_source`` says; ``native``: labels; ``box``: appearance alone."""
    object_source: ObjectSource = "labels"
    """``labels`` alone, which define the method, or all that is known of an object."""
    labels: int = 4
    """Maximum number of labels of a picture; the objects with the best scores are kept."""
    layers: int = 1
    """Number of co-attention layers."""
    heads: int = 12
    """Attention heads of each layer."""
    dropout: float = 0.3
    """Dropout probability."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_choices(self, "model", counts=("labels", "layers", "heads"))


class Ocsga(nn.Module):
    """A stack in which objects are guided by words, at last read by the words themselves.

    With one layer the objects never attend to the text; the text alone queries them.
    A post without objects keeps its words, normalised.
    """

    def __init__(
        self,
        *,
        hidden: int,
        labels: int,
        objects: VisualNodes | None,
        layers: int,
        heads: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.width, self.labels = hidden, labels
        self.objects = objects
        self.label = nn.Linear(hidden, hidden) if objects is None else None

        def sublayer() -> Sublayer:
            return Sublayer(hidden=hidden, heads=heads, dropout=dropout)

        self.text = nn.ModuleList(sublayer() for _ in range(layers))
        self.alone = nn.ModuleList(Attending(hidden, heads, dropout) for _ in range(layers))
        self.guided = nn.ModuleList(sublayer() for _ in range(layers - 1))
        self.last = ObjectReader(hidden=hidden, heads=heads, dropout=dropout)
        self.norm = MaskedBatchNorm(hidden)

    def forward(
        self,
        words: Float[Tensor, "batch words hidden"],
        labels: Float[Tensor, "batch objects hidden"],
        batch: TensorBatch,
    ) -> Fused:
        """Add to each word what it reads from the objects."""
        mask, word_mask = batch.object_mask[:, None], batch.word_mask[:, None]
        if self.label is not None:
            mask = mask & mask.long().cumsum(dim=2).le(self.labels)
            objects = self.label(labels.detach())
        else:
            assert self.objects is not None
            objects = self.objects(batch, labels)

        text = words
        for layer in self.text:
            text = layer(text, text, word_mask)
        for alone, guided in zip(self.alone, self.guided, strict=False):
            objects = guided(alone(objects, objects, mask), text, word_mask)
        read = self.last(text, self.alone[-1](objects, objects, mask), mask)
        return Fused(self.norm(words + read.values, batch.word_mask), attention=read.weights)


class Attending(nn.Module):
    """Attention, added and normalised."""

    def __init__(self, hidden: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.attend = MultiHeadAttention(hidden=hidden, heads=heads)
        self.add = AddNorm(hidden, dropout)

    def forward(
        self,
        queries: Float[Tensor, "batch queries hidden"],
        keys: Float[Tensor, "batch keys hidden"],
        mask: Bool[Tensor, "batch rows keys"],
    ) -> Float[Tensor, "batch queries hidden"]:
        """Add to each query what it takes from the keys."""
        added: Tensor = self.add(queries, self.attend(queries, keys, mask).values)
        return added


class Sublayer(nn.Module):
    """Attention and a feed-forward network, each added and normalised."""

    def __init__(self, *, hidden: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.attend = Attending(hidden, heads, dropout)
        self.feed = feed_forward(hidden, 4 * hidden, nn.ReLU(), dropout)
        self.add = AddNorm(hidden, dropout)

    def forward(
        self,
        queries: Float[Tensor, "batch queries hidden"],
        keys: Float[Tensor, "batch keys hidden"],
        mask: Bool[Tensor, "batch rows keys"],
    ) -> Float[Tensor, "batch queries hidden"]:
        """Attend, then feed forward."""
        queries = self.attend(queries, keys, mask)
        fed: Tensor = self.add(queries, self.feed(queries))
        return fed


class ObjectReader(nn.Module):
    """Attention of words over objects without residual connections."""

    def __init__(self, *, hidden: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.attend = MultiHeadAttention(hidden=hidden, heads=heads)
        self.feed = feed_forward(hidden, 4 * hidden, nn.ReLU(), dropout)
        self.attend_norm, self.feed_norm = nn.LayerNorm(hidden), nn.LayerNorm(hidden)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self,
        words: Float[Tensor, "batch words hidden"],
        objects: Float[Tensor, "batch objects hidden"],
        mask: Bool[Tensor, "batch 1 objects"],
    ) -> Attended:
        """One vector per word, made of the objects alone; 0 where there is none."""
        taken = self.attend(words, objects, mask)
        read = self.attend_norm(self.dropout(taken.values))
        read = self.feed_norm(self.dropout(self.feed(read)))
        return Attended(read * mask.any(dim=2, keepdim=True), taken.weights)


def fuse(config: OcsgaConfig, hidden: int, sizes: Sizes) -> Ocsga:
    """Turn a config into the fusion of OCSGA."""
    nodes = visual_nodes(config, sizes, hidden, kind="linear", dropout=config.dropout, native="sum")
    labels = {"native": True, "box": False}.get(
        config.visual_source, config.object_source == "labels"
    )
    return Ocsga(
        hidden=hidden,
        labels=config.labels,
        objects=None if labels else nodes,
        layers=config.layers,
        heads=config.heads,
        dropout=config.dropout,
    )
