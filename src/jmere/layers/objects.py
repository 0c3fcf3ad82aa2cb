"""Nodes of the visual graph: the sum of the features of each object."""

from typing import Literal

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from jmere.inputs.batch import GEOMETRY_WIDTH
from jmere.layers.tensor_batch import TensorBatch

ObjectForm = Literal["sum", "appearance"]
"""Form of a visual graph's node: the sum of all features, or its appearance alone."""


class ObjectEncoder(nn.Module):
    """Sum of label, box and appearance of an object, each projected or a learned absence.

    A caption gives labels alone, a toolkit's file labels and boxes, a detector all
    three: one model takes them all. In the form ``appearance`` a node is its appearance
    alone, as in equation 2; an object without one is the learned absence.
    """

    def __init__(
        self,
        *,
        label: int,
        hidden: int,
        appearance: int = 0,
        dropout: float = 0.0,
        form: ObjectForm = "sum",
    ) -> None:
        super().__init__()
        if form == "appearance" and not appearance:
            raise ValueError(
                "model: nodes of appearance alone require graphs.appearance (vector width)"
            )
        self.label = nn.Linear(label, hidden) if form == "sum" else None
        self.place = Projected(GEOMETRY_WIDTH, hidden) if form == "sum" else None
        self.look = Projected(appearance, hidden) if appearance else None
        self.norm = nn.LayerNorm(hidden)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self, batch: TensorBatch, labels: Float[Tensor, "batch objects label"]
    ) -> Float[Tensor, "batch objects hidden"]:
        """Vectors of the objects from the embeddings of their labels and the batch's boxes."""
        known: list[Tensor] = []
        if self.label is not None and self.place is not None:
            known += [self.label(labels), self.place(batch.boxes, batch.box_mask)]
        if self.look is not None:
            known.append(self.look(batch.appearance, batch.appearance_mask))
        total = sum(known[1:], known[0])
        vectors: Tensor = self.dropout(self.norm(total))
        return vectors


class Projected(nn.Module):
    """Projection of a feature, with a learned vector where the feature is absent."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.project = nn.Linear(width, hidden)
        self.absent = nn.Parameter(torch.zeros(hidden))

    def forward(
        self, values: Float[Tensor, "batch objects width"], present: Bool[Tensor, "batch objects"]
    ) -> Float[Tensor, "batch objects hidden"]:
        """Project what is present."""
        return torch.where(present[:, :, None], self.project(values), self.absent)
