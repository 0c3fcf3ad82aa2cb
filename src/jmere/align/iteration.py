"""The loop around every solver: stop where all is still, and let what is done rest."""

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

    A plan that has met it is kept as it is while its neighbours go on, so that
    a post's answer never depends on its batch.

    Args:
        advance: One round.
        log_plan: Where to start.
        plan: Where to start, as numbers.
        masses: What the plan's rows and columns should sum to.
        rounds: Number of steps of each round.
        tolerance: Largest error to stop at.
        moving: Whether mass that the last round moved counts as error.

    Returns:
        The plans and their errors.
    """
    error = masses.rows.new_full(masses.rows.shape[:1], torch.inf)
    for steps in rounds:
        log_plan = advance(log_plan, plan, steps)
        new_plan = log_plan.exp()
        new_error = masses.error(new_plan)
        if moving:
            new_error = new_error.maximum((new_plan - plan).abs().sum(dim=(1, 2)))
        done = error <= tolerance
        plan = plan.where(done[:, None, None], new_plan)
        error = error.where(done, new_error)
        if (error <= tolerance).all():
            break
    return plan, error.detach()


def split_converged(steps: int, block: int) -> list[int]:
    """Steps in blocks, the last one shorter where they don't come out even."""
    return [min(block, steps - done) for done in range(0, steps, block)]
