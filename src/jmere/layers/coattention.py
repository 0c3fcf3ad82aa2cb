"""Additive attention, in the form that was published and in the one that was meant."""

from typing import Literal

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from jmere.layers.attention import Attended, masked_softmax

CoattentionForm = Literal["concat", "additive"]


class AdditiveAttention(nn.Module):
    """Attention whose scores are a small network of query and key.

    ``concat`` is the published ``w [tanh(W_1 q_i); tanh(W_2 k_j)]``. Its query's term
    is the same for every key and cancels in the softmax, so all queries take one and
    the same vector; that term is not worked out at all. ``additive`` is
    ``w tanh(W_1 q_i + W_2 k_j)``, where the query does guide; it is a product of
    queries x keys x ``width``, so ``width`` is kept small.
    """

    def __init__(self, *, hidden: int, form: CoattentionForm, width: int) -> None:
        super().__init__()
        inner = hidden if form == "concat" else width
        self.query = nn.Linear(hidden, inner, bias=False) if form == "additive" else None
        self.key = nn.Linear(hidden, inner)
        self.score = nn.Linear(inner, 1, bias=False)

    def forward(
        self,
        queries: Float[Tensor, "batch queries hidden"],
        keys: Float[Tensor, "batch keys hidden"],
        mask: Bool[Tensor, "batch keys"],
    ) -> Attended:
        """Attend to the keys in the mask; where there is none, 0 is taken."""
        inner = self.key(keys)[:, None]
        if self.query is not None:
            inner = inner + self.query(queries)[:, :, None]
        scores = self.score(torch.tanh(inner)).squeeze(-1)
        weights = masked_softmax(scores, mask[:, None])
        taken = weights @ keys
        rows = queries.shape[1]
        return Attended(taken.expand(-1, rows, -1), weights.expand(-1, rows, -1))
