"""EEGA: edge-enhanced graph alignment and word-pair tagging (Yuan et al., AAAI 2023)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import softplus

from jmere.align import EdgeForm, EdgeLoss
from jmere.align.edges import FAR
from jmere.checks import check_choices
from jmere.layers.attribute import Adjacency, AttributeTransformer
from jmere.layers.channels import ChannelSizes, MultiChannel
from jmere.layers.cross import CrossAttention
from jmere.layers.encoder import WordEncoder
from jmere.layers.graph_matching import EdgeStart, GraphAligner, GraphMatch, NodeSolver
from jmere.layers.objects import ObjectEncoder, ObjectForm
from jmere.layers.pairs import PairForm, PairHead
from jmere.layers.tensor_batch import TensorBatch
from jmere.models.sizes import Sizes
from jmere.models.tagging import SoftAlignment, Tagging


@dataclass(frozen=True, kw_only=True)
class ObjectsConfig:
    """Form of the nodes of the visual graph."""

    form: ObjectForm = "sum"
    """``sum`` of label, box and appearance, or ``appearance`` alone (equation 2)."""


@dataclass(frozen=True, kw_only=True)
class EegaConfig:
    """Config of EEGA; the preset ``paper`` has the paper's values."""

    alpha: float = 0.4
    """Share of the nodes in the alignment: 1 aligns nodes alone, 0 edges alone (equation 7)."""
    graph_weight: float = 0.6
    """Lambda, the weight of the alignment beside the tagging (equation 13)."""
    graph_contrast: float = 0.0
    """Temperature of a contrastive alignment (not in the paper): above 0, the loss is not what a
    post's own objects cost, but how little less than those of the batch's post before:
    ``softplus((own - other) / temperature)``, and 0 where either has no object."""
    edge_enhanced: bool = True
    """Align by transport; off: "w/o edge-enhanced" of Table 2."""
    attribute_transformer: bool = True
    """Edge types in keys and values; off: a vanilla transformer (Table 2)."""
    multi_channel: bool = True
    """The three W-GCNs; off: "w/o multi-channel" of Table 2."""
    heads: int = 12
    """Attention heads of the graph layers and of the cross attention."""
    cross_from_zero: bool = False
    """Begin with words that take nothing from the objects (not in the paper): training starts from
    the same scores with and without a picture."""
    object_width: int = 384
    """Width of the objects in the visual graph, d_I; then they take the words' (d_T)."""
    objects: ObjectsConfig = field(default_factory=ObjectsConfig)
    adjacency: Adjacency = "mask"
    """Use of the adjacency in equation 3: ``mask``, or ``multiply`` as printed."""
    edge_width: int = 100
    """Width of an edge type's embedding, d_z."""
    channel_width: int = 100
    """Width of a channel bin's embedding, d_l."""
    dropout: float = 0.3
    """Dropout probability."""
    channel_residual: bool = False
    """Add the words to the multi-channel layer's output and normalise (not in the paper)."""
    pair_form: PairForm = "additive"
    """Form of the pair head: ``additive`` as in the paper, or ``biaffine``."""
    pair_width: int = 150
    """Width of the biaffine form's projections."""
    pair_features: bool = False
    """Give the pair head the pair's channel values too (on in the authors' code)."""
    pair_distance: int = 0
    """Maximum distance in words that has its own score in the pair head; 0 turns this off."""
    node_solver: NodeSolver = "ipot"
    """Solver of the node transport (equation 5): proximal steps, or entropic ``sinkhorn``."""
    node_epsilon: float = 0.5
    """Smoothing of the node transport, or of a step of it, in cosine distance (0 to 2)."""
    node_steps: int = 20
    """Steps of the node transport."""
    edge_form: EdgeForm = "far"
    """Distance of nodes that are not adjacent: ``far``, a fixed one; ``product``, the cosine
    distance times the adjacency (the authors' code); ``letter``, none (equation 6 as printed)."""
    edge_far: float = FAR
    """The fixed distance of ``far``."""
    edge_start: EdgeStart = "nodes"
    """Initial plan of the edges: half way to the nodes' plan, or ``even``."""
    edge_epsilon: float = 0.1
    """Smoothing of a step of the edge transport."""
    edge_relative: bool = True
    """Take ``edge_epsilon`` as a share of what the independent plan costs, post by post."""
    edge_steps: int = 10
    """Outer steps of the edge transport."""
    edge_inner_steps: int = 20
    """Inner steps of each outer step of the edge transport."""
    edge_loss: EdgeLoss = "absolute"
    """Comparison of two edges: |c - c'| as in equation 6, or its square (the code)."""
    unroll: bool = False
    """Keep the gradient through the transport's iterations instead of the envelope's."""

    def __post_init__(self) -> None:
        check_choices(
            self,
            "model",
            shares=("alpha", "dropout"),
            counts=(
                *("heads", "object_width", "edge_width", "channel_width", "pair_width"),
                *("node_steps", "edge_steps", "edge_inner_steps"),
            ),
            amounts=("pair_distance", "graph_weight", "graph_contrast"),
            positive=("node_epsilon", "edge_far", "edge_epsilon"),
        )


