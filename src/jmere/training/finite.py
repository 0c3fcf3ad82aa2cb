"""Divergence checks: a loss or a weight that is not finite ends the run."""

from __future__ import annotations

import torch
from accelerate import Accelerator
from torch import Tensor, nn

EVERY = 20
"""Steps between two checks of the losses; each check synchronises the accelerator."""


class DivergedError(RuntimeError):
    """Error of a training whose loss or weights are not finite."""


class LossWatch:
    """Record of the first step of an epoch whose loss is not finite, in any process.

    Gradients are not checked: mixed precision skips steps whose gradients overflow.
    """

    def __init__(self, accelerator: Accelerator) -> None:
        self._accelerator = accelerator
        self._steps = 0
        self._first = torch.zeros((), dtype=torch.long, device=accelerator.device)

    def see(self, loss: Tensor) -> None:
        """Add the loss of a step.

        Raises:
            DivergedError: If the loss of this step, or of a recent step, is not finite.
        """
        self._steps += 1
        bad = ~loss.detach().isfinite() & (self._first == 0)
        self._first = torch.where(bad, self._steps, self._first)
        if self._steps % EVERY == 0:
            self.check()

    def check(self) -> None:
        """Check the losses recorded so far.

        Raises:
            DivergedError: If a loss was not finite.
        """
        steps = self._accelerator.gather(self._first.view(1)).tolist()
        if any(steps):
            raise DivergedError(f"the loss of step {min(filter(None, steps))} is not finite")


@torch.no_grad()
def check_weights(network: nn.Module) -> None:
    """Check that all weights are finite, at the end of an epoch.

    Raises:
        DivergedError: If a weight is not finite.

    Example:
        >>> check_weights(nn.Linear(2, 2))
    """
    finite = [weight.isfinite().all() for weight in network.parameters()]
    if finite and not torch.stack(finite).all():
        raise DivergedError("weights are not finite after the last step")
