"""Result of a solver, and the masses that a plan must have."""

from dataclasses import dataclass
from functools import cached_property

import torch
from jaxtyping import Bool, Float
from torch import Tensor


@dataclass(frozen=True)
class Transport:
    """Transport plan of each post, with its cost and convergence."""

    plan: Float[Tensor, "batch rows columns"]
    """Mass moved between a row and a column; 0 on padding and where one side has no mass."""
    value: Float[Tensor, " batch"]
    """Cost of the plan, without the entropy that smoothed it."""
    converged: Bool[Tensor, " batch"]
    """Whether ``error`` met the tolerance."""
    error: Float[Tensor, " batch"]
    """Deviation of the plan's sums from the masses, over rows and columns; for a solver with outer
    steps at least the mass that moved between its last two checks."""


@dataclass(frozen=True)
class Masses:
    """The masses of both sides; all of them 0 where one side has none."""

    rows: Float[Tensor, "batch rows"]
    columns: Float[Tensor, "batch columns"]

    @classmethod
    def of(
        cls,
        row_mass: Float[Tensor, "batch rows"],
        column_mass: Float[Tensor, "batch columns"],
        dtype: torch.dtype,
    ) -> "Masses":
        """Detach the masses and set both sides to 0 where one has no mass."""
        row_mass, column_mass = row_mass.detach().to(dtype), column_mass.detach().to(dtype)
        movable = row_mass.any(dim=1, keepdim=True) & column_mass.any(dim=1, keepdim=True)
        return cls(row_mass * movable, column_mass * movable)

    def __getitem__(self, posts: Bool[Tensor, " batch"]) -> "Masses":
        """Select the masses of some posts."""
        return Masses(self.rows[posts], self.columns[posts])

    @cached_property
    def no_row(self) -> Bool[Tensor, "batch rows"]:
        """Rows without mass, which are padding."""
        return self.rows <= 0

    @cached_property
    def no_column(self) -> Bool[Tensor, "batch columns"]:
        """Columns without mass, which are padding."""
        return self.columns <= 0

    def pairs(self) -> Bool[Tensor, "batch rows columns"]:
        """Return the pairs where a plan may have mass."""
        return (self.rows > 0)[:, :, None] & (self.columns > 0)[:, None, :]

    def product(self) -> Float[Tensor, "batch rows columns"]:
        """Return the product plan, which does not depend on a cost."""
        total = self.rows.sum(dim=1)
        share = self.rows / total.where(total > 0, torch.ones_like(total))[:, None]
        return share[:, :, None] * self.columns[:, None, :]

    def error(self, plan: Float[Tensor, "batch rows columns"]) -> Float[Tensor, " batch"]:
        """Return the deviation of a plan's sums from the masses, over rows and columns."""
        rows = (plan.sum(dim=2) - self.rows).abs().sum(dim=1)
        return rows + (plan.sum(dim=1) - self.columns).abs().sum(dim=1)

    def keep(
        self, plan: Float[Tensor, "batch rows columns"]
    ) -> Float[Tensor, "batch rows columns"]:
        """Project a plan onto the masses (Altschuler et al. 2017, algorithm 2)."""
        plan = plan * _at_most_one(self.rows, plan.sum(dim=2))[:, :, None]
        plan = plan * _at_most_one(self.columns, plan.sum(dim=1))[:, None, :]
        rows = (self.rows - plan.sum(dim=2)).clamp(min=0)
        columns = (self.columns - plan.sum(dim=1)).clamp(min=0)
        total = rows.sum(dim=1).maximum(columns.sum(dim=1)).clamp(min=_TINY)
        return plan + (rows / total[:, None])[:, :, None] * columns[:, None, :]


_TINY = 1e-30


def _at_most_one(
    wanted: Float[Tensor, "batch nodes"], present: Float[Tensor, "batch nodes"]
) -> Float[Tensor, "batch nodes"]:
    return (wanted / present.clamp(min=_TINY)).clamp(max=1)


def full_precision(tensor: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """Convert to float32; a float64 tensor is returned unchanged."""
    return tensor.to(torch.promote_types(tensor.dtype, torch.float32))


def check_positive(**options: float | int) -> None:
    """Refuse an option that is not positive.

    Raises:
        ValueError: Naming the option and its value.
    """
    for name, value in options.items():
        if not value > 0:
            raise ValueError(f"{name} must be positive, got {value}")
