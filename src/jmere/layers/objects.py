"""The nodes of the visual graph: the sum of what is known of each object."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from jmere.batch import GEOMETRY_WIDTH, PostBatch


class ObjectEncoder(nn.Module):
    """Label, place and appearance of an object, each projected, each with a learned absence.

    A caption gives labels alone, a toolkit's file labels and boxes, a detector all
    three: one model takes them all (equation 2, whose nodes are appearance alone).
    """

    def __init__(
        self, *, label: int, hidden: int, appearance: int = 0, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.label = nn.Linear(label, hidden)
        self.place = Projected(GEOMETRY_WIDTH, hidden)
        self.look = Projected(appearance, hidden) if appearance else None
        self.norm = nn.LayerNorm(hidden)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self, batch: PostBatch, labels: Float[Tensor, "batch objects label"]
    ) -> Float[Tensor, "batch objects hidden"]:
        """Vectors of the objects from the embeddings of their labels and the batch's boxes."""
        total = self.label(labels) + self.place(batch.boxes, batch.box_mask)
        if self.look is not None:
            total = total + self.look(batch.appearance, batch.appearance_mask)
        vectors: Tensor = self.dropout(self.norm(total))
        return vectors


class Projected(nn.Module):
    """A projection of a feature, and a learned vector where the feature is absent."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.project = nn.Linear(width, hidden)
        self.absent = nn.Parameter(torch.zeros(hidden))

    def forward(
        self, values: Float[Tensor, "batch objects width"], present: Bool[Tensor, "batch objects"]
    ) -> Float[Tensor, "batch objects hidden"]:
        """Project what is present."""
        return torch.where(present[:, :, None], self.project(values), self.absent)
