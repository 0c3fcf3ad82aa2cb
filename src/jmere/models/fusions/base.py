"""What models have in common that differ in one thing alone: how words take in the picture."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol, runtime_checkable

from jaxtyping import Float
from torch import Tensor

from jmere.inputs.batch import PostBatch
from jmere.layers.objects import ObjectForm
from jmere.layers.pairs import PairForm
from jmere.models.sizes import Sizes
from jmere.models.tagging import SoftAlignment


@dataclass(frozen=True)
class Fused:
    """Words that know the picture."""

    words: Float[Tensor, "batch words width"]
    auxiliary: Mapping[str, Float[Tensor, " batch"]] = field(default_factory=dict)
    """Weighted losses of the fusion's own, one value per post; empty when predicting."""
    attention: Float[Tensor, "batch words objects"] | None = None
    """How much each word took from which object, where the model says so."""

    @property
    def alignment(self) -> SoftAlignment | None:
        """The attention as a model's alignment, whose plan moves no mass."""
        if self.attention is None:
            return None
        return SoftAlignment(self.attention.new_zeros(self.attention.shape), self.attention)


@runtime_checkable
class Fusion(Protocol):
    """A module that maps words, the labels of the objects and the batch to ``Fused``."""

    width: int
    """Width of the fused words."""

    def __call__(
        self,
        words: Float[Tensor, "batch words hidden"],
        labels: Float[Tensor, "batch objects hidden"],
        batch: PostBatch,
    ) -> Fused:
        """Fuse the words of each post with its picture."""


class Fuser(NamedTuple):
    """How a fusion is made: the class of its config, and what turns one into parts."""

    config: type[Any]
    fuse: Callable[[Any, int, Sizes], Fusion]
    """From a config, the width of the encoder's words and the counts of things."""


VisualSource = Literal["graph", "box", "native"]
"""Where a model's picture comes from: all that is known of the visual graph's objects; the
appearance of their boxes alone, as in Table 1's runs; or what the model's own paper took."""


def object_form(source: VisualSource, *, native: ObjectForm | None = None) -> ObjectForm:
    """The form of the objects of a visual source.

    Args:
        source: What the config asks for.
        native: What the paper's own picture is in these terms, where graph files hold it.

    Raises:
        ValueError: If the paper's own picture is in none of the files.
    """
    if source == "native":
        if native is None:
            raise ValueError(
                "model.visual_source: 'native' is not available for this model, whose paper takes "
                "grids or crops of the picture; expected 'graph' or 'box'"
            )
        return native
    return "sum" if source == "graph" else "appearance"


def check_choices(
    config: object,
    where: str,
    *,
    shares: tuple[str, ...] = (),
    counts: tuple[str, ...] = (),
    amounts: tuple[str, ...] = (),
) -> None:
    """Check values of a config: shares in [0, 1], counts of 1 or more, amounts of 0 or more.

    Raises:
        ValueError: If one is out of its range.
    """
    for name in shares:
        if not 0 <= getattr(config, name) <= 1:
            raise ValueError(f"{where}.{name} must be in [0, 1], got {getattr(config, name)}")
    for name in counts:
        if getattr(config, name) < 1:
            raise ValueError(f"{where}.{name} must be at least 1, got {getattr(config, name)}")
    for name in amounts:
        if getattr(config, name) < 0:
            raise ValueError(f"{where}.{name} must not be negative, got {getattr(config, name)}")


@dataclass(frozen=True, kw_only=True)
class PairConfig:
    """How pairs of fused words are scored."""

    form: PairForm = "additive"
    """``additive`` is the papers'; ``biaffine`` adds what two words mean to each other."""
    width: int = 150
    """Width of the biaffine form's projections."""
    distance: int = 0
    """Longest distance in words with a score of its own; 0: none."""
    dropout: float = 0.2
    """Dropout probability in the pair head."""

    def __post_init__(self) -> None:
        check_choices(
            self, "model.pairs", shares=("dropout",), counts=("width",), amounts=("distance",)
        )