class Eega(nn.Module):
    """Two graphs, encoded, aligned node by node and edge by edge, then every word pair tagged."""

    def __init__(
        self,
        *,
        encoder: WordEncoder,
        objects: ObjectEncoder,
        text_graph: AttributeTransformer,
        visual_graph: AttributeTransformer,
        aligner: GraphAligner | None,
        graph_weight: float,
        graph_contrast: float,
        cross: CrossAttention,
        channels: MultiChannel | None,
        pairs: PairHead,
    ) -> None:
        super().__init__()
        self.encoder, self.objects = encoder, objects
        self.text_graph, self.visual_graph = text_graph, visual_graph
        self.aligner, self.graph_weight = aligner, graph_weight
        self.graph_contrast = graph_contrast
        self.cross, self.channels, self.pairs = cross, channels, pairs

    def forward(self, batch: TensorBatch, *, alignment: bool = True) -> Tagging:
        """Tag every pair of words of each post; the graph loss is there only in training.

        Without ``alignment`` the graphs are not matched, which changes no score.
        """
        words, objects = self.encoded(batch)
        match = None
        if self.aligner is not None and alignment and batch.object_mask.shape[1]:
            match = self.matched(words, objects, batch)
        fused, attention = self.cross(words, objects, batch.object_mask)

        bins = (batch.pos.long(), batch.hops.long(), batch.cooccurrence.long())
        if self.channels is not None:
            fused = self.channels(fused, batch.word_mask, *bins)
        scores = self.pairs(fused, *bins)

        plan = attention.new_zeros(attention.shape) if match is None else match.plan.mT
        tagging = Tagging(scores, alignment=SoftAlignment(plan, attention))
        if match is None or not self.training:
            return tagging
        pictured = batch.object_mask.any(dim=1)
        cost = match.cost
        if self.graph_contrast:
            # What own objects cost beside those of the post before, where both have some.
            other = self.matched(words, objects, batch, moved=1).cost
            both = pictured & pictured.roll(1, 0)
            cost = softplus((cost - other) / self.graph_contrast) * both
        return replace(
            tagging,
            auxiliary={"graph": self.graph_weight * cost},
            shares={f"{k}_converged": v[pictured].float() for k, v in match.converged.items()},
        )

    def encoded(
        self, batch: TensorBatch
    ) -> tuple[Float[Tensor, "batch words hidden"], Float[Tensor, "batch objects hidden"]]:
        """Return the nodes of the textual and of the visual graph, encoded."""
        words, labels = self.encoder.words_and_labels(batch)
        objects = self.objects(batch, labels)
        return (
            self.text_graph(words, batch.dependencies, batch.word_mask),
            self.visual_graph(objects, batch.relations, batch.object_mask),
        )

    def matched(
        self,
        words: Float[Tensor, "batch words hidden"],
        objects: Float[Tensor, "batch objects hidden"],
        batch: TensorBatch,
        *,
        moved: int = 0,
    ) -> GraphMatch:
        """Match the words of each post with the objects of the post ``moved`` places before."""
        assert self.aligner is not None
        nodes, mask, relations = objects, batch.object_mask, batch.relations
        if moved:
            nodes, mask, relations = (each.roll(moved, 0) for each in (nodes, mask, relations))
        match: GraphMatch = self.aligner(
            nodes,
            words,
            object_mask=mask,
            word_mask=batch.word_mask,
            relations=relations,
            dependencies=batch.dependencies,
        )
        return match


BEFORE_EDGE_FORM = {
    "edge_form": "letter",
    "edge_start": "even",
    "edge_relative": False,
}
"""Edge options of models whose config does not contain them."""


def as_trained(choices: Mapping[str, Any]) -> dict[str, Any]:
    """Complete the config of a model that was trained before an option existed."""
    if "edge_form" in choices:
        return dict(choices)
    return {**choices, **BEFORE_EDGE_FORM}


def aligner_of(config: EegaConfig) -> GraphAligner:
    """Turn the choices of the alignment into the aligner."""
    return GraphAligner(
        alpha=config.alpha,
        node_solver=config.node_solver,
        node_epsilon=config.node_epsilon,
        node_steps=config.node_steps,
        edge_form=config.edge_form,
        edge_far=config.edge_far,
        edge_start=config.edge_start,
        edge_epsilon=config.edge_epsilon,
        edge_relative=config.edge_relative,
        edge_steps=config.edge_steps,
        edge_inner_steps=config.edge_inner_steps,
        edge_loss=config.edge_loss,
        unroll=config.unroll,
    )


def build(config: EegaConfig, encoder: WordEncoder, sizes: Sizes) -> Eega:
    """Turn a config into the parts of an EEGA."""
    hidden, dropout = encoder.hidden, config.dropout
    channels = ChannelSizes(sizes.pos, sizes.hops, sizes.cooccurrence)

    def graph(edges: int, width: int) -> AttributeTransformer:
        return AttributeTransformer(
            hidden=width,
            output=hidden,
            heads=config.heads,
            edges=edges,
            edge_width=config.edge_width,
            dropout=dropout,
            edge_types=config.attribute_transformer,
            adjacency=config.adjacency,
        )

    return Eega(
        encoder=encoder,
        objects=ObjectEncoder(
            label=hidden,
            hidden=config.object_width,
            appearance=sizes.appearance,
            dropout=dropout,
            form=config.objects.form,
        ),
        text_graph=graph(sizes.dependencies, hidden),
        visual_graph=graph(sizes.predicates, config.object_width),
        aligner=aligner_of(config) if config.edge_enhanced else None,
        graph_weight=config.graph_weight,
        graph_contrast=config.graph_contrast,
        cross=CrossAttention(
            hidden=hidden, heads=config.heads, dropout=dropout, from_zero=config.cross_from_zero
        ),
        channels=MultiChannel(
            channels,
            hidden=hidden,
            width=config.channel_width,
            dropout=dropout,
            residual=config.channel_residual,
        )
        if config.multi_channel
        else None,
        pairs=PairHead(
            hidden=hidden,
            tags=sizes.tags,
            form=config.pair_form,
            width=config.pair_width,
            dropout=dropout,
            channels=channels if config.pair_features else None,
            channel_width=config.channel_width,
            distance=config.pair_distance,
        ),
    )
