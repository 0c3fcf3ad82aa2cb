"""The Gromov-Wasserstein distance: edge matching, equation 6 of EEGA."""

from typing import Literal

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from jmere.align.edges import edge_cost
from jmere.align.iteration import iterate
from jmere.align.scaling import ABSENT, fit
from jmere.align.transport import Masses, Transport, check_positive, full_precision


def gromov_wasserstein(
    row_distance: Float[Tensor, "batch rows rows"],
    column_distance: Float[Tensor, "batch columns columns"],
    row_mass: Float[Tensor, "batch rows"],
    column_mass: Float[Tensor, "batch columns"],
    *,
    row_adjacency: Bool[Tensor, "batch rows rows"] | None = None,
    column_adjacency: Bool[Tensor, "batch columns columns"] | None = None,
    loss: Literal["absolute", "square"] = "absolute",
    solver: Literal["proximal", "projected"] = "proximal",
    epsilon: float = 0.1,
    outer_steps: int = 5,
    inner_steps: int = 20,
    tolerance: float = 1e-4,
    unroll: bool = False,
) -> Transport:
    """Match the nodes of two graphs so that matched edges are alike.

    Lowers ``sum over i, i', j, j' of plan[i, j] * plan[i', j'] * L(row_distance[i, i'],
    column_distance[j, j'])`` over the plans with these masses, where ``i, i'`` are
    adjacent among the rows and ``j, j'`` among the columns; other pairs do not
    contribute. The problem is not convex: what is found is a good match, seldom
    provably the best. Masses, padding and precision are as in `sinkhorn`.

    Args:
        row_distance: Distances between the rows' nodes; symmetric.
        column_distance: Distances between the columns' nodes; symmetric.
        row_mass: Weight of each row; the sum is the columns', post by post.
        column_mass: Weight of each column.
        row_adjacency: Which rows are neighbours, in either direction; all by default.
            A node is its own neighbour only if the diagonal says so.
        column_adjacency: Which columns are neighbours.
        loss: ``"absolute"`` difference, as EEGA writes it, or ``"square"``, as its code has it:
            faster, and POT's ``square_loss``.
        solver: ``"proximal"`` steps sharpen the plan from one to the next (Xu et al. 2019;
            POT's ``PPA``); ``"projected"`` gradient steps keep it smooth (Peyré et al.
            2016; POT's ``PGD``).
        epsilon: Smoothing, in the unit of the loss.
        outer_steps: Times the cost is computed anew from the plan.
        inner_steps: Sinkhorn steps in each of them.
        tolerance: Largest error to stop at, post by post; 0 takes every step.
        unroll: Let gradients pass through the steps. By default the plan is a constant,
            and gradients reach the distances through the cost alone (envelope theorem).

    Raises:
        ValueError: If ``loss`` or ``solver`` is unknown, or ``epsilon`` or a number of steps
            is not positive.
    """
    check_positive(epsilon=epsilon, outer_steps=outer_steps, inner_steps=inner_steps)
    if solver not in ("proximal", "projected"):
        raise ValueError(f"solver must be 'proximal' or 'projected', got {solver!r}")
    with torch.autocast(row_distance.device.type, enabled=False):
        rows, columns = full_precision(row_distance), full_precision(column_distance)
        masses = Masses.of(row_mass, column_mass, rows.dtype)
        cost = edge_cost(loss, rows, columns, row_adjacency, column_adjacency, masses)
        with torch.set_grad_enabled(unroll and torch.is_grad_enabled()):
            start = masses.product()
            log_start = start.log().masked_fill(~masses.pairs(), ABSENT)
            flat = torch.zeros_like(start).masked_fill(~masses.pairs(), ABSENT)

            def advance(log_plan: Tensor, plan: Tensor, steps: int) -> Tensor:
                # The derivative of a quadratic form is twice its matrix times the plan.
                slope = cost(plan) * (2 / epsilon)
                centre = log_plan if solver == "proximal" else flat
                return fit(centre - slope, masses, steps=steps, unroll=unroll)

            plan, error = iterate(
                advance,
                log_start,
                start,
                masses,
                rounds=[inner_steps] * outer_steps,
                tolerance=tolerance,
                moving=True,
            )
        return Transport(plan, (plan * cost(plan)).sum(dim=(1, 2)), error <= tolerance, error)
