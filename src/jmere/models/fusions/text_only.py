"""Text: no picture at all, the control that every other model must beat."""

from dataclasses import dataclass, field

from jaxtyping import Float
from torch import Tensor, nn

from jmere.layers.tensor_batch import TensorBatch
from jmere.models.fusions.base import Fused
from jmere.models.fusions.pair_config import PairConfig
from jmere.models.sizes import Sizes


@dataclass(frozen=True, kw_only=True)
class TextConfig:
    """Config of the model without a picture."""

    pairs: PairConfig = field(default_factory=PairConfig)


class Text(nn.Module):
    """Fusion that returns the encoder's words unchanged."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width

    def forward(
        self,
        words: Float[Tensor, "batch words hidden"],
        labels: Float[Tensor, "batch objects hidden"],
        batch: TensorBatch,
    ) -> Fused:
        """Leave the words as they are."""
        return Fused(words)


def fuse(config: TextConfig, hidden: int, sizes: Sizes) -> Text:
    """Turn a config into the fusion that is none."""
    return Text(hidden)
