"""Visible or not: heads over the words of an entity and a description of the picture."""

import math
from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from jmere.layers.word_shapes import add_shapes, has_shapes, input_embedding, read_layers

TYPE_WIDTH = 16
"""Width of the embedding of an entity's type and traits."""

_TEXT_WEIGHT, _SHARED_WEIGHT = 0.3, 0.5
_TRAIT_SPREAD = 0.3
_TEXT, _NAME, _DESCRIBED = 0, 1, 2


class AttentionHead(nn.Module):
    """Scores entities by their mean vector, type and traits, and what of the description fits."""

    def __init__(
        self,
        *,
        hidden: int,
        types: int,
        traits: int,
        counted: int,
        width: int,
        parts: int,
        dropout: float,
    ) -> None:
        """Build a head that nothing has trained yet.

        Args:
            hidden: Width of the states.
            types: Number of types of entities.
            traits: Number of traits of an entity.
            counted: Largest value of a trait.
            width: Width of the head.
            parts: Parts of the width, each with an attention of its own.
            dropout: Dropout probability.
        """
        super().__init__()
        self.kinds = nn.Embedding(types, TYPE_WIDTH)
        self.traits = nn.Embedding(traits * (counted + 1), TYPE_WIDTH)
        nn.init.normal_(self.traits.weight, std=_TRAIT_SPREAD)
        self.values, self.rows, self.parts = counted + 1, traits, parts
        self.query = nn.Linear(hidden + TYPE_WIDTH, width)
        self.key, self.value = nn.Linear(hidden, width), nn.Linear(hidden, width)
        self.mix = nn.Linear(hidden + TYPE_WIDTH + width, width)
        self.score = nn.Linear(width, 1)
        self.dropout = nn.Dropout(dropout)
        self.mean: Tensor
        self.deviation: Tensor
        self.register_buffer("mean", torch.zeros(hidden))
        self.register_buffer("deviation", torch.ones(hidden))

    def forward(
        self,
        entities: Float[Tensor, "entities hidden"],
        pieces: Float[Tensor, "batch pieces hidden"],
        described: Bool[Tensor, "batch pieces"],
        posts: Int[Tensor, " entities"],
        types: Int[Tensor, " entities"],
        traits: Int[Tensor, "entities traits"],
    ) -> Float[Tensor, " entities"]:
        """Return the log-odds that each entity is visible.

        Args:
            entities: Mean state of the pieces of each entity.
            pieces: States of the pieces of each post and its description.
            described: Which of them are the description's; one at least in each post.
            posts: Post of each entity.
            types: Number of each entity's type.
            traits: Traits of each entity, from 0 to the largest value.
        """
        entities, pieces = ((states - self.mean) / self.deviation for states in (entities, pieces))
        places = torch.arange(self.rows, device=traits.device) * self.values
        kind = self.kinds(types) + self.traits(traits + places).sum(dim=1)
        typed = torch.cat([entities, kind], dim=1)
        keys, values = (self._parts(layer(pieces))[posts] for layer in (self.key, self.value))
        query = self._parts(self.query(typed)[:, None])
        fit = keys @ query.transpose(2, 3) / math.sqrt(query.shape[3])
        shares = fit.masked_fill(~described[posts][:, None, :, None], -1e4).softmax(dim=2)
        seen = (shares.transpose(2, 3) @ values).flatten(1)
        mixed = self.mix(self.dropout(torch.cat([typed, seen], dim=1))).relu()
        scores: Tensor = self.score(self.dropout(mixed)).squeeze(1)
        return scores

    def _parts(
        self, states: Float[Tensor, "rows pieces width"]
    ) -> Float[Tensor, "rows parts pieces part"]:
        """Divide states into those of each attention."""
        rows, pieces, _ = states.shape
        return states.view(rows, pieces, self.parts, -1).transpose(1, 2)


