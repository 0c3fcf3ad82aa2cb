"""Pair head: a score per pair of words and tag."""

from typing import Literal

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.functional import linear

from jmere.layers.channels import ChannelSizes, PairLookup

PairForm = Literal["additive", "biaffine"]


class PairHead(nn.Module):
    """Scores of the tags of every ordered pair of words (equation 11).

    ``additive`` is the paper's ``W_p [S_i; S_j] + b_p``: a left and a right half,
    added at the last moment. ``biaffine`` adds a bilinear term of two narrow
    projections, which can express what two words mean to each other. With
    ``channels``, the pair's own channel values are added (the authors' code
    concatenates them); with ``distance``, a table by the words' distance is.
    """

    def __init__(
        self,
        *,
        hidden: int,
        tags: int,
        form: PairForm = "additive",
        width: int = 150,
        dropout: float = 0.0,
        channels: ChannelSizes | None = None,
        channel_width: int = 100,
        distance: int = 0,
    ) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.left = nn.Linear(hidden, tags)
        self.right = nn.Linear(hidden, tags, bias=False)
        self.bilinear = (
            Bilinear(hidden=hidden, tags=tags, width=width, dropout=dropout)
            if form == "biaffine"
            else None
        )
        self.channels = (
            PairLookup(channels, width=channel_width, outputs=tags) if channels else None
        )
        self.distance = DistanceTable(tags, limit=distance) if distance else None

    def forward(
        self,
        words: Float[Tensor, "batch words hidden"],
        pos: Int[Tensor, "batch words"],
        hops: Int[Tensor, "batch words words"],
        cooccurrence: Int[Tensor, "batch words words"],
    ) -> Float[Tensor, "batch words words tags"]:
        """Unnormalised log-probabilities of the tags of each pair."""
        words = self.dropout(words)
        scores: Tensor = self.left(words)[:, :, None] + self.right(words)[:, None, :]
        if self.bilinear is not None:
            scores = scores + self.bilinear(words)
        if self.channels is not None:
            for values in self.channels(pos, hops, cooccurrence):
                scores = scores + values
        if self.distance is not None:
            scores = scores + self.distance(words.shape[1])
        return scores


class Bilinear(nn.Module):
    """``l_i U_t r_j`` for each tag ``t``, of projections ``l`` and ``r`` of the words."""

    def __init__(self, *, hidden: int, tags: int, width: int, dropout: float) -> None:
        super().__init__()
        self.ends = nn.Sequential(nn.Linear(hidden, 2 * width), nn.GELU(), nn.Dropout(dropout))
        self.weight = nn.Parameter(torch.empty(tags, width, width).normal_(std=1 / width))

    def forward(
        self, words: Float[Tensor, "batch words hidden"]
    ) -> Float[Tensor, "batch words words tags"]:
        """Bilinear scores of every ordered pair."""
        left, right = self.ends(words).chunk(2, dim=-1)
        turned = torch.unflatten(linear(right, self.weight.flatten(0, 1)), 2, self.weight.shape[:2])
        scores: Tensor = left[:, None] @ turned.permute(0, 2, 3, 1)
        return scores.permute(0, 2, 3, 1)


class DistanceTable(nn.Module):
    """Score per tag and signed distance in words, clipped to ``limit``."""

    def __init__(self, tags: int, *, limit: int) -> None:
        super().__init__()
        self.limit = limit
        self.table = nn.Parameter(torch.zeros(2 * limit + 1, tags))

    def forward(self, words: int) -> Float[Tensor, "words words tags"]:
        """Scores of every pair of a post of ``words`` words."""
        index = torch.arange(words, device=self.table.device)
        apart = (index[None, :] - index[:, None]).clamp(-self.limit, self.limit)
        return self.table[apart + self.limit]
