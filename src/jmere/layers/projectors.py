"""Projection of a picture's objects to the width and form of a model."""

from typing import Literal

from jaxtyping import Bool, Float
from torch import Tensor, nn

from jmere.layers.norm import MaskedBatchNorm
from jmere.layers.objects import ObjectEncoder, ObjectForm
from jmere.layers.tensor_batch import TensorBatch

ProjectorKind = Literal["linear", "tanh", "mlp2", "bn3"]


class VisualNodes(nn.Module):
    """Nodes of the visual graph through a projector.

    The models projected features of boxes; here a node is the sum of what is known of
    an object (``ObjectEncoder``), so that a caption's graph feeds each of them too.
    """

    def __init__(
        self,
        *,
        label: int,
        hidden: int,
        appearance: int,
        output: int,
        kind: ProjectorKind,
        dropout: float,
        form: ObjectForm = "sum",
    ) -> None:
        super().__init__()
        self.nodes = ObjectEncoder(
            label=label, hidden=hidden, appearance=appearance, dropout=dropout, form=form
        )
        self.project = Projector(hidden, output, kind=kind, dropout=dropout)

    def forward(
        self, batch: TensorBatch, labels: Float[Tensor, "batch objects label"]
    ) -> Float[Tensor, "batch objects output"]:
        """Vectors of the objects; what padding holds does not matter."""
        projected: Tensor = self.project(self.nodes(batch, labels), batch.object_mask)
        return projected


class Projector(nn.Module):
    """One, two or three linears: ``linear``, ``tanh``, ``mlp2`` with ReLU, ``bn3`` with BN."""

    def __init__(self, width: int, output: int, *, kind: ProjectorKind, dropout: float) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Linear(width, output)]
        if kind == "tanh":
            layers += [nn.Tanh()]
        elif kind == "mlp2":
            layers += [nn.ReLU(), nn.Dropout(dropout)]
            layers += [nn.Linear(output, output), nn.ReLU(), nn.Dropout(dropout)]
        elif kind == "bn3":
            for _ in range(2):
                layers += [MaskedBatchNorm(output), nn.ReLU(), nn.Linear(output, output)]
        self.layers = nn.ModuleList(layers)

    def forward(
        self, nodes: Float[Tensor, "batch nodes width"], mask: Bool[Tensor, "batch nodes"]
    ) -> Float[Tensor, "batch nodes output"]:
        """Project each node; only those in the mask count in batch normalisation."""
        for layer in self.layers:
            nodes = layer(nodes, mask) if isinstance(layer, MaskedBatchNorm) else layer(nodes)
        return nodes
