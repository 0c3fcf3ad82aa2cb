"""Sinkhorn's iteration: fit a plan's columns and rows to their masses, in turn.

Every solver here is this iteration with some kernel. Kernels are kept as
logarithms, so that nothing is lost however sharp a cost is. Within a block of steps a
kernel is scaled as plain numbers, two small products a step, and the scalings are
then absorbed into its logarithm (Schmitzer 2019, section 3). A post whose scalings
leave the range where plain numbers are exact repeats the block in logarithms: the
same steps and the same answer, only slower.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from jmere.align.transport import Masses

LOG_ZERO = -1e30
"""Logarithm of padding in a plan: finite, and 0 after ``exp``."""

NOTHING = 1e-30
"""Added where a padded row would be divided by 0; without weight even when scaled by e^40."""

_EXACT = 20.0
"""Largest logarithm of a scaling at which what a kernel cannot hold has no weight."""

Scaled = tuple[Float[Tensor, "batch rows columns"], Float[Tensor, "batch rows"]]


def fit(
    log_kernel: Float[Tensor, "batch rows columns"], masses: Masses, *, steps: int, unroll: bool
) -> Scaled:
    """Scale the columns, then the rows, of a kernel to their masses, ``steps`` times.

    Args:
        log_kernel: Logarithm of the kernel, ``LOG_ZERO`` on padding.
        masses: What columns and rows should sum to.
        steps: Number of iterations.
        unroll: Whether gradients pass through the steps; slower.

    Returns:
        Logarithms of the scaled kernel, whose rows have their masses, and of the rows' scaling.
    """
    if log_kernel.numel() == 0:
        return log_kernel, torch.zeros_like(masses.rows)
    if unroll:
        return in_logarithms(log_kernel, masses, steps)
    kernel, peak = as_numbers(log_kernel, masses)
    u, v = scale(kernel, masses, torch.ones_like(masses.rows), steps)
    log_u, log_v = logarithm(u, masses.no_row), logarithm(v, masses.no_column)
    fitted = log_kernel + log_u[:, :, None]
    fitted += (log_v - peak)[:, None, :]
    wild = leaves_range(log_u, log_v)
    if wild.any():
        fitted[wild], log_u[wild] = in_logarithms(log_kernel[wild], masses[wild], steps)
    return fitted, log_u


def in_logarithms(
    log_kernel: Float[Tensor, "batch rows columns"], masses: Masses, steps: int
) -> Scaled:
    """Do the same as ``fit`` in the logarithmic domain only."""
    log_u = torch.zeros_like(masses.rows)
    for _ in range(steps):
        log_kernel = log_kernel + _missing(log_kernel, masses.columns, dim=1)[:, None, :]
        missing = _missing(log_kernel, masses.rows, dim=2)
        log_kernel, log_u = log_kernel + missing[:, :, None], log_u + missing
    return log_kernel, log_u


def _missing(
    log_kernel: Float[Tensor, "batch rows columns"], mass: Float[Tensor, "batch nodes"], dim: int
) -> Float[Tensor, "batch nodes"]:
    missing = mass.log() - log_kernel.logsumexp(dim=dim)
    return missing.where(mass > 0, torch.zeros_like(missing))


def as_numbers(
    log_kernel: Float[Tensor, "batch rows columns"], masses: Masses
) -> tuple[Float[Tensor, "batch rows columns"], Float[Tensor, "batch columns"]]:
    """Return a kernel whose columns have maximum 1, and the logarithms subtracted for it.

    A step begins with the columns, so their scale is arbitrary.
    """
    peak = log_kernel.amax(dim=1).masked_fill_(masses.no_column, 0.0)
    return (log_kernel - peak[:, None, :]).exp_().add_(NOTHING), peak


def scale(
    kernel: Float[Tensor, "batch rows columns"],
    masses: Masses,
    u: Float[Tensor, "batch rows"],
    steps: int,
) -> tuple[Float[Tensor, "batch rows"], Float[Tensor, "batch columns"]]:
    """Scale a kernel as plain numbers, from the rows' scaling ``u`` on.

    Returns:
        The scalings of the rows and of the columns.
    """
    # A row vector from the left is the fast way to multiply many small matrices.
    rows, columns = masses.rows[:, None, :], masses.columns[:, None, :]
    transposed = kernel.mT if steps == 1 else kernel.mT.contiguous()
    u, v = u[:, None, :].clone(), torch.empty_like(columns)
    for _ in range(steps):
        torch.div(columns, torch.bmm(u, kernel, out=v), out=v)
        torch.div(rows, torch.bmm(v, transposed, out=u), out=u)
    return u[:, 0], v[:, 0]


def logarithm(
    scaling: Float[Tensor, "batch nodes"], padding: Bool[Tensor, "batch nodes"]
) -> Float[Tensor, "batch nodes"]:
    """Return the logarithm of a scaling; 0 on padding."""
    return scaling.masked_fill(padding, 1.0).log_()


def leaves_range(*log_scalings: Float[Tensor, "batch _"]) -> Bool[Tensor, " batch"]:
    """Return the posts with a scaling outside the exact range of plain numbers, or NaN."""
    return ~(torch.cat(log_scalings, dim=1).abs() <= _EXACT).all(dim=1)
