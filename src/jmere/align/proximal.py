"""Proximal steps towards the minimum of a linear cost."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from jmere.align.scaling import (
    NOTHING,
    as_numbers,
    in_logarithms,
    leaves_range,
    logarithm,
    scale,
)
from jmere.align.transport import Masses

State = tuple[Float[Tensor, "batch rows columns"], Float[Tensor, "batch rows columns"]]
"""Logarithm of a plan, and the slope of the next step."""


class Descent:
    """Each outer step multiplies the plan by ``exp(-slope)`` and fits it to the masses.

    One step's scaling of the rows is the first guess at the next one's, as in algorithm 2 of
    Xie et al. 2020: near the end every step needs the same, and with a fresh start each
    time the masses would lag behind for ever. The guess is kept in the slope.
    """

    def __init__(
        self,
        slope: Float[Tensor, "batch rows columns"],
        masses: Masses,
        *,
        inner_steps: int,
        unroll: bool,
    ) -> None:
        self.slope, self.masses = slope, masses
        self.inner_steps, self.unroll = inner_steps, unroll

    def advance(
        self,
        log_plan: Float[Tensor, "batch rows columns"],
        _plan: Float[Tensor, "batch rows columns"],
        outer_steps: int,
    ) -> Float[Tensor, "batch rows columns"]:
        """Take some outer steps and return the logarithm of the plan."""
        before = (log_plan, self.slope)
        if log_plan.numel() == 0:
            return log_plan
        if self.unroll:
            log_plan, self.slope = self._in_logarithms(before, self.masses, outer_steps)
            return log_plan
        (log_plan, self.slope), wild = self._in_numbers(before, outer_steps)
        if wild.any():
            some = (before[0][wild], before[1][wild])
            log_plan[wild], self.slope[wild] = self._in_logarithms(
                some, self.masses[wild], outer_steps
            )
        return log_plan

    def _in_logarithms(self, state: State, masses: Masses, outer_steps: int) -> State:
        log_plan, slope = state
        for _ in range(outer_steps):
            log_plan, log_u = in_logarithms(log_plan - slope, masses, self.inner_steps)
            slope = slope - log_u[:, :, None]
        return log_plan, slope

    def _in_numbers(self, state: State, outer_steps: int) -> tuple[State, Bool[Tensor, " batch"]]:
        log_plan, slope = state
        rows, columns = self.masses.rows, self.masses.columns
        no_row, no_column = self.masses.no_row, self.masses.no_column
        kernel, peak = as_numbers(log_plan, self.masses)
        shrink = (-slope).exp_()
        last, u, guess, v = rows, torch.ones_like(rows), torch.ones_like(rows), columns
        for _ in range(outer_steps):
            kernel *= shrink
            last, (u, v) = u, scale(kernel, self.masses, guess, self.inner_steps)
            guess = u.square() / last.clamp(min=NOTHING)
        log_u, log_v = logarithm(u, no_row), logarithm(v, no_column)
        step = log_u - logarithm(last, no_row)
        log_plan = log_plan.sub(slope, alpha=outer_steps).add_(log_u[:, :, None])
        log_plan += (log_v - peak)[:, None, :]
        return (log_plan, slope - step[:, :, None]), leaves_range(log_u, log_v, step)
