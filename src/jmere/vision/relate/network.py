"""Network of the predicate classifier: two labels and two boxes to predicate logits."""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional


class PairLogits(NamedTuple):
    """Logits of pairs."""

    predicates: Float[Tensor, "pairs predicates"]
    related: Float[Tensor, " pairs"]
    """Logit of any relation."""


class PairNetwork(nn.Module):
    """One hidden layer over labels, boxes and optional appearance, plus a frequency prior.

    Labels and appearance are projected once per object and summed per pair.
    """

    geometry_mean: Tensor
    geometry_scale: Tensor

    def __init__(
        self,
        *,
        words: int,
        geometry: int,
        hidden: int,
        predicates: int,
        appearance: int = 0,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
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
    ) -> PairLogits:
        """Compute the logits of pairs.

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
        return PairLogits(logits, self.related(hidden)[:, 0])


def direct_effect(
    full: Float[Tensor, "pairs predicates"],
    blind: Float[Tensor, "pairs predicates"],
    *,
    share: float,
) -> Float[Tensor, "pairs predicates"]:
    """Subtract label-only logits from the full logits.

    With ``share`` 1 this is the total direct effect (Tang et al. 2020, equation 8). A smaller
    share removes less of the label bias.
    """
    return full - share * blind
