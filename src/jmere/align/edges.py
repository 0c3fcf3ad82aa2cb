"""Cost of matching the edges of two graphs under a plan: the inner sum of EEGA's equation 6.

Equation 6 sums over pairs of edges alone, so an edge matched with a pair of strangers is free
and the least cost keeps edges away from edges. ``EdgeForm`` says what a pair of strangers,
two nodes that are not adjacent, counts as instead.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor

from jmere.align.transport import Masses

EdgeForm = Literal["far", "product", "letter"]
"""The distance between nodes that are not adjacent: ``far``, a fixed one, by default the
largest cosine distance; ``product``, 0, the distance times the adjacency as the authors' code
has it; ``letter``, none: such pairs do not contribute, equation 6 as printed."""

EdgeLoss = Literal["absolute", "square"]
"""How two distances are compared: ``|a - b|`` as in equation 6, or its square."""

FAR = 2.0
"""The largest cosine distance."""

EdgeCost = Callable[[Tensor], Tensor]
"""Takes a plan; gives ``cost[i, j]``, the sum over ``i'`` and ``j'`` of
``plan[i', j'] * L(row_distance[i, i'], column_distance[j, j'])``."""

_CHUNK = 1 << 22
"""Maximum number of pairs of edges that the absolute loss computes at once."""


@dataclass(frozen=True)
class _Graph:
    """The intra-graph distances of one side of each post."""

    distance: Float[Tensor, "batch nodes nodes"]
    """0 between strangers and on padding."""
    near: Bool[Tensor, "batch nodes nodes"]
    """Adjacent pairs; in ``far`` and ``product`` a node is its own neighbour."""
    strangers: Bool[Tensor, "batch nodes nodes"]
    """Pairs of nodes that contribute without being adjacent."""

    @classmethod
    def of(
        cls,
        distance: Float[Tensor, "batch nodes nodes"],
        adjacency: Bool[Tensor, "batch nodes nodes"] | None,
        mass: Float[Tensor, "batch nodes"],
        form: EdgeForm,
    ) -> "_Graph":
        present = (mass > 0)[:, :, None] & (mass > 0)[:, None, :]
        if adjacency is None:
            near = counted = present
        else:
            near = present & (adjacency | adjacency.mT)
            counted = near if form == "letter" else present
        if counted is not near:
            itself = torch.eye(near.shape[1], dtype=torch.bool, device=near.device)
            near = near | (present & itself)
            distance = distance.masked_fill(itself, 0.0)
        return cls(distance.where(near, torch.zeros_like(distance)), near, counted & ~near)

    def filled(self, apart: float) -> Float[Tensor, "batch nodes nodes"]:
        """Return the distances, with ``apart`` between strangers."""
        return self.distance.masked_fill(self.strangers, apart)


def edge_cost(
    rows: Float[Tensor, "batch rows rows"],
    columns: Float[Tensor, "batch columns columns"],
    row_adjacency: Bool[Tensor, "batch rows rows"] | None,
    column_adjacency: Bool[Tensor, "batch columns columns"] | None,
    masses: Masses,
    *,
    form: EdgeForm,
    far: float,
    loss: EdgeLoss,
) -> EdgeCost:
    """Return the cost of edges as a function of the plan, differentiable in the distances.

    Raises:
        ValueError: If ``form`` or ``loss`` is unknown.
    """
    if form not in get_args(EdgeForm):
        raise ValueError(f"edge_form must be 'far', 'product' or 'letter', got {form!r}")
    if loss not in get_args(EdgeLoss):
        raise ValueError(f"loss must be 'absolute' or 'square', got {loss!r}")
    first = _Graph.of(rows, row_adjacency, masses.rows, form)
    second = _Graph.of(columns, column_adjacency, masses.columns, form)
    apart = far if form == "far" else 0.0
    complete = form != "letter" or (row_adjacency is None and column_adjacency is None)
    if loss == "square":
        if complete:
            return _square_of_all(first.filled(apart), second.filled(apart), masses)
        return _square(first, second)
    among_edges = _absolute(first.distance, second.distance, first.near, second.near)
    return _with_strangers(among_edges, first, second, apart) if complete else among_edges


def _with_strangers(among_edges: EdgeCost, first: _Graph, second: _Graph, apart: float) -> EdgeCost:
    """Add the pairs of an edge with strangers, who are all at one distance: two products a side."""
    row_edges = (first.distance - apart).abs() * first.near
    column_edges = (second.distance - apart).abs() * second.near
    row_strangers, column_strangers = first.strangers.to(row_edges), second.strangers.to(row_edges)

    def cost(plan: Tensor) -> Tensor:
        edge_with_strangers = row_edges @ plan @ column_strangers
        return among_edges(plan) + edge_with_strangers + row_strangers @ plan @ column_edges

    return cost


def _square_of_all(
    rows: Float[Tensor, "batch rows rows"],
    columns: Float[Tensor, "batch columns columns"],
    masses: Masses,
) -> EdgeCost:
    """If all pairs count, squares depend on the masses alone (Peyré et al. 2016, eq. 6)."""
    row_part = rows.square() @ masses.rows[:, :, None]
    column_part = columns.square() @ masses.columns[:, :, None]
    constant = row_part + column_part.mT
    return lambda plan: torch.baddbmm(constant, rows @ plan, columns, alpha=-2)


def _square(first: _Graph, second: _Graph) -> EdgeCost:
    """``(a - b)^2 = a^2 - 2 a b + b^2``, term by term; distances are 0 between strangers."""
    rows, columns = first.distance, second.distance
    near_rows, near_columns = first.near.to(rows), second.near.to(columns)
    row_squares, column_squares = rows.square(), columns.square()

    def cost(plan: Tensor) -> Tensor:
        cross = rows @ plan @ columns
        return row_squares @ plan @ near_columns - 2 * cross + near_rows @ plan @ column_squares

    return cost


@dataclass(frozen=True)
class _Edges:
    """The edges of each post's graph as a padded list."""

    head: Int64[Tensor, "batch edges"]
    tail: Int64[Tensor, "batch edges"]
    present: Bool[Tensor, "batch edges"]

    @classmethod
    def of(cls, near: Bool[Tensor, "batch nodes nodes"]) -> "_Edges":
        number = near.sum(dim=(1, 2))
        post, head, tail = near.nonzero().unbind(dim=1)
        index = torch.arange(len(post), device=post.device) - (number.cumsum(0) - number)[post]
        max_edges = int(number.max()) if len(number) else 0
        padded = torch.zeros(3, len(near), max_edges, dtype=torch.long, device=near.device)
        padded[:, post, index] = torch.stack([head, tail, torch.ones_like(head)])
        return cls(padded[0], padded[1], padded[2].bool())


