"""Spans of words as tensors: read from labels or gold grids, and written into grids again."""

from typing import NamedTuple, TypeVar

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn.functional import one_hot, pad

from jmere.align.traced import is_traced
from jmere.grid.word_labels import OUTSIDE
from jmere.tags import NONE

SURE = 20.0
"""Margin, in nats, of a decided tag's score over the others'."""


Number = TypeVar("Number", int, Tensor)


def label_count(types: int) -> int:
    """Return the number of labels: outside, and two of each type.

    >>> label_count(4)
    9
    """
    return 1 + 2 * types


def first_label(number: Number) -> Number:
    """Return the label of the first word of a span whose type has this number, from 1.

    >>> first_label(1), first_label(2)
    (1, 3)
    """
    return 2 * number - 1


def later_label(number: Number) -> Number:
    """Return the label of the other words of a span whose type has this number, from 1.

    >>> later_label(1), later_label(2)
    (2, 4)
    """
    return 2 * number


class WordSpans(NamedTuple):
    """Typed spans of each post, without overlap."""

    of_word: Int[Tensor, "batch words"]
    """Number of each word's span in its post; the most spans of a post where it is in none."""
    types: Int[Tensor, "batch spans"]
    """Tag of each span's type, ``NONE`` where there is no such span."""

    @property
    def mask(self) -> Bool[Tensor, "batch spans"]:
        """Return the mask of spans that are not padding."""
        return self.types != NONE

    @property
    def pairs(self) -> Bool[Tensor, "batch spans spans"]:
        """Return the mask of ordered pairs of two different spans."""
        places = torch.arange(self.types.shape[1], device=self.types.device)
        return self.mask[:, :, None] & self.mask[:, None] & (places[:, None] != places)


def grid_labels(
    gold: Int[Tensor, "batch words words"], *, types: int
) -> Int[Tensor, "batch words"]:
    """Labels of the spans in gold grids; words are of one span where the cell between them is.

    Args:
        gold: Tags of word pairs; padding holds a negative number.
        types: Number of entity types, which are tags 1 to ``types``.
    """
    own = gold.diagonal(dim1=1, dim2=2)
    own = torch.where((own > NONE) & (own <= types), own, NONE)
    with_last = pad(gold.diagonal(offset=1, dim1=1, dim2=2), (1, 0), value=NONE)
    continues = (with_last == own) & (own != NONE)
    labels = torch.where(continues, later_label(own), first_label(own))
    return torch.where(own == NONE, OUTSIDE, labels)


def read_spans(labels: Int[Tensor, "batch words"]) -> WordSpans:
    """Decode labels to spans; a continuation without a beginning of its type starts a span."""
    types = (labels + 1) // 2  # the inverse of both kinds of labels
    last = pad(types[:, :-1], (1, 0), value=NONE)
    begins = (types != NONE) & ((labels == first_label(types)) | (types != last))
    number = begins.long().cumsum(dim=1) - 1
    # While a graph is traced nothing may depend on values: there is room for a span per word.
    most = labels.shape[1] if is_traced() else int(number.max()) + 1
    of_word = torch.where(types == NONE, most, number)
    by_span = types.new_zeros(types.shape[0], most + 1).scatter(1, of_word, types)
    return WordSpans(of_word, by_span[:, :most])


def pair_tags(
    gold: Int[Tensor, "batch words words"], spans: WordSpans, *, types: int
) -> Int[Tensor, "batch spans spans"]:
    """Relation of each ordered pair of spans in gold grids, from 1; 0 for none."""
    numbers = torch.arange(spans.types.shape[1], device=gold.device)
    firsts = (spans.of_word[:, None] == numbers[:, None]).long().argmax(dim=2)
    rows = gold.gather(1, firsts[:, :, None].expand(-1, -1, gold.shape[2]))
    tags = rows.gather(2, firsts[:, None].expand(-1, firsts.shape[1], -1))
    return (tags - types).clamp(min=0) * spans.pairs


def write_grid(
    spans: WordSpans, pairs: Float[Tensor, "batch spans spans relations"], *, types: int
) -> Float[Tensor, "batch words words tags"]:
    """Scores of a grid that is read back as these spans and the best relation of each pair.

    Types are written as decided; a relation keeps its scores.

    Args:
        spans: The spans.
        pairs: Scores of no relation and of each relation, of every ordered pair of spans.
        types: Number of entity types.
    """
    of_word, count = spans.of_word, spans.types.shape[1]
    nothing = pairs.new_full((pairs.shape[-1],), -SURE)
    nothing[NONE] = 0
    known = torch.where(spans.pairs[..., None], pairs.log_softmax(dim=-1), nothing)
    by_span = nothing.expand(pairs.shape[0], count + 1, count + 1, -1).clone()
    by_span[:, :count, :count] = known
    post = torch.arange(pairs.shape[0], device=pairs.device)[:, None, None]
    cells = by_span[post, of_word[:, :, None], of_word[:, None]]

    inside = (of_word[:, :, None] == of_word[:, None]) & (of_word < count)[:, None]
    inside = inside.triu()
    word_types = pad(spans.types, (0, 1), value=NONE).gather(1, of_word)
    own = one_hot(word_types, types + 1)[:, None, :, 1:] * inside[..., None]
    none = cells[..., :1] - SURE * inside[..., None]
    # A type never outweighs none outside its span, however sure a relation is.
    typed = cells[..., :1] - SURE + SURE * own
    return torch.cat([none, typed, cells[..., 1:]], dim=-1)
