"""Objects of a fusion: the config fields that all fusions share, and the nodes built from them."""

from dataclasses import dataclass, field
from typing import Literal

from jmere.checks import check_choices
from jmere.layers.objects import ObjectForm
from jmere.layers.projectors import ProjectorKind, VisualNodes
from jmere.models.fusions.pair_config import PairConfig
from jmere.models.sizes import Sizes

VisualSource = Literal["graph", "box", "native"]
"""Where a model's picture comes from: all that is known of the visual graph's objects; the
appearance of their boxes alone, as in Table 1's runs; or what the model's own paper took."""


@dataclass(frozen=True, kw_only=True)
class ObjectConfig:
    """Settings of the objects that a model sees."""

    visual_source: VisualSource = "graph"
    """Source of the objects' vectors."""
    object_width: int = 384
    """Width of the objects before they are projected."""


@dataclass(frozen=True, kw_only=True)
class VisualFusionConfig(ObjectConfig):
    """Settings that every fusion with a picture has."""

    dropout: float = 0.1
    """Dropout probability."""
    pairs: PairConfig = field(default_factory=PairConfig)

    def __post_init__(self) -> None:
        check_choices(self, "model", shares=("dropout",), counts=("object_width",))


def object_form(source: VisualSource, *, native: ObjectForm | None = None) -> ObjectForm:
    """Return the form of the objects of a visual source.

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


def visual_nodes(
    config: ObjectConfig,
    sizes: Sizes,
    hidden: int,
    *,
    kind: ProjectorKind,
    dropout: float,
    output: int | None = None,
    native: ObjectForm | None = None,
) -> VisualNodes:
    """Turn a config into the nodes of the visual graph.

    Args:
        config: The model's config.
        sizes: Counts of the things that a model reads.
        hidden: Width of the labels' vectors, which are the encoder's.
        kind: The projector.
        dropout: Dropout probability.
        output: Width of the projected objects, if it is not the encoder's.
        native: The form that stands for the paper's own picture, if there is one.
    """
    return VisualNodes(
        label=hidden,
        hidden=config.object_width,
        appearance=sizes.appearance,
        output=hidden if output is None else output,
        kind=kind,
        dropout=dropout,
        form=object_form(config.visual_source, native=native),
    )
