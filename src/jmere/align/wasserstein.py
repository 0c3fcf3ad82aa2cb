"""The Wasserstein distance: node matching, equation 5 of EEGA."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from jmere.align.iteration import iterate, split_converged
from jmere.align.proximal import Descent
from jmere.align.scaling import LOG_ZERO
from jmere.align.transport import Masses, Transport, check_positive, full_precision

_BLOCK = 10
"""Outer steps between two convergence checks."""


def wasserstein(
    cost: Float[Tensor, "batch rows columns"],
    row_mass: Float[Tensor, "batch rows"],
    column_mass: Float[Tensor, "batch columns"],
    *,
    epsilon: float = 0.5,
    outer_steps: int = 20,
    inner_steps: int = 1,
    tolerance: float = 1e-4,
    unroll: bool = False,
) -> Transport:
    """Match rows with columns at minimum cost, by proximal steps (IPOT; Xie et al. 2020).

    Each outer step solves ``min <cost, plan> + epsilon * KL(plan | last plan)``, so
    the plans converge to the optimal one for any ``epsilon``, where those of `sinkhorn` stay
    smooth. The last plan is projected onto the masses, so the value is never below the true
    distance. Masses, padding and precision are as in `sinkhorn`.

    Args:
        cost: Price of moving a unit of mass from a row to a column.
        row_mass: Weight of each row; the sum is the columns', post by post.
        column_mass: Weight of each column.
        epsilon: Proximal weight, in the unit of ``cost``; smaller values take larger steps
            and need more ``inner_steps``.
        outer_steps: Proximal steps after which to stop, converged or not.
        inner_steps: Sinkhorn steps in each of them.
        tolerance: Largest error to stop at, post by post; 0 takes every step.
        unroll: Let gradients pass through the steps. By default the plan is a
            constant, and ``value``'s gradient in ``cost`` is the plan (envelope theorem).

    Raises:
        ValueError: If ``epsilon`` or a number of steps is not positive.

    Example:
        >>> cost, mass = torch.tensor([[[0.0, 1.0], [1.0, 0.0]]]), torch.full((1, 2), 0.5)
        >>> match = wasserstein(cost, mass, mass, epsilon=0.1)
        >>> match.value.tolist(), match.converged.tolist()
        ([0.0], [True])
    """
    check_positive(epsilon=epsilon, outer_steps=outer_steps, inner_steps=inner_steps)
    with torch.autocast(cost.device.type, enabled=False):
        cost = full_precision(cost)
        masses = Masses.of(row_mass, column_mass, cost.dtype)
        pairs = masses.pairs()
        cost = cost.where(pairs, torch.zeros_like(cost))
        with torch.set_grad_enabled(unroll and torch.is_grad_enabled()):
            start = masses.product()
            descent = Descent(
                _above_cheapest(cost, pairs) / epsilon,
                masses,
                inner_steps=inner_steps,
                unroll=unroll,
            )
            plan, error = iterate(
                descent.advance,
                start.log().masked_fill(~pairs, LOG_ZERO),
                start,
                masses,
                rounds=split_converged(outer_steps, _BLOCK),
                tolerance=tolerance,
                moving=True,
            )
            plan = masses.keep(plan)
        return Transport(plan, (plan * cost).sum(dim=(1, 2)), error <= tolerance, error)


def _above_cheapest(
    cost: Float[Tensor, "batch rows columns"], pairs: Bool[Tensor, "batch rows columns"]
) -> Float[Tensor, "batch rows columns"]:
    """Subtract each column's minimum: the plans are the same, the numbers smaller."""
    if cost.numel() == 0:
        return cost
    cheapest = cost.detach().masked_fill(~pairs, torch.inf).amin(dim=1, keepdim=True)
    return (cost - cheapest).where(pairs, torch.zeros_like(cost))
