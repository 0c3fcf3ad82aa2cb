"""Entropic optimal transport between two sets of nodes."""

import torch
from jaxtyping import Float
from torch import Tensor

from jmere.align.iteration import iterate, split_converged
from jmere.align.scaling import LOG_ZERO, fit
from jmere.align.transport import Masses, Transport, check_positive, full_precision

_BLOCK = 20
"""Steps between two convergence checks."""


def sinkhorn(
    cost: Float[Tensor, "batch rows columns"],
    row_mass: Float[Tensor, "batch rows"],
    column_mass: Float[Tensor, "batch columns"],
    *,
    epsilon: float,
    steps: int = 200,
    tolerance: float = 1e-4,
    unroll: bool = False,
) -> Transport:
    """Match rows with columns by entropy-regularised optimal transport (Cuturi 2013).

    Solves ``min <cost, plan> - epsilon * entropy(plan)`` over the plans with
    these masses. A padded row or column has mass 0 and takes no part; a post
    without rows or without columns has a zero plan of value 0. Works in float32
    at least, and stays exact where ``exp(-cost / epsilon)`` would underflow.

    Args:
        cost: Price of moving a unit of mass from a row to a column.
        row_mass: Weight of each row; the sum is the columns', post by post.
        column_mass: Weight of each column.
        epsilon: Regularisation, in the unit of ``cost``; smaller values are sharper and slower.
        steps: Updates after which to stop, converged or not.
        tolerance: Largest error of a converged post, checked every 20 steps. The plan of a
            converged post no longer changes. 0 takes every step.
        unroll: Let gradients pass through the steps. By default the plan is a
            constant: by the envelope theorem ``value``'s gradient in ``cost`` is then
            the gradient of the whole minimum.

    Raises:
        ValueError: If ``epsilon`` or ``steps`` is not positive.

    Example:
        >>> cost, mass = torch.tensor([[[0.0, 1.0], [1.0, 0.0]]]), torch.full((1, 2), 0.5)
        >>> sinkhorn(cost, mass, mass, epsilon=0.01).plan.round(decimals=3).tolist()
        [[[0.5, 0.0], [0.0, 0.5]]]
    """
    check_positive(epsilon=epsilon, steps=steps)
    with torch.autocast(cost.device.type, enabled=False):
        cost = full_precision(cost)
        masses = Masses.of(row_mass, column_mass, cost.dtype)
        cost = cost.where(masses.pairs(), torch.zeros_like(cost))
        with torch.set_grad_enabled(unroll and torch.is_grad_enabled()):
            plan, error = iterate(
                lambda log_plan, _, steps: fit(log_plan, masses, steps=steps, unroll=unroll)[0],
                (-cost / epsilon).masked_fill(~masses.pairs(), LOG_ZERO),
                torch.zeros_like(cost),
                masses,
                rounds=split_converged(steps, _BLOCK),
                tolerance=tolerance,
                moving=False,
            )
        return Transport(plan, (plan * cost).sum(dim=(1, 2)), error <= tolerance, error)
