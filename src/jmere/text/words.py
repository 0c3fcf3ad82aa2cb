"""Words and their character offsets; conversion between entities and mentions."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from jmere.records import Entity, Link, Mention, Post, Quintuple
from jmere.text.cuts import CutSpan, is_long, pieces, plain_words
from jmere.text.hashtags import tag_parts
from jmere.text.hyphens import with_whole_names

if TYPE_CHECKING:
    from spacy.tokenizer import Tokenizer


@dataclass(frozen=True, slots=True)
class Words:
    """Words of a text with the half-open character span of each.

    Example:
        >>> words = split("Gisele Frey wins")
        >>> words.mention(Entity("Gisele Frey", "per", 0, 11))
        Mention(start=0, end=2, type='per')
    """

    text: str
    words: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]

    def __len__(self) -> int:
        return len(self.words)

    def mention(self, entity: Entity) -> Mention | None:
        """Return the words of an entity; ``None`` if its offsets are inside a word."""
        start = bisect_left(self.spans, entity.start, key=_start)
        end = bisect_left(self.spans, entity.end, key=_end)
        if start > end or end == len(self):
            return None
        if self.spans[start][0] != entity.start or self.spans[end][1] != entity.end:
            return None
        return Mention(start, end + 1, entity.type)

    def within(self, start: int, end: int) -> range:
        """Return the words that overlap ``text[start:end]``."""
        first = bisect_right(self.spans, start, key=_end)
        return range(first, max(first, bisect_left(self.spans, end, key=_start)))

    def link(self, quintuple: Quintuple) -> Link | None:
        """Return the words of a quintuple; ``None`` if an entity's offsets are inside a word."""
        head, tail = self.mention(quintuple.head), self.mention(quintuple.tail)
        if head is None or tail is None:
            return None
        return Link(head, tail, quintuple.relation, quintuple.score)

    def entity(self, mention: Mention) -> Entity:
        """Return the characters of a mention."""
        start, end = self.spans[mention.start][0], self.spans[mention.end - 1][1]
        return Entity(self.text[start:end], mention.type, start, end)

    def quintuple(self, link: Link) -> Quintuple:
        """Return the characters of a link."""
        return Quintuple(self.entity(link.head), self.entity(link.tail), link.relation, link.score)

    def window(self, start: int, end: int) -> Words:
        """Return words ``start`` to ``end``, with offsets in the whole text."""
        return Words(self.text, self.words[start:end], self.spans[start:end])


def _start(span: tuple[int, int]) -> int:
    return span[0]


def _end(span: tuple[int, int]) -> int:
    return span[1]


def post_words(post: Post) -> Words:
    """Return the words of a post: its own tokens, or its text split by spaCy's English rules.

    Tokens that are only white space are dropped.
    """
    if post.tokens is None:
        return split(post.text)
    words = join(post.tokens)
    if all(word.strip() for word in words.words):
        return words
    kept = [place for place, word in enumerate(words.words) if word.strip()]
    return Words(
        words.text,
        tuple(words.words[place] for place in kept),
        tuple(words.spans[place] for place in kept),
    )


def join(tokens: Sequence[str]) -> Words:
    """Join given words by single spaces; no word is split, dropped or changed."""
    spans, start = [], 0
    for token in tokens:
        spans.append((start, start + len(token)))
        start += len(token) + 1
    return Words(" ".join(tokens), tuple(tokens), tuple(spans))


def split(text: str) -> Words:
    """Split a text into words; every character except white space is in one word.

    A hashtag is its sign and the words that its capitals show (``tag_parts``); a name with
    hyphens is one word (``with_whole_names``). Runs in linear time for any text.

    Example:
        >>> split("Bonn wins.").words
        ('Bonn', 'wins', '.')
    """
    found = list(pieces(text))
    long = [span for span in found if is_long(text, *span)]
    if long:
        found = sorted(set(found).difference(long))
    spans = list(_tokenized(text, found))
    if long:
        spans = sorted([*spans, *(word for span in long for word in plain_words(text, *span))])
    spans = list(with_whole_names(text, spans))
    if "#" in text:
        spans = list(_in_hashtags(text, spans))
    return Words(text, tuple(text[start:end] for start, end in spans), tuple(spans))


def _in_hashtags(text: str, spans: Sequence[CutSpan]) -> Iterator[CutSpan]:
    """Split the word after each sign of a hashtag."""
    before = (-1, -1)
    for start, end in spans:
        if before[1] == start and text[slice(*before)] == "#":
            yield from ((start + first, start + last) for first, last in tag_parts(text[start:end]))
        else:
            yield start, end
        before = start, end


def _tokenized(text: str, found: Sequence[CutSpan]) -> Iterator[CutSpan]:
    """Tokenize pieces of a text, each as if surrounded by white space."""
    shift, shifts, joined = 0, [], 0
    for start, end in found:
        shifts.append((joined, start - joined))
        joined += end - start + 1
    tokens = _tokenizer()(" ".join(text[start:end] for start, end in found))
    place = -1
    for token in tokens:
        while place + 1 < len(shifts) and shifts[place + 1][0] <= token.idx:
            place += 1
            shift = shifts[place][1]
        if not token.is_space:
            yield token.idx + shift, token.idx + len(token) + shift


@lru_cache(maxsize=1)
def _tokenizer() -> Tokenizer:
    from jmere.text.english import english  # spaCy is slow to import; given words do without

    return english().tokenizer
