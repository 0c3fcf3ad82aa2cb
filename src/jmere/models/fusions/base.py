"""Fusion interface: models that differ only in how words use the picture."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol, runtime_checkable

from jaxtyping import Float
from torch import Tensor

from jmere.layers.tensor_batch import TensorBatch
from jmere.models.sizes import Sizes
from jmere.models.tagging import SoftAlignment


@dataclass(frozen=True)
class Fused:
    """Words that know the picture."""

    words: Float[Tensor, "batch words width"]
    auxiliary: Mapping[str, Float[Tensor, " batch"]] = field(default_factory=dict)
    """Weighted losses of the fusion's own, one value per post; empty when predicting."""
    attention: Float[Tensor, "batch words objects"] | None = None
    """Attention of each word over the objects, if the model has one."""

    @property
    def alignment(self) -> SoftAlignment | None:
        """Return the attention as a model's alignment."""
        if self.attention is None:
            return None
        return SoftAlignment(self.attention.new_zeros(self.attention.shape), self.attention)


@runtime_checkable
class Fusion(Protocol):
    """Module that maps words, object labels and the batch to ``Fused``."""

    width: int
    """Width of the fused words."""

    def __call__(
        self,
        words: Float[Tensor, "batch words hidden"],
        labels: Float[Tensor, "batch objects hidden"],
        batch: TensorBatch,
    ) -> Fused:
        """Fuse the words of each post with its picture."""


class Fuser(NamedTuple):
    """Recipe of a fusion: the class of its config, and the function that builds it."""

    config: type[Any]
    fuse: Callable[[Any, int, Sizes], Fusion]
    """From a config, the width of the encoder's words and the counts of things."""