class WordHead(nn.Module):
    """Scores entities by which words there are: a linear model of pieces, types and counts.

    A piece of the description has a weight for each type of entity, and one more for an entity
    that shares its type with another one of the post.
    """

    def __init__(
        self, *, vocabulary: int, types: int, traits: int, counted: int, same: int
    ) -> None:
        """Build the tables, all 0.

        Args:
            vocabulary: Number of pieces.
            types: Number of types of entities.
            traits: Number of traits of an entity.
            counted: Largest value of a trait.
            same: Number of the trait that counts the post's entities of the same type.
        """
        super().__init__()
        self.pieces = nn.Embedding(vocabulary, _DESCRIBED + 1 + 2 * types)
        self.kinds = nn.Embedding(types, 1)
        self.traits = nn.Embedding(traits * types * (counted + 1), 1)
        for table in (self.pieces, self.kinds, self.traits):
            nn.init.zeros_(table.weight)
        self.types, self.values, self.rows, self.same = types, counted + 1, traits, same

    def forward(
        self,
        piece_ids: Int[Tensor, "batch pieces"],
        first: Bool[Tensor, "batch pieces"],
        described: Bool[Tensor, "batch pieces"],
        posts: Int[Tensor, " entities"],
        spans: Float[Tensor, "entities pieces"],
        types: Int[Tensor, " entities"],
        traits: Int[Tensor, "entities traits"],
    ) -> Float[Tensor, " entities"]:
        """Return the log-odds that each entity is visible.

        Args:
            piece_ids: Pieces of each post, then of its description.
            first: Pieces that do not stand earlier in the post or the description.
            described: Pieces of the description.
            posts: Post of each entity.
            spans: Weight of each piece of its post in an entity.
            types: Number of each entity's type.
            traits: Traits of each entity, from 0 to the largest value.
        """
        weights = self.pieces(piece_ids)
        # Products of two rows add up pieces in their order, so that padding and other posts change
        # no digit; the engine's sums and products of one row do not.
        sides = torch.stack([first & described, first & ~described], dim=1)
        seen, text = (sides.to(weights.dtype) @ weights)[posts].unbind(dim=1)
        inside = (spans > 0)[:, None].expand(-1, 2, -1)
        name = (inside.to(weights.dtype) @ weights[posts])[:, 0, _NAME]
        text = _TEXT_WEIGHT * text[:, _TEXT]
        own = seen.gather(1, (types + _DESCRIBED + 1)[:, None]).squeeze(1)
        shared = seen.gather(1, (types + _DESCRIBED + 1 + self.types)[:, None]).squeeze(1)
        shared = _SHARED_WEIGHT * shared * (traits[:, self.same] > 1).to(weights.dtype)
        rows = torch.arange(self.rows, device=traits.device) * self.types
        places = (rows + types[:, None]) * self.values
        counted = sum(
            self.traits(traits + places).squeeze(2).unbind(dim=1),
            start=self.kinds(types).squeeze(1),
        )
        scores: Tensor = seen[:, _DESCRIBED] + own + shared + text + name + counted
        return scores


