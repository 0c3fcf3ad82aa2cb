"""Iteration of every solver: stops when all posts have converged; converged plans stay fixed."""

from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from jmere.align.transport import Masses

Advance = Callable[[Tensor, Tensor, int], Tensor]
"""Takes a plan's logarithm, the plan, and a number of steps; gives the next plan's logarithm."""


def iterate(
    advance: Advance,
    log_plan: Float[Tensor, "batch rows columns"],
    plan: Float[Tensor, "batch rows columns"],
    masses: Masses,
    *,
    rounds: Sequence[int],
    tolerance: float,
    moving: bool,
) -> tuple[Float[Tensor, "batch rows columns"], Float[Tensor, " batch"]]:
    """Advance plans round by round, each until its error meets the tolerance.

    A converged plan is kept unchanged while the other posts continue, so the
    result of a post never depends on its batch.

    Args:
        advance: Function of one round.
        log_plan: Logarithm of the initial plan.
        plan: Initial plan.
        masses: What the plan's rows and columns should sum to.
        rounds: Number of steps of each round.
        tolerance: Largest error to stop at.
        moving: Whether mass moved by the last round counts as error.

    Returns:
        The plans and their errors.
    """
    error = masses.rows.new_full(masses.rows.shape[:1], torch.inf)
    count = 0
    for steps in rounds:
        log_plan = advance(log_plan, plan, steps)
        new_plan = log_plan.exp()
        new_error = masses.error(new_plan)
        if moving:
            new_error = new_error.maximum((new_plan - plan).abs().sum(dim=(1, 2)))
        if count:
            done = error <= tolerance
            new_plan = plan.where(done[:, None, None], new_plan)
            new_error = error.where(done, new_error)
        plan, error = new_plan, new_error
        count = int((error <= tolerance).sum())
        if count == len(error):
            break
    return plan, error.detach()


def split_converged(steps: int, block: int) -> list[int]:
    """Split a number of steps into blocks; the last one may be shorter.

    Example:
        >>> split_converged(25, 10)
        [10, 10, 5]
    """
    return [min(block, steps - done) for done in range(0, steps, block)]
