"""Settings of the head that scores pairs of words."""

from dataclasses import dataclass

from jmere.checks import check_choices
from jmere.layers.pairs import PairForm


@dataclass(frozen=True, kw_only=True)
class PairConfig:
    """Scoring of pairs of fused words."""

    form: PairForm = "additive"
    """``additive`` is the papers'; ``biaffine`` adds what two words mean to each other."""
    width: int = 150
    """Width of the biaffine form's projections."""
    distance: int = 0
    """Maximum distance in words that has its own score; 0 turns this off."""
    dropout: float = 0.2
    """Dropout probability in the pair head."""

    def __post_init__(self) -> None:
        check_choices(
            self, "model.pairs", shares=("dropout",), counts=("width",), amounts=("distance",)
        )
