"""A watch on a training's numbers: a loss or a weight that is not finite ends the run."""

from __future__ import annotations

import torch
from accelerate import Accelerator
from torch import Tensor, nn

EVERY = 20
"""Steps between two looks at the losses: each look makes an accelerator wait."""


class DivergedError(RuntimeError):
    """The training's loss or weights are no longer finite numbers."""


class LossWatch:
    """Notes the first step of an epoch whose loss is not finite, in any of the processes.

    The gradients are not looked at: mixed precision skips a step whose gradients overflow.
    """

    def __init__(self, accelerator: Accelerator) -> None:
        self._accelerator = accelerator
        self._steps = 0
        self._first = torch.zeros((), dtype=torch.long, device=accelerator.device)

    def see(self, loss: Tensor) -> None:
        """Take in the loss of a step.

        Raises:
            DivergedError: If the loss of this step, or of one not long before, is not finite.
        """
        self._steps += 1
        bad = ~loss.detach().isfinite() & (self._first == 0)
        self._first = torch.where(bad, self._steps, self._first)
        if self._steps % EVERY == 0:
            self.check()

    def check(self) -> None:
        """Look at what was noted.

        Raises:
            DivergedError: If a loss was not finite.
        """
        steps = self._accelerator.gather(self._first.view(1)).tolist()
        if any(steps):
            raise DivergedError(f"the loss of step {min(filter(None, steps))} is not finite")


@torch.no_grad()
def check_weights(network: nn.Module) -> None:
    """Refuse weights that are not finite, as the last step of an epoch may leave them.

    Raises:
        DivergedError: If there is such a weight.
    """
    finite = [weight.isfinite().all() for weight in network.parameters()]
    if finite and not torch.stack(finite).all():
        raise DivergedError("the last step left weights that are not finite")
