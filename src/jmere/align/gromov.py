"""The Gromov-Wasserstein distance: edge matching, equation 6 of EEGA."""

from typing import Literal

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from jmere.align.edges import FAR, EdgeCost, EdgeForm, EdgeLoss, edge_cost
from jmere.align.iteration import Advance, iterate
from jmere.align.scaling import LOG_ZERO, NOTHING, fit
from jmere.align.transport import Masses, Transport, check_positive, full_precision


def gromov_wasserstein(
    row_distance: Float[Tensor, "batch rows rows"],
    column_distance: Float[Tensor, "batch columns columns"],
    row_mass: Float[Tensor, "batch rows"],
    column_mass: Float[Tensor, "batch columns"],
    *,
    row_adjacency: Bool[Tensor, "batch rows rows"] | None = None,
    column_adjacency: Bool[Tensor, "batch columns columns"] | None = None,
    edge_form: EdgeForm = "far",
    far: float = FAR,
    loss: EdgeLoss = "absolute",
    start: Float[Tensor, "batch rows columns"] | None = None,
    solver: Literal["proximal", "projected"] = "proximal",
    epsilon: float = 0.1,
    relative: bool = False,
    outer_steps: int = 20,
    inner_steps: int = 20,
    tolerance: float = 1e-4,
    unroll: bool = False,
) -> Transport:
    """Match the nodes of two graphs so that matched edges have similar lengths.

    Minimises ``sum over i, i', j, j' of plan[i, j] * plan[i', j'] * L(row_distance[i, i'],
    column_distance[j, j'])`` over the plans with these masses. Two nodes that are not
    adjacent are at a distance that ``edge_form`` fixes. The problem is not convex: the
    result is a local minimum. Masses, padding and precision
    are as in `sinkhorn`.

    Args:
        row_distance: Distances between the rows' nodes; symmetric.
        column_distance: Distances between the columns' nodes; symmetric.
        row_mass: Weight of each row; the sum is the columns', post by post.
        column_mass: Weight of each column.
        row_adjacency: Which rows are neighbours, in either direction; all by default.
            In ``letter`` a node is its own neighbour only if the diagonal says so; in the
            other forms it is at distance 0 from itself.
        column_adjacency: Which columns are neighbours.
        edge_form: What a pair of nodes that are not adjacent counts as: ``"far"``, ``"product"``
            or ``"letter"`` (``jmere.align.edges.EdgeForm``). Only the first two make an edge
            prefer an edge. Without adjacency all three are the same.
        far: The distance of such a pair in ``"far"``.
        loss: ``"absolute"`` difference, as EEGA writes it, or ``"square"``, as its code has it:
            faster, and POT's ``square_loss``.
        start: The plan to start from; the masses' product by default. A start that leans to
            one of several equal matches decides between them.
        solver: ``"proximal"`` steps sharpen the plan from one to the next (Xu et al. 2019;
            POT's ``PPA``, with masses that hold); ``"projected"`` gradient steps keep it smooth
            (Peyré et al. 2016; POT's ``PGD``, step by step).
        epsilon: Smoothing, in the unit of the loss; smaller steps further.
        relative: Take ``epsilon`` as a share of what the masses' product costs, post by post, so
            that the plans do not depend on the scale of the distances.
        outer_steps: Number of times the cost is recomputed from the plan.
        inner_steps: Sinkhorn steps in each of them.
        tolerance: Largest error of a converged post; 0 takes every step.
        unroll: Let gradients pass through the steps. By default the plan is a constant,
            and gradients reach the distances through the cost alone (envelope theorem).

    Raises:
        ValueError: If ``edge_form``, ``loss`` or ``solver`` is unknown, or ``far``, ``epsilon``
            or a number of steps is not positive.

    Example:
        >>> path = torch.tensor([[[0.0, 1.0, 2.0], [1.0, 0.0, 1.0], [2.0, 1.0, 0.0]]])
        >>> mass = torch.full((1, 3), 1 / 3)
        >>> gromov_wasserstein(path, path, mass, mass).plan.shape
        torch.Size([1, 3, 3])
    """
    check_positive(far=far, epsilon=epsilon, outer_steps=outer_steps, inner_steps=inner_steps)
    if solver not in ("proximal", "projected"):
        raise ValueError(f"solver must be 'proximal' or 'projected', got {solver!r}")
    with torch.autocast(row_distance.device.type, enabled=False):
        rows, columns = full_precision(row_distance), full_precision(column_distance)
        masses = Masses.of(row_mass, column_mass, rows.dtype)
        cost = edge_cost(
            rows,
            columns,
            row_adjacency,
            column_adjacency,
            masses,
            form=edge_form,
            far=far,
            loss=loss,
        )
        with torch.set_grad_enabled(unroll and torch.is_grad_enabled()):
            product = masses.product()
            # The derivative of a quadratic form is twice its matrix times the plan.
            slope = rows.new_full((len(rows), 1, 1), 2 / epsilon)
            if relative:
                slope = slope / _value(cost, product).detach().clamp(min=_SMALLEST)[:, None, None]
            first = product if start is None else masses.keep(start.detach().to(rows))
            absent = ~masses.pairs()
            advance = _proximal if solver == "proximal" else _projected
            plan, error = iterate(
                advance(cost, masses, absent, slope=slope, unroll=unroll),
                first.clamp(min=NOTHING).log().masked_fill(absent, LOG_ZERO),
                first,
                masses,
                rounds=[inner_steps] * outer_steps,
                tolerance=tolerance,
                moving=True,
            )
            plan = masses.keep(plan) if solver == "proximal" else plan
        return Transport(plan, _value(cost, plan), error <= tolerance, error)


_SMALLEST = 1e-6
"""Cost of the masses' product below which there is nothing to match."""


def _value(cost: EdgeCost, plan: Float[Tensor, "batch rows columns"]) -> Float[Tensor, " batch"]:
    return (plan * cost(plan)).sum(dim=(1, 2))


def _projected(
    cost: EdgeCost,
    masses: Masses,
    absent: Bool[Tensor, "batch rows columns"],
    *,
    slope: Float[Tensor, "batch 1 1"],
    unroll: bool,
) -> Advance:
    def advance(_: Tensor, plan: Tensor, steps: int) -> Tensor:
        log_kernel = cost(plan).mul_(-slope).masked_fill(absent, LOG_ZERO)
        return fit(log_kernel, masses, steps=steps, unroll=unroll)[0]

    return advance


def _proximal(
    cost: EdgeCost,
    masses: Masses,
    absent: Bool[Tensor, "batch rows columns"],
    *,
    slope: Float[Tensor, "batch 1 1"],
    unroll: bool,
) -> Advance:
    # As in `Descent`, the last scaling is the first guess: the masses would lag behind otherwise.
    guess = torch.zeros_like(masses.rows)

    def advance(log_plan: Tensor, plan: Tensor, steps: int) -> Tensor:
        nonlocal guess
        # In place: the cost is a new tensor each time.
        log_kernel = cost(plan).mul_(-slope).add_(log_plan).add_(guess[:, :, None])
        log_plan, log_u = fit(log_kernel, masses, steps=steps, unroll=unroll)
        guess = guess + log_u
        return log_plan

    return advance
