"""Edge-enhanced alignment of two graphs by optimal transport."""

from typing import Literal, NamedTuple

from jaxtyping import Bool, Float, UInt8
from torch import Tensor, nn

from jmere.align import cosine_distance, gromov_wasserstein, uniform_mass, wasserstein

EdgeLoss = Literal["absolute", "square"]


class GraphMatch(NamedTuple):
    """What it costs to match the graphs of each post, and who is matched with whom."""

    cost: Float[Tensor, " batch"]
    plan: Float[Tensor, "batch objects words"]
    """Share of the mass moved from an object to a word; 0 where a post has no object."""


class GraphAligner(nn.Module):
    """``alpha`` x node distance + (1 - ``alpha``) x edge distance (equations 5 to 7).

    Nodes are compared by their Wasserstein distance, edges by the
    Gromov-Wasserstein distance of the graphs' own cosine distances, adjacent
    pairs only. Each post is matched by itself; padding has no mass.
    """

    def __init__(
        self,
        *,
        alpha: float,
        node_epsilon: float,
        node_steps: int,
        edge_epsilon: float,
        edge_steps: int,
        edge_inner_steps: int,
        edge_loss: EdgeLoss,
        unroll: bool,
    ) -> None:
        super().__init__()
        self.alpha = alpha
        self.node_epsilon, self.node_steps = node_epsilon, node_steps
        self.edge_epsilon, self.edge_steps = edge_epsilon, edge_steps
        self.edge_inner_steps, self.edge_loss = edge_inner_steps, edge_loss
        self.unroll = unroll

    def forward(
        self,
        objects: Float[Tensor, "batch objects hidden"],
        words: Float[Tensor, "batch words hidden"],
        *,
        object_mask: Bool[Tensor, "batch objects"],
        word_mask: Bool[Tensor, "batch words"],
        relations: UInt8[Tensor, "batch objects objects"],
        dependencies: UInt8[Tensor, "batch words words"],
    ) -> GraphMatch:
        """Match the objects of each post with its words; no object costs nothing."""
        object_mass, word_mass = uniform_mass(object_mask), uniform_mass(word_mask)
        nodes = wasserstein(
            cosine_distance(objects, words),
            object_mass,
            word_mass,
            epsilon=self.node_epsilon,
            outer_steps=self.node_steps,
            unroll=self.unroll,
        )
        if self.alpha == 1:
            return GraphMatch(nodes.value, nodes.plan)
        edges = gromov_wasserstein(
            cosine_distance(objects, objects),
            cosine_distance(words, words),
            object_mass,
            word_mass,
            row_adjacency=relations > 0,
            column_adjacency=dependencies > 0,
            loss=self.edge_loss,
            epsilon=self.edge_epsilon,
            outer_steps=self.edge_steps,
            inner_steps=self.edge_inner_steps,
            unroll=self.unroll,
        )
        alpha = self.alpha
        return GraphMatch(
            alpha * nodes.value + (1 - alpha) * edges.value,
            alpha * nodes.plan + (1 - alpha) * edges.plan,
        )
