"""Transport plan of one post, without torch: what ``jmere.layers.graph_matching`` computes.

A plan needs no weights, and a post has some ten objects and some thirty words, so a solver of
small matrix products in double precision is faster here than a graph of thousands of nodes. The
steps are those of ``jmere.align``, and a test compares the plans.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

_Matrix = Float[np.ndarray, "rows columns"]

TOLERANCE = 1e-4
"""Largest error to stop at."""

_TINY = 1e-30
_BLOCKS = {"ipot": 10, "sinkhorn": 20}
"""Steps between two convergence checks."""


@dataclass(frozen=True, kw_only=True)
class PlanOptions:
    """Options of the transport; the fields are those of ``GraphAligner``."""

    alpha: float
    node_solver: str
    node_epsilon: float
    node_steps: int
    edge_form: str
    edge_far: float
    edge_start: str
    edge_epsilon: float
    edge_relative: bool
    edge_steps: int
    edge_inner_steps: int
    edge_loss: str


@dataclass(frozen=True, eq=False)
class Distances:
    """Cosine distances between the nodes of two graphs, and which nodes are adjacent."""

    between: Float[np.ndarray, "objects words"]
    objects: Float[np.ndarray, "objects objects"]
    words: Float[np.ndarray, "words words"]
    object_edges: Bool[np.ndarray, "objects objects"]
    word_edges: Bool[np.ndarray, "words words"]


def transport_plan(
    distances: Distances, options: PlanOptions
) -> Float[np.ndarray, "objects words"]:
    """Match the objects of a post with its words.

    Args:
        distances: The nodes and edges of both graphs, at least one node each.
        options: The transport.

    Returns:
        Share of the mass moved from an object to a word.
    """
    rows, columns = (np.full(size, 1 / size) for size in distances.between.shape)
    masses = _Masses(rows, columns)
    nodes = _node_plan(distances.between.astype(np.float64), masses, options)
    if options.alpha == 1:
        return nodes
    edges = _edge_plan(distances, nodes, masses, options)
    return options.alpha * nodes + (1 - options.alpha) * edges


@dataclass(frozen=True, eq=False)
class _Masses:
    rows: np.ndarray
    columns: np.ndarray

    def error(self, plan: _Matrix) -> float:
        rows = np.abs(plan.sum(axis=1) - self.rows).sum()
        return float(rows + np.abs(plan.sum(axis=0) - self.columns).sum())

    def keep(self, plan: _Matrix) -> _Matrix:
        """Project a plan onto the masses (Altschuler et al. 2017, algorithm 2)."""
        plan = plan * np.minimum(self.rows / plan.sum(axis=1).clip(_TINY), 1)[:, None]
        plan = plan * np.minimum(self.columns / plan.sum(axis=0).clip(_TINY), 1)
        rows = (self.rows - plan.sum(axis=1)).clip(0)
        columns = (self.columns - plan.sum(axis=0)).clip(0)
        kept: _Matrix = plan + rows[:, None] * columns / max(rows.sum(), columns.sum(), _TINY)
        return kept


def _node_plan(cost: _Matrix, masses: _Masses, options: PlanOptions) -> _Matrix:
    """Match nodes by their own distances (equation 5)."""
    solver = options.node_solver
    product = np.outer(masses.rows, masses.columns)
    if solver == "ipot":
        shrink = np.exp((cost.min(axis=0) - cost) / options.node_epsilon)
        plan = product
    else:
        shrink, plan = np.ones_like(cost), np.exp((cost.min() - cost) / options.node_epsilon)
    before = product
    for step in range(1, options.node_steps + 1):
        plan = plan * shrink
        plan = plan * (masses.columns / plan.sum(axis=0))
        scale = (masses.rows / plan.sum(axis=1))[:, None]
        plan = plan * scale
        if solver == "ipot":
            shrink = shrink * scale
        if step % _BLOCKS[solver] == 0:
            moved = np.abs(plan - before).sum() if solver == "ipot" else 0.0
            if max(masses.error(plan), moved) <= TOLERANCE:
                break
            before = plan
    return masses.keep(plan) if solver == "ipot" else plan


def _edge_plan(
    distances: Distances, nodes: _Matrix, masses: _Masses, options: PlanOptions
) -> _Matrix:
    """Match edges by their lengths (equation 6), by proximal steps."""
    cost = _edge_cost(distances, masses, options)
    product = np.outer(masses.rows, masses.columns)
    slope = 2 / options.edge_epsilon
    if options.edge_relative:
        slope /= max(float((product * cost(product)).sum()), 1e-6)
    starts_at_nodes = options.edge_start == "nodes"
    plan = masses.keep((product + nodes) / 2) if starts_at_nodes else product
    logs, guess = np.log(plan.clip(_TINY)), np.zeros(len(masses.rows))
    for _ in range(options.edge_steps):
        logs = logs - slope * cost(plan) + guess[:, None]
        logs, log_u = _fit(logs, masses, options.edge_inner_steps)
        guess = guess + log_u
        new = np.exp(logs)
        error = max(masses.error(new), np.abs(new - plan).sum())
        plan = new
        if error <= TOLERANCE:
            break
    return masses.keep(plan)


def _fit(logs: _Matrix, masses: _Masses, steps: int) -> tuple[_Matrix, np.ndarray]:
    """Scale the columns, then the rows, of a kernel to their masses, ``steps`` times."""
    peak = logs.max(axis=0)
    kernel = np.exp(logs - peak) + _TINY
    transposed = np.ascontiguousarray(kernel.T)
    u = np.ones_like(masses.rows)
    v = masses.columns
    for _ in range(steps):
        v = masses.columns / (u @ kernel)
        u = masses.rows / (v @ transposed)
    log_u = np.log(u)
    return logs + log_u[:, None] + (np.log(v) - peak), log_u


@dataclass(frozen=True, eq=False)
class _Edges:
    """One graph: its distances, 0 but between neighbours, and the pairs that count."""

    distance: _Matrix
    near: np.ndarray
    strangers: _Matrix

    @classmethod
    def of(cls, distance: _Matrix, adjacency: np.ndarray, form: str) -> "_Edges":
        distance, near = distance.astype(np.float64), adjacency | adjacency.T
        strangers = np.zeros_like(distance)
        if form != "letter":
            np.fill_diagonal(distance, 0.0)
            near = near | np.eye(len(near), dtype=bool)
            strangers = (~near).astype(np.float64)
        return cls(np.where(near, distance, 0.0), near, strangers)


def _edge_cost(
    distances: Distances, masses: _Masses, options: PlanOptions
) -> Callable[[_Matrix], Any]:
    """Return the cost of edges as a function of the plan; see ``jmere.align.edges``."""
    form = options.edge_form
    first = _Edges.of(distances.objects, distances.object_edges, form)
    second = _Edges.of(distances.words, distances.word_edges, form)
    apart = options.edge_far if form == "far" else 0.0
    if options.edge_loss == "square":
        return _square_cost(first, second, masses, form=form, apart=apart)
    among = _absolute_cost(first, second)
    if form == "letter":
        return among
    row_edges = np.abs(first.distance - apart) * first.near
    column_edges = np.abs(second.distance - apart) * second.near
    return lambda plan: (
        among(plan) + row_edges @ plan @ second.strangers + first.strangers @ plan @ column_edges
    )


def _absolute_cost(first: _Edges, second: _Edges) -> Callable[[_Matrix], Any]:
    head, tail = first.near.nonzero()
    other_head, other_tail = second.near.nonzero()
    lengths, others = first.distance[head, tail], second.distance[other_head, other_tail]
    differences = np.abs(lengths[:, None] - others)
    to_rows = (np.arange(len(first.near))[:, None] == head).astype(np.float64)
    to_columns = (other_head[:, None] == np.arange(len(second.near))).astype(np.float64)
    chosen = np.ix_(tail, other_tail)
    return lambda plan: to_rows @ (differences * plan[chosen]) @ to_columns


def _square_cost(
    first: _Edges, second: _Edges, masses: _Masses, *, form: str, apart: float
) -> Callable[[_Matrix], Any]:
    if form == "letter":
        rows, columns = first.distance, second.distance
        near_rows, near_columns = first.near.astype(np.float64), second.near.astype(np.float64)
        return lambda plan: (
            rows**2 @ plan @ near_columns
            - 2 * (rows @ plan @ columns)
            + near_rows @ plan @ columns**2
        )
    rows = first.distance + apart * first.strangers
    columns = second.distance + apart * second.strangers
    constant = (rows**2 @ masses.rows)[:, None] + columns**2 @ masses.columns
    return lambda plan: constant - 2 * (rows @ plan @ columns)
