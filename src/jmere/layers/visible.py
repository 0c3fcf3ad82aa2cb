"""Visible or not: a head over the words of an entity and a description of the picture."""

import math

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from jmere.layers.low_rank import LowRankAdapters
from jmere.layers.word_shapes import add_shapes, has_shapes, input_embedding, read_pieces

TYPE_WIDTH = 16
"""Width of the embedding of an entity's type."""


class VisibleHead(nn.Module):
    """Scores entities by their mean vector, their type, and what of the description fits them."""

    def __init__(self, *, hidden: int, types: int, width: int, dropout: float) -> None:
        super().__init__()
        self.kinds = nn.Embedding(types, TYPE_WIDTH)
        self.query = nn.Linear(hidden + TYPE_WIDTH, width)
        self.key, self.value = nn.Linear(hidden, width), nn.Linear(hidden, width)
        self.mix = nn.Linear(hidden + TYPE_WIDTH + width, width)
        self.score = nn.Linear(width, 1)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self,
        pieces: Float[Tensor, "batch pieces hidden"],
        described: Bool[Tensor, "batch pieces"],
        entities: Float[Tensor, "entities hidden"],
        posts: Int[Tensor, " entities"],
        types: Int[Tensor, " entities"],
    ) -> Float[Tensor, " entities"]:
        """Return the log-odds that each entity is visible.

        Args:
            pieces: Pieces of each post and its description.
            described: Which of them are the description's; one at least in each post.
            entities: Mean of the pieces of each entity.
            posts: Post of each entity.
            types: Number of each entity's type.
        """
        typed = torch.cat([entities, self.kinds(types)], dim=1)
        fit = (self.key(pieces)[posts] @ self.query(typed)[:, :, None]).squeeze(2)
        fit = fit / math.sqrt(self.query.out_features)
        shares = fit.masked_fill(~described[posts], -1e4).softmax(dim=1)
        seen = (shares[:, None] @ self.value(pieces)[posts]).squeeze(1)
        mixed = self.mix(self.dropout(torch.cat([typed, seen], dim=1))).relu()
        scores: Tensor = self.score(self.dropout(mixed)).squeeze(1)
        return scores


class VisibleLayers(nn.Module):
    """What is learned beside the encoder: adapters, the description's mark, and the head."""

    def __init__(
        self,
        transformer: nn.Module,
        *,
        hidden: int,
        types: int,
        width: int,
        rank: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.adapters = LowRankAdapters(transformer, rank=rank)
        self.segment = nn.Parameter(torch.zeros(hidden))
        self.head = VisibleHead(hidden=hidden, types=types, width=width, dropout=dropout)


class _Encoder(nn.Module):
    """Holds the transformer under the name that its weights have in a model folder."""

    def __init__(self, transformer: nn.Module) -> None:
        super().__init__()
        self.transformer = transformer


class VisibleNetwork(nn.Module):
    """Reads a post and the description of its picture together, and scores entities of the post.

    The encoder's own weights are not trained.
    """

    def __init__(self, transformer: nn.Module, layers: VisibleLayers) -> None:
        super().__init__()
        add_shapes(transformer)
        self.encoder, self.visible = _Encoder(transformer), layers
        self.shapes = has_shapes(transformer)
        for weight in transformer.parameters():
            weight.requires_grad_(False)
        layers.adapters.attach(transformer)

    def forward(
        self,
        piece_ids: Int[Tensor, "batch pieces"],
        piece_mask: Bool[Tensor, "batch pieces"],
        piece_shapes: Int[Tensor, "batch pieces"],
        described: Bool[Tensor, "batch pieces"],
        posts: Int[Tensor, " entities"],
        spans: Float[Tensor, "entities batch*pieces"],
        types: Int[Tensor, " entities"],
    ) -> Float[Tensor, " entities"]:
        """Return the log-odds that each entity is visible.

        Args:
            piece_ids: Pieces of each post, then of its description.
            piece_mask: Pieces that are not padding.
            piece_shapes: Shape of each piece's word, 0 for special pieces.
            described: Pieces of the description; one at least in each post.
            posts: Post of each entity.
            spans: Weight of each piece of the batch in an entity; they sum to 1.
            types: Number of each entity's type.
        """
        transformer, layers = self.encoder.transformer, self.visible
        embedded = input_embedding(transformer, piece_ids)
        embedded = embedded + described[:, :, None].to(embedded.dtype) * layers.segment
        shapes = piece_shapes if self.shapes else None
        vectors = read_pieces(transformer, embedded, piece_mask, shapes)
        entities = spans @ vectors.flatten(0, 1)
        scores: Tensor = layers.head(vectors, described, entities, posts, types)
        return scores
