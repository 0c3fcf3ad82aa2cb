"""Objectives of an adaptation: masked language modelling and entity tagging."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, linear
from torch.nn.utils.rnn import pad_sequence

from jmere.grid.word_labels import OUTSIDE
from jmere.layers.encoder import mean_by_word
from jmere.layers.spans import first_label, later_label
from jmere.layers.word_shapes import has_shapes, input_embedding, read_pieces
from jmere.records import Post
from jmere.tags import IGNORE, TagSet
from jmere.text.pieces import SPECIAL, Pieces, PieceVocabulary
from jmere.text.shapes import shape_ids
from jmere.text.words import post_words


@dataclass(frozen=True)
class EncoderExample:
    """A tokenized text; with word labels if all its entities are annotated."""

    pieces: Pieces
    shapes: tuple[int, ...]
    """Shape of each piece's word."""
    words: int
    labels: tuple[int, ...] | None


@dataclass(frozen=True)
class ReadingBatch:
    """A batch of texts, padded to the longest."""

    ids: Int[Tensor, "batch pieces"]
    mask: Bool[Tensor, "batch pieces"]
    shapes: Int[Tensor, "batch pieces"]
    piece_words: Int[Tensor, "batch pieces"]
    """Word of each piece; the number of words of the batch where it has none."""
    labels: Int[Tensor, "batch words"]
    """Span label of each word; ``IGNORE`` if unknown."""
    masked_ids: Int[Tensor, "batch pieces"]
    """The original piece where one was masked; ``IGNORE`` elsewhere."""

    def to(self, device: torch.device) -> "ReadingBatch":
        """Move the batch to a device."""
        return replace(self, **{f.name: getattr(self, f.name).to(device) for f in fields(self)})


class Adaptation(nn.Module):
    """A transformer with a masked language model head and an entity tagging head."""

    def __init__(self, transformer: Any, *, labels: int) -> None:
        super().__init__()
        config = transformer.config
        self.transformer = transformer
        self.guess = nn.Sequential(
            nn.Linear(config.hidden_size, config.hidden_size),
            nn.GELU(),
            nn.LayerNorm(config.hidden_size),
        )
        self.bias = nn.Parameter(torch.zeros(config.vocab_size))
        self.entities = nn.Sequential(nn.Dropout(0.1), nn.Linear(config.hidden_size, labels))
        self.shapes = has_shapes(transformer)

    def forward(self, batch: ReadingBatch) -> tuple[Float[Tensor, ""], Float[Tensor, ""]]:
        """Return the losses of the masked pieces and of the word labels; 0 if there is none."""
        shapes = batch.shapes if self.shapes else None
        embedded = input_embedding(self.transformer, batch.ids)
        vectors = read_pieces(self.transformer, embedded, batch.mask, shapes)
        hidden = batch.masked_ids != IGNORE
        table = self.transformer.get_input_embeddings().weight
        guesses = linear(self.guess(vectors[hidden]), table, self.bias)
        words = mean_by_word(vectors, batch.piece_words, words=batch.labels.shape[1])
        return (
            mean_loss(guesses, batch.masked_ids[hidden]),
            mean_loss(self.entities(words).flatten(0, 1), batch.labels.flatten()),
        )


def mean_loss(
    scores: Float[Tensor, "positions classes"], gold: Int[Tensor, " positions"]
) -> Float[Tensor, ""]:
    """Return the mean cross-entropy over positions that are not ignored; 0 if there is none.

    Example:
        >>> float(mean_loss(torch.zeros(2, 4), torch.tensor([IGNORE, IGNORE])))
        0.0
    """
    summed = cross_entropy(scores.float(), gold, ignore_index=IGNORE, reduction="sum")
    return summed / (gold != IGNORE).sum().clamp(min=1)


def read(post: Post, pieces: Pieces, tags: TagSet | None) -> EncoderExample:
    """Convert a post to numbers; with ``tags`` also the span label of each word."""
    words = post_words(post)
    shapes = shape_ids(words.words)
    labels = [OUTSIDE] * len(words)
    for entity in post.all_entities():
        mention = words.mention(entity)
        if tags is not None and mention is not None:
            number = tags.entity_id(mention.type)
            later = mention.end - mention.start - 1
            labels[mention.start : mention.end] = [
                first_label(number),
                *[later_label(number)] * later,
            ]
    return EncoderExample(
        pieces=pieces,
        shapes=tuple(0 if word == SPECIAL else shapes[word] for word in pieces.words),
        words=len(words),
        labels=None if tags is None else tuple(labels),
    )


def collate(readings: Sequence[EncoderExample]) -> ReadingBatch:
    """Pad texts to the longest, without masking."""
    words = max(1, *(reading.words for reading in readings))

    def padded(rows: Sequence[Sequence[int]], fill: int) -> Int[Tensor, "batch positions"]:
        tensors = [torch.tensor(row, dtype=torch.long) for row in rows]
        return pad_sequence(tensors, batch_first=True, padding_value=fill)

    ids = padded([reading.pieces.ids for reading in readings], 0)
    piece_words = padded([reading.pieces.words for reading in readings], SPECIAL)
    labels = [reading.labels or (IGNORE,) * reading.words for reading in readings]
    labels[0] = (*labels[0], *(IGNORE,) * (words - len(labels[0])))
    lengths = torch.tensor([len(reading.pieces.ids) for reading in readings])
    return ReadingBatch(
        ids=ids,
        mask=torch.arange(ids.shape[1]) < lengths[:, None],
        shapes=padded([reading.shapes for reading in readings], 0),
        piece_words=piece_words.masked_fill(piece_words == SPECIAL, words),
        labels=padded(labels, IGNORE),
        masked_ids=torch.full_like(ids, IGNORE),
    )


def masked(
    batch: ReadingBatch,
    vocabulary: PieceVocabulary,
    *,
    share: float,
    generator: torch.Generator,
) -> ReadingBatch:
    """Select a share of the words' pieces: mask 80 %, replace 10 % and keep 10 % of them.

    The scheme is BERT's (Devlin et al. 2019); special pieces are never selected.
    """
    of_words = batch.piece_words < batch.labels.shape[1]
    drawn = torch.rand(batch.ids.shape, generator=generator)
    selected = of_words & (drawn < share)
    kind = torch.rand(batch.ids.shape, generator=generator)
    others = torch.randint(vocabulary.size, batch.ids.shape, generator=generator)
    ids = batch.ids.masked_fill(selected & (kind < 0.8), vocabulary.mask)
    ids = torch.where(selected & (kind >= 0.9), others, ids)
    return replace(batch, ids=ids, masked_ids=batch.ids.masked_fill(~selected, IGNORE))
