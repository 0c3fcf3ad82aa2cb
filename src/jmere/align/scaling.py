"""Sinkhorn's iteration: fit a plan's columns and rows to their masses, in turn.

Every solver here is this iteration with some kernel. Kernels are kept as
logarithms, so that nothing is lost however sharp a cost is. Within a block of steps a
kernel is scaled as plain numbers, two small products a step, and the scalings are
then absorbed into its logarithm (Schmitzer 2019, section 3). A post whose scalings
leave the range where plain numbers are exact repeats the block in logarithms: the
same steps and the same answer, only slower.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from jmere.align.transport import Masses

ABSENT = -1e30
"""Logarithm of a plan's padding: 0 as a number, and finite as a logarithm."""

_NOTHING = 1e-30
"""Added to a kernel, so that padding isn't divided by 0; e^40 times it is still nothing."""

_EXACT = 20.0
"""Largest logarithm of a scaling at which what a kernel cannot hold has no weight."""


def fit(
    log_kernel: Float[Tensor, "batch rows columns"],
    masses: Masses,
    *,
    steps: int,
    unroll: bool,
    slope: Float[Tensor, "batch rows columns"] | None = None,
    rounds: int = 1,
) -> Float[Tensor, "batch rows columns"]:
    """Scale the columns, then the rows, of a kernel to their masses, ``steps`` times.

    Args:
        log_kernel: Logarithm of the kernel, ``ABSENT`` on padding.
        masses: What columns and rows should sum to.
        steps: Scalings in a round.
        unroll: Whether gradients pass through the steps; slower.
        slope: Taken from the logarithm at the start of every round; 0 on padding.
        rounds: How often to take the slope and scale.

    Returns:
        Logarithm of the scaled kernel, whose rows have their masses.
    """
    if log_kernel.numel() == 0:
        return log_kernel
    if unroll:
        return _in_logarithms(log_kernel, masses, steps, slope, rounds)
    return _in_numbers(log_kernel, masses, steps, slope, rounds)


def _in_logarithms(
    log_kernel: Float[Tensor, "batch rows columns"],
    masses: Masses,
    steps: int,
    slope: Float[Tensor, "batch rows columns"] | None,
    rounds: int,
) -> Float[Tensor, "batch rows columns"]:
    rows, columns = masses.rows[:, :, None], masses.columns[:, None, :]
    log_rows, log_columns = rows.log(), columns.log()
    for _ in range(rounds):
        if slope is not None:
            log_kernel = log_kernel - slope
        for _ in range(steps):
            for dim, mass, log_mass in ((1, columns, log_columns), (2, rows, log_rows)):
                missing = log_mass - log_kernel.logsumexp(dim=dim, keepdim=True)
                log_kernel = log_kernel + missing.where(mass > 0, torch.zeros_like(missing))
    return log_kernel


def _in_numbers(
    log_kernel: Float[Tensor, "batch rows columns"],
    masses: Masses,
    steps: int,
    slope: Float[Tensor, "batch rows columns"] | None,
    rounds: int,
) -> Float[Tensor, "batch rows columns"]:
    # A row vector from the left is the fast way to multiply many small matrices.
    rows, columns = masses.rows[:, None, :], masses.columns[:, None, :]
    # A step begins with the columns, and so their scale is free to choose.
    peak = log_kernel.amax(dim=1, keepdim=True)
    kernel = (log_kernel - peak).exp_().add_(_NOTHING)
    shrink = None if slope is None else (-slope).exp_()
    u, v = torch.ones_like(rows), torch.empty_like(columns)
    first = u
    for _ in range(rounds):
        if shrink is not None:
            kernel *= shrink
        transposed = kernel.mT if steps == 1 else kernel.mT.contiguous()
        for _ in range(steps):
            torch.div(columns, torch.bmm(u, kernel, out=v), out=v)
            torch.div(rows, torch.bmm(v, transposed, out=u), out=u)
            if first is u:
                first = u.clone()

    log_u, log_v = _logarithm(u, rows), _logarithm(v, columns)
    reached = torch.cat([log_u, log_v, _logarithm(first, rows)], dim=2)
    wild = ~(reached.abs() <= _EXACT).all(dim=2).flatten()
    log_v -= peak.where(columns > 0, torch.zeros_like(peak))
    fitted = (log_kernel + log_u.mT).add_(log_v)
    if slope is not None:
        fitted.sub_(slope, alpha=rounds)
    if wild.any():
        some_slope = None if slope is None else slope[wild]
        fitted[wild] = _in_logarithms(log_kernel[wild], masses[wild], steps, some_slope, rounds)
    return fitted


def _logarithm(
    scaling: Float[Tensor, "batch 1 nodes"], mass: Float[Tensor, "batch 1 nodes"]
) -> Float[Tensor, "batch 1 nodes"]:
    return scaling.where(mass > 0, torch.ones_like(scaling)).log()
