"""Gates: how much of something is let through, decided by two vectors."""

from jaxtyping import Float
from torch import Tensor, nn


class Gate(nn.Module):
    """``sigma(W [a; b] + c)``, one value (``width`` 1) or one per feature.

    The two halves of ``W`` are applied apart and added with broadcasting, so a gate
    per pair of nodes, ``gate(a[:, :, None], b[:, None, :])``, makes no pair of inputs.
    """

    def __init__(self, left: int, right: int, *, width: int) -> None:
        super().__init__()
        self.left, self.right = nn.Linear(left, width), nn.Linear(right, width, bias=False)

    def forward(
        self, left: Float[Tensor, "... left"], right: Float[Tensor, "... right"]
    ) -> Float[Tensor, "... width"]:
        """Shares in (0, 1)."""
        shares: Tensor = (self.left(left) + self.right(right)).sigmoid()
        return shares
