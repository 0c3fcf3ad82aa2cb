"""What the edges of two graphs cost under a plan: the inner sum of EEGA's equation 6."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor

from jmere.align.transport import Masses

EdgeCost = Callable[[Tensor], Tensor]
"""Takes a plan; gives ``cost[i, j]``, the sum over neighbours ``i'`` of ``i`` and ``j'`` of ``j``
of ``plan[i', j'] * L(row_distance[i, i'], column_distance[j, j'])``."""

CHUNK = 1 << 22
"""Most pairs of edges that the absolute loss looks at together."""


def edge_cost(
    loss: Literal["absolute", "square"],
    rows: Float[Tensor, "batch rows rows"],
    columns: Float[Tensor, "batch columns columns"],
    row_adjacency: Bool[Tensor, "batch rows rows"] | None,
    column_adjacency: Bool[Tensor, "batch columns columns"] | None,
    masses: Masses,
) -> EdgeCost:
    """The cost of edges as a function of the plan, differentiable in the distances.

    Raises:
        ValueError: If ``loss`` is neither ``"absolute"`` nor ``"square"``.
    """
    near_rows = _neighbours(row_adjacency, masses.rows)
    near_columns = _neighbours(column_adjacency, masses.columns)
    rows = rows.where(near_rows, torch.zeros_like(rows))
    columns = columns.where(near_columns, torch.zeros_like(columns))
    if loss == "absolute":
        return _absolute(rows, columns, near_rows, near_columns)
    if loss != "square":
        raise ValueError(f"loss must be 'absolute' or 'square', got {loss!r}")
    if row_adjacency is None and column_adjacency is None:
        return _square_of_all(rows, columns, masses)
    return _square(rows, columns, near_rows.to(rows), near_columns.to(columns))


def _neighbours(
    adjacency: Bool[Tensor, "batch nodes nodes"] | None, mass: Float[Tensor, "batch nodes"]
) -> Bool[Tensor, "batch nodes nodes"]:
    present = mass > 0
    pairs = present[:, :, None] & present[:, None, :]
    return pairs if adjacency is None else pairs & (adjacency | adjacency.mT)


def _square_of_all(
    rows: Float[Tensor, "batch rows rows"],
    columns: Float[Tensor, "batch columns columns"],
    masses: Masses,
) -> EdgeCost:
    """Without adjacency the squares see the plan's masses only (Peyré et al. 2016, equation 6)."""
    row_part = rows.square() @ masses.rows[:, :, None]
    column_part = columns.square() @ masses.columns[:, :, None]
    constant = row_part + column_part.mT
    return lambda plan: torch.baddbmm(constant, rows @ plan, columns, alpha=-2)


def _square(
    rows: Float[Tensor, "batch rows rows"],
    columns: Float[Tensor, "batch columns columns"],
    near_rows: Float[Tensor, "batch rows rows"],
    near_columns: Float[Tensor, "batch columns columns"],
) -> EdgeCost:
    """``(a - b)^2 = a^2 - 2 a b + b^2``, term by term; distances are 0 between non-neighbours."""
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
        place = torch.arange(len(post), device=post.device) - (number.cumsum(0) - number)[post]
        longest = int(number.max()) if len(number) else 0
        padded = torch.zeros(3, len(near), longest, dtype=torch.long, device=near.device)
        padded[:, post, place] = torch.stack([head, tail, torch.ones_like(head)])
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

    width = max(1, CHUNK // max(1, other_length.shape[1]))
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