class VisibleHeads(nn.Module):
    """Heads over layers of a frozen encoder, and one over words; each is trained by itself."""

    def __init__(
        self,
        *,
        hidden: int,
        vocabulary: int,
        types: int,
        traits: int,
        counted: int,
        same: int,
        layers: Sequence[int],
        width: int,
        parts: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.layers = tuple(layers)
        counts = {"types": types, "traits": traits, "counted": counted}
        self.words = WordHead(vocabulary=vocabulary, same=same, **counts)
        self.heads = nn.ModuleList(
            AttentionHead(hidden=hidden, width=width, parts=parts, dropout=dropout, **counts)
            for _ in layers
        )

    def forward(
        self,
        states: Sequence[Float[Tensor, "batch pieces hidden"]],
        piece_ids: Int[Tensor, "batch pieces"],
        first: Bool[Tensor, "batch pieces"],
        described: Bool[Tensor, "batch pieces"],
        posts: Int[Tensor, " entities"],
        spans: Float[Tensor, "entities pieces"],
        types: Int[Tensor, " entities"],
        traits: Int[Tensor, "entities traits"],
    ) -> Float[Tensor, "heads entities"]:
        """Return the log-odds of each head; ``states`` are those of ``layers``."""
        words = self.words(piece_ids, first, described, posts, spans, types, traits)
        heads = [
            head(_means(pieces, posts, spans), pieces, described, posts, types, traits)
            for head, pieces in zip(self.heads, states, strict=True)
        ]
        return torch.stack([words, *heads])

    def combined(self, scores: Float[Tensor, "heads entities"]) -> Float[Tensor, " entities"]:
        """Return the mean of two: the head over words, and the mean of those over layers."""
        return (scores[0] + scores[1:].mean(dim=0)) / 2


def _means(
    pieces: Float[Tensor, "batch pieces hidden"],
    posts: Int[Tensor, " entities"],
    spans: Float[Tensor, "entities pieces"],
) -> Float[Tensor, "entities hidden"]:
    """Return the mean state of each entity."""
    return (spans[:, None] @ pieces[posts]).squeeze(1)


class _Encoder(nn.Module):
    """Holds the transformer under the name that its weights have in a model folder."""

    def __init__(self, transformer: nn.Module) -> None:
        super().__init__()
        self.transformer = transformer


class VisibleNetwork(nn.Module):
    """Reads a post and the description of its picture together, and scores entities of the post.

    The encoder's weights stay as they are; layers that no head reads are dropped.
    """

    def __init__(self, transformer: nn.Module, heads: VisibleHeads) -> None:
        super().__init__()
        add_shapes(transformer)
        _cut(transformer, max(heads.layers))
        self.encoder, self.visible = _Encoder(transformer), heads
        self.shapes = has_shapes(transformer)

    def forward(
        self,
        piece_ids: Int[Tensor, "batch pieces"],
        piece_mask: Bool[Tensor, "batch pieces"],
        piece_shapes: Int[Tensor, "batch pieces"],
        first: Bool[Tensor, "batch pieces"],
        described: Bool[Tensor, "batch pieces"],
        posts: Int[Tensor, " entities"],
        spans: Float[Tensor, "entities pieces"],
        types: Int[Tensor, " entities"],
        traits: Int[Tensor, "entities traits"],
    ) -> Float[Tensor, " entities"]:
        """Return the log-odds that each entity is visible.

        Args:
            piece_ids: Pieces of each post, then of its description.
            piece_mask: Pieces that are not padding.
            piece_shapes: Shape of each piece's word, 0 for special pieces.
            first: That of ``WordHead``.
            described: Pieces of the description; one at least in each post.
            posts: Post of each entity.
            spans: Weight of each piece of its post in an entity; they sum to 1.
            types: Number of each entity's type.
            traits: That of ``WordHead``.
        """
        states = self.states(piece_ids, piece_mask, piece_shapes)
        scores = self.visible(states, piece_ids, first, described, posts, spans, types, traits)
        return self.visible.combined(scores)

    def states(
        self,
        piece_ids: Int[Tensor, "batch pieces"],
        piece_mask: Bool[Tensor, "batch pieces"],
        piece_shapes: Int[Tensor, "batch pieces"],
    ) -> list[Tensor]:
        """Return the states of the encoder's layers that the heads read."""
        embedded = input_embedding(self.encoder.transformer, piece_ids)
        shapes = piece_shapes if self.shapes else None
        found = read_layers(self.encoder.transformer, embedded, piece_mask, shapes)
        return [found[layer] for layer in self.visible.layers]


def _cut(transformer: nn.Module, layers: int) -> None:
    """Drop the layers of an encoder of BERT's form after the first ``layers``."""
    stack = getattr(getattr(transformer, "encoder", None), "layer", None)
    if isinstance(stack, nn.ModuleList):
        del stack[layers:]
