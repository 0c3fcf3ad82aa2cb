"""Text encoder: word pieces to one vector per word."""

from collections.abc import Iterable
from typing import Any

import torch
from jaxtyping import Bool, Float, Int, UInt8
from torch import Tensor, nn
from torch.nn.functional import pad

from jmere.align.traced import is_traced
from jmere.layers.tensor_batch import TensorBatch
from jmere.layers.word_shapes import (
    add_shapes,
    has_shapes,
    input_embedding,
    read_pieces,
    tells_segments,
)

SEGMENT_SPREAD = 0.02
"""Standard deviation of a new segment vector, that of a transformer's new weights."""


class WordEncoder(nn.Module):
    """Pretrained transformer whose piece vectors are averaged to words (equation 1).

    A transformer prepared by ``learn_shapes`` also receives the shape of each piece's word. Pieces
    of the context, behind the post, are read with it and belong to no word. They are marked by the
    token type of a second segment; where token types are absent or word shapes, by a vector.
    """

    def __init__(self, transformer: nn.Module, *, context: bool = False) -> None:
        super().__init__()
        add_shapes(transformer)
        self.transformer = transformer
        config: Any = transformer.config
        self.hidden: int = config.hidden_size
        self.longest = longest_text(transformer)
        """Maximum number of pieces of a post, special ones included."""
        self.shapes = has_shapes(transformer)
        """Whether the encoder uses the shape of each piece's word."""
        self.context = context
        """Whether the encoder reads a context behind the post."""
        self.segment: nn.Parameter | None = None
        if context and not tells_segments(transformer):
            width = input_embedding(transformer, torch.zeros(1, dtype=torch.long)).shape[-1]
            self.segment = nn.Parameter(SEGMENT_SPREAD * torch.randn(width))

    def forward(self, batch: TensorBatch) -> Float[Tensor, "batch words hidden"]:
        """Encode the words; a padding word has a zero vector."""
        return self._words(batch, input_embedding(self.transformer, batch.piece_ids))

    def words_and_labels(
        self, batch: TensorBatch
    ) -> tuple[Float[Tensor, "batch words hidden"], Float[Tensor, "batch objects hidden"]]:
        """Encode the words, and the labels of the objects as by ``label_vectors``.

        Pieces of both are embedded by one lookup. The gradient of a lookup is as large as the
        vocabulary, so a second lookup would cost a few percent of a training step.
        """
        labels = batch.label_pieces
        if is_traced():  # nothing is trained, and a split by sizes is not traced well
            return self(batch), self.label_vectors(labels)
        ids = torch.cat([batch.piece_ids.flatten(), labels.clamp(min=0).flatten()])
        embedded = input_embedding(self.transformer, ids)
        pieces, objects = torch.split(embedded, [batch.piece_ids.numel(), labels.numel()])
        words = self._words(batch, pieces.view(*batch.piece_ids.shape, -1))
        return words, masked_mean(objects.view(*labels.shape, embedded.shape[1]), labels >= 0)

    def label_vectors(
        self, label_pieces: Int[Tensor, "batch objects label"]
    ) -> Float[Tensor, "batch objects hidden"]:
        """Average the input embeddings of each label's pieces: the words' meaning out of context.

        A label without pieces, where ``label_pieces`` is negative throughout, is zero.
        """
        vectors = input_embedding(self.transformer, label_pieces.clamp(min=0))
        return masked_mean(vectors, label_pieces >= 0)

    def _words(
        self, batch: TensorBatch, embedded: Float[Tensor, "batch pieces width"]
    ) -> Float[Tensor, "batch words hidden"]:
        shapes = by_piece(batch.shapes, batch.piece_words) if self.shapes else None
        segments = None
        if self.context and batch.context is not None:
            if self.segment is None:
                segments = batch.context.long()
            else:
                embedded = embedded + batch.context[:, :, None] * self.segment
        vectors = read_pieces(self.transformer, embedded, batch.piece_mask, shapes, segments)
        return mean_by_word(vectors, batch.piece_words, words=batch.word_mask.shape[1])


def longest_text(transformer: nn.Module) -> int:
    """Return the most pieces that a transformer has positions for.

    RoBERTa, MPNet and their kin count positions from the one after their padding's.
    """
    config: Any = transformer.config
    table: Any = getattr(getattr(transformer, "embeddings", None), "position_embeddings", None)
    padding = getattr(table, "padding_idx", None)
    positions: int = config.max_position_embeddings
    return positions if padding is None else positions - padding - 1


def by_piece(
    shapes: UInt8[Tensor, "batch words"], piece_words: Int[Tensor, "batch pieces"]
) -> Int[Tensor, "batch pieces"]:
    """Return the shape of each piece's word; ``none`` for special pieces."""
    return pad(shapes.long(), (0, 1)).gather(1, piece_words)


def mean_by_word(
    vectors: Float[Tensor, "batch pieces hidden"],
    piece_words: Int[Tensor, "batch pieces"],
    *,
    words: int,
) -> Float[Tensor, "batch words hidden"]:
    """Average the pieces of each word; pieces of word number ``words`` count nowhere."""
    shape = (vectors.shape[0], words + 1)
    index = piece_words[:, :, None].expand_as(vectors)
    sums = vectors.new_zeros(*shape, vectors.shape[2]).scatter_add(1, index, vectors)
    counts = vectors.new_zeros(shape).scatter_add(1, piece_words, torch.ones_like(vectors[:, :, 0]))
    return (sums / counts.clamp(min=1)[:, :, None])[:, :words]


def states_by_word(
    states: Iterable[Float[Tensor, "batch pieces hidden"]], batch: TensorBatch
) -> list[Float[Tensor, "batch words hidden"]]:
    """Average the pieces of each word of a batch, for the states of several layers."""
    words = batch.word_mask.shape[1]
    return [mean_by_word(own, batch.piece_words, words=words) for own in states]


def masked_mean(
    vectors: Float[Tensor, "*shape items hidden"], mask: Bool[Tensor, "*shape items"]
) -> Float[Tensor, "*shape hidden"]:
    """Average the items in the mask; zero where there is none."""
    weights = mask.to(vectors.dtype)
    return (vectors * weights[..., None]).sum(dim=-2) / weights.sum(dim=-1, keepdim=True).clamp(
        min=1
    )
