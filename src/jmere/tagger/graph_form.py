"""Form of ``model.onnx``: its inputs, outputs and metadata."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from jmere.config import parse_config
from jmere.files.schema import check_version
from jmere.inputs.batch import PostBatch
from jmere.tagger.transport_plan import PlanOptions

AXES = {
    "piece_ids": ("pieces",),
    "piece_mask": ("pieces",),
    "piece_words": ("pieces",),
    "word_mask": ("words",),
    "shapes": ("words",),
    "pos": ("words",),
    "dependencies": ("words", "words"),
    "hops": ("words", "words"),
    "cooccurrence": ("words", "words"),
    "label_pieces": ("objects", "label"),
    "object_mask": ("objects",),
    "boxes": ("objects",),
    "box_mask": ("objects",),
    "appearance": ("objects",),
    "appearance_mask": ("objects",),
    "relations": ("objects", "objects"),
}
"""Inputs, fields of ``PostBatch``, and their axes after ``posts``; widths are fixed."""

CONTEXT = "context"
"""A further input, of models that read words of the picture; it has the axis of the pieces."""

SCORES, ATTENTION = "scores", "attention"
BETWEEN, OBJECT_DISTANCES, WORD_DISTANCES = "between", "object_distances", "word_distances"
"""Outputs. The last three are cosine distances, which the transport matches, of models that have
one; ``attention`` is absent where a model has none."""

DISTANCES = (BETWEEN, OBJECT_DISTANCES, WORD_DISTANCES)

NAME_SCORES = "names"
"""Output of models with a head for names: the scores of the labels of words."""

OUTPUT_AXES = {
    SCORES: ("posts", "words", "words", "tags"),
    ATTENTION: ("posts", "words", "objects"),
    BETWEEN: ("posts", "objects", "words"),
    OBJECT_DISTANCES: ("posts", "objects", "objects"),
    WORD_DISTANCES: ("posts", "words", "words"),
    NAME_SCORES: ("posts", "words", "labels"),
}
"""Axes of the outputs."""

METADATA = "jmere"
"""Key of the graph's metadata, one JSON object."""

_SCHEMA_VERSION = 1


def axes_of(batch: PostBatch[Any]) -> dict[str, tuple[str, ...]]:
    """Return the inputs that a batch has, and their axes."""
    return AXES if batch.context is None else {**AXES, CONTEXT: ("pieces",)}


@dataclass(frozen=True, kw_only=True)
class GraphMetadata:
    """What a graph says of itself."""

    weights: str
    """SHA-256 of the header of the weights' file that the graph was made for."""
    names: str | None = None
    """The same of the file of a head for names, where there is one."""
    longest: int
    """Maximum number of pieces of a post."""
    vocabulary: int
    """Number of pieces."""
    together: bool = False
    """Whether a post has the same bytes alone and beside others."""
    plan: PlanOptions | None = None
    """Options of the transport; absent where the model has none."""

    def to_json(self) -> dict[str, Any]:
        """Return the metadata as plain values."""
        return {"schema_version": _SCHEMA_VERSION, **asdict(self)}

    @classmethod
    def from_json(cls, values: object, *, where: object) -> GraphMetadata:
        """Read the metadata.

        Raises:
            ValueError: If it is not a graph's, or of a later version.
        """
        if not isinstance(values, Mapping):
            raise ValueError(f"{where}: not a graph made by jmere export")
        rest = dict(values)
        check_version(rest.pop("schema_version", None), _SCHEMA_VERSION, where=where)
        plan = rest.pop("plan", None)
        if plan is not None:
            rest["plan"] = parse_config(PlanOptions, plan, "plan")
        return parse_config(cls, rest, str(where))
