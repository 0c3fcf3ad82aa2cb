"""Text encoder: word pieces to one vector per word."""

from typing import Any

import torch
from jaxtyping import Bool, Float, Int, UInt8
from torch import Tensor, nn
from torch.nn.functional import pad

from jmere.layers.tensor_batch import TensorBatch
from jmere.layers.word_shapes import add_shapes, has_shapes, read_pieces


class WordEncoder(nn.Module):
    """Pretrained transformer whose piece vectors are averaged to words (equation 1).

    One that ``learn_shapes`` has prepared is told how the word of each piece is written.
    """

    def __init__(self, transformer: nn.Module) -> None:
        super().__init__()
        add_shapes(transformer)
        self.transformer = transformer
        config: Any = transformer.config
        self.hidden: int = config.hidden_size
        self.longest = longest_text(transformer)
        """Most pieces of a post, special ones included."""
        self.shapes = has_shapes(transformer)
        """Whether the encoder uses the shape of each piece's word."""

    def forward(self, batch: TensorBatch) -> Float[Tensor, "batch words hidden"]:
        """Vectors of the words, zero where a word is padding."""
        shapes = by_piece(batch.shapes, batch.piece_words) if self.shapes else None
        vectors = read_pieces(self.transformer, batch.piece_ids, batch.piece_mask, shapes)
        return mean_by_word(vectors, batch.piece_words, words=batch.word_mask.shape[1])

    def label_vectors(
        self, label_pieces: Int[Tensor, "batch objects label"]
    ) -> Float[Tensor, "batch objects hidden"]:
        """Mean input embedding of the pieces of each label: what the words mean by themselves."""
        mask = label_pieces >= 0
        embed: Any = self.transformer.get_input_embeddings()  # type: ignore[operator]
        vectors = embed(label_pieces.clamp(min=0))
        return masked_mean(vectors, mask)


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
    shape = (len(vectors), words + 1)
    index = piece_words[:, :, None].expand_as(vectors)
    sums = vectors.new_zeros(*shape, vectors.shape[2]).scatter_add(1, index, vectors)
    counts = vectors.new_zeros(shape).scatter_add(1, piece_words, torch.ones_like(vectors[:, :, 0]))
    return (sums / counts.clamp(min=1)[:, :, None])[:, :words]


def masked_mean(
    vectors: Float[Tensor, "*shape places hidden"], mask: Bool[Tensor, "*shape places"]
) -> Float[Tensor, "*shape hidden"]:
    """Mean over the places in the mask, zero where there is none."""
    weights = mask.to(vectors.dtype)
    return (vectors * weights[..., None]).sum(dim=-2) / weights.sum(dim=-1, keepdim=True).clamp(
        min=1
    )
