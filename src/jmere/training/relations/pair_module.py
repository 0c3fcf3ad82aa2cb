"""The predicate classifier's network as it is trained; ``PairNetwork`` is the same in NumPy."""

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional

from jmere.vision.relate.network import PairNetwork, PairSizes


class PairModule(nn.Module):
    """One hidden layer over labels, boxes and optional appearance, plus a frequency prior.

    The names of the weights are those of ``PairNetwork``.
    """

    geometry_mean: Tensor
    geometry_scale: Tensor

    def __init__(self, sizes: PairSizes, *, dropout: float = 0.0) -> None:
        super().__init__()
        words, geometry, hidden, predicates, appearance = sizes
        self.sizes = sizes
        self.subject = nn.Linear(words, hidden, bias=False)
        self.object = nn.Linear(words, hidden, bias=False)
        self.geometry = nn.Linear(geometry, hidden)
        self.seen_subject = nn.Linear(appearance, hidden, bias=False) if appearance else None
        self.seen_object = nn.Linear(appearance, hidden, bias=False) if appearance else None
        self.dropout = nn.Dropout(dropout)
        self.predicates = nn.Linear(hidden, predicates)
        self.related = nn.Linear(hidden, 1)
        self.prior_weight = nn.Parameter(torch.ones(()))
        self.register_buffer("geometry_mean", torch.zeros(geometry))
        self.register_buffer("geometry_scale", torch.ones(geometry))

    def forward(
        self,
        labels: Float[Tensor, "things words"],
        pairs: Int[Tensor, "pairs 2"],
        geometry: Float[Tensor, "pairs features"],
        *,
        prior: Float[Tensor, "pairs predicates"] | None = None,
        appearance: Float[Tensor, "things appearance"] | None = None,
        evidence_mask: Float[Tensor, " pairs"] | None = None,
    ) -> tuple[Float[Tensor, "pairs predicates"], Float[Tensor, " pairs"]]:
        """Return the logits of the predicates, and the logit of any relation.

        Args:
            labels: Label vectors of the objects.
            pairs: Indices of subject and object.
            geometry: Features of the pairs' boxes (``pair_features``).
            prior: Log-ratio evidence of the frequency prior, added to the logits.
            appearance: The things' appearance vectors, for a network that takes them; where
                absent it does without.
            evidence_mask: 0 for a pair whose own evidence, boxes and appearance, is left out: what
                is said of it then follows from the labels alone. All are 1 where absent.
        """
        subject, target = pairs[:, 0], pairs[:, 1]
        own = functional.linear(
            (geometry - self.geometry_mean) / self.geometry_scale, self.geometry.weight
        )
        if (
            appearance is not None
            and self.seen_subject is not None
            and self.seen_object is not None
        ):
            own = own + self.seen_subject(appearance)[subject]
            own = own + self.seen_object(appearance)[target]
        if evidence_mask is not None:
            own = own * evidence_mask[:, None]
        named = self.subject(labels)[subject] + self.object(labels)[target]
        hidden = self.dropout(functional.gelu(own + named + self.geometry.bias))
        logits = self.predicates(hidden)
        if prior is not None:
            logits = logits + self.prior_weight * prior
        return logits, self.related(hidden)[:, 0]

    def to_numpy(self) -> PairNetwork:
        """Return the network for inference, with copies of the weights."""
        weights = {
            name: np.atleast_1d(tensor.detach().numpy().copy())
            for name, tensor in self.state_dict().items()
        }
        return PairNetwork(self.sizes, weights)