def _absolute(
    rows: Float[Tensor, "batch rows rows"],
    columns: Float[Tensor, "batch columns columns"],
    near_rows: Bool[Tensor, "batch rows rows"],
    near_columns: Bool[Tensor, "batch columns columns"],
) -> EdgeCost:
    """``|a - b|`` doesn't split into terms, so both graphs become lists of edges."""
    nodes = rows.shape[1]
    post, head, tail = near_rows.nonzero().unbind(dim=1)
    length = rows[post, head, tail]
    start, end = post * nodes + head, post * nodes + tail
    others = _Edges.of(near_columns)
    other_length = columns.flatten(1).gather(1, others.head * columns.shape[1] + others.tail)

    def differences(some: slice) -> Tensor:
        return (length[some, None] - other_length[post[some]]).abs()

    width = max(1, _CHUNK // max(1, other_length.shape[1]))
    # An empty slice at least, so that a batch without edges still has a gradient: 0.
    chunks = [slice(first, first + width) for first in range(0, max(1, len(post)), width)]
    kept = differences(chunks[0]) if len(chunks) == 1 else None

    def cost(plan: Tensor) -> Tensor:
        tails, heads = (
            ends[:, None, :].expand(-1, nodes, -1) for ends in (others.tail, others.head)
        )
        at_tails = (plan.gather(2, tails) * others.present[:, None, :]).flatten(0, 1)
        at_heads = torch.zeros_like(at_tails)
        for some in chunks:
            moved = (differences(some) if kept is None else kept) * at_tails[end[some]]
            at_heads = at_heads.index_add(0, start[some], moved)
        return torch.zeros_like(plan).scatter_add(2, heads, at_heads.view(heads.shape))

    return cost


def edge_share(
    plan: Float[Tensor, "batch rows columns"],
    row_adjacency: Bool[Tensor, "batch rows rows"],
    column_adjacency: Bool[Tensor, "batch columns columns"],
) -> Float[Tensor, " batch"]:
    """Return the share of the mass of the rows' edges that a plan puts on edges of the columns.

    A node is no neighbour of itself here. The share is NaN where the rows have no edge.

    Example:
        >>> pair = torch.ones(1, 2, 2, dtype=torch.bool)
        >>> edge_share(torch.eye(2)[None] / 2, pair, pair)
        tensor([1.])
    """
    rows, columns = (_between(side).to(plan) for side in (row_adjacency, column_adjacency))
    landed = ((plan @ columns @ plan.mT) * rows).sum(dim=(1, 2))
    mass = plan.sum(dim=2)
    return landed / (mass[:, :, None] * mass[:, None] * rows).sum(dim=(1, 2))


def _between(adjacency: Bool[Tensor, "batch nodes nodes"]) -> Bool[Tensor, "batch nodes nodes"]:
    itself = torch.eye(adjacency.shape[1], dtype=torch.bool, device=adjacency.device)
    return (adjacency | adjacency.mT) & ~itself
