"""Edge-enhanced alignment of two graphs by optimal transport."""

from typing import Literal, NamedTuple

from jaxtyping import Bool, Float, UInt8
from torch import Tensor, nn

from jmere.align import (
    EdgeForm,
    EdgeLoss,
    Transport,
    cosine_distance,
    gromov_wasserstein,
    sinkhorn,
    uniform_mass,
    wasserstein,
)

NodeSolver = Literal["ipot", "sinkhorn"]
"""``ipot``, proximal steps, whose plan is sharp; ``sinkhorn``, whose plan entropy smooths."""

EdgeStart = Literal["nodes", "even"]
"""Initial plan of the edges: half way to the nodes' plan, or the product plan."""


class GraphMatch(NamedTuple):
    """Cost of matching the graphs of each post, and the plan."""

    cost: Float[Tensor, " batch"]
    plan: Float[Tensor, "batch objects words"]
    """Share of the mass moved from an object to a word; 0 where a post has no object."""
    converged: dict[str, Bool[Tensor, " batch"]]
    """For ``nodes`` and ``edges``: whether each post's plan converged."""


class GraphAligner(nn.Module):
    """``alpha`` x node distance + (1 - ``alpha``) x edge distance (equations 5 to 7).

    Nodes are compared by their Wasserstein distance, edges by the
    Gromov-Wasserstein distance of the graphs' own cosine distances; what two nodes
    that are not adjacent count as is ``edge_form`` (``jmere.align.edges.EdgeForm``).
    Where the edges' plan starts from the nodes', that decides between equal matches of
    edges. Posts are matched independently; padding has no mass.
    """

    def __init__(
        self,
        *,
        alpha: float,
        node_solver: NodeSolver,
        node_epsilon: float,
        node_steps: int,
        edge_form: EdgeForm,
        edge_far: float,
        edge_start: EdgeStart,
        edge_epsilon: float,
        edge_relative: bool,
        edge_steps: int,
        edge_inner_steps: int,
        edge_loss: EdgeLoss,
        unroll: bool,
    ) -> None:
        super().__init__()
        self.alpha = alpha
        self.node_solver: NodeSolver = node_solver
        self.node_epsilon, self.node_steps = node_epsilon, node_steps
        self.edge_form: EdgeForm = edge_form
        self.edge_start: EdgeStart = edge_start
        self.edge_far, self.edge_loss = edge_far, edge_loss
        self.edge_epsilon, self.edge_relative = edge_epsilon, edge_relative
        self.edge_steps, self.edge_inner_steps = edge_steps, edge_inner_steps
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
        nodes = self._nodes(cosine_distance(objects, words), object_mass, word_mass)
        if self.alpha == 1:
            return GraphMatch(nodes.value, nodes.plan, {"nodes": nodes.converged})
        even = object_mass[:, :, None] * word_mass[:, None, :]
        edges = gromov_wasserstein(
            cosine_distance(objects, objects),
            cosine_distance(words, words),
            object_mass,
            word_mass,
            row_adjacency=relations > 0,
            column_adjacency=dependencies > 0,
            edge_form=self.edge_form,
            far=self.edge_far,
            loss=self.edge_loss,
            start=(even + nodes.plan) / 2 if self.edge_start == "nodes" else None,
            relative=self.edge_relative,
            epsilon=self.edge_epsilon,
            outer_steps=self.edge_steps,
            inner_steps=self.edge_inner_steps,
            unroll=self.unroll,
        )
        alpha = self.alpha
        return GraphMatch(
            alpha * nodes.value + (1 - alpha) * edges.value,
            alpha * nodes.plan + (1 - alpha) * edges.plan,
            {"nodes": nodes.converged, "edges": edges.converged},
        )

    def _nodes(
        self,
        cost: Float[Tensor, "batch objects words"],
        object_mass: Float[Tensor, "batch objects"],
        word_mass: Float[Tensor, "batch words"],
    ) -> Transport:
        """Match nodes by their own distances (equation 5)."""
        if self.node_solver == "sinkhorn":
            return sinkhorn(
                cost,
                object_mass,
                word_mass,
                epsilon=self.node_epsilon,
                steps=self.node_steps,
                unroll=self.unroll,
            )
        return wasserstein(
            cost,
            object_mass,
            word_mass,
            epsilon=self.node_epsilon,
            outer_steps=self.node_steps,
            unroll=self.unroll,
        )
