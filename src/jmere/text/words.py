"""Words and their character offsets, and the way between entities and mentions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from jmere.records import Entity, Link, Mention, Post, Quintuple

if TYPE_CHECKING:
    from spacy.tokenizer import Tokenizer


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text and the half-open character span of each."""

    text: str
    words: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]

    def __len__(self) -> int:
        return len(self.words)

    def mention(self, entity: Entity) -> Mention | None:
        """The words of an entity; ``None`` where its offsets fall inside a word."""
        starts = {start: index for index, (start, _) in enumerate(self.spans)}
        ends = {end: index + 1 for index, (_, end) in enumerate(self.spans)}
        start, end = starts.get(entity.start), ends.get(entity.end)
        if start is None or end is None or start >= end:
            return None
        return Mention(start, end, entity.type)

    def link(self, quintuple: Quintuple) -> Link | None:
        """The words of a quintuple; ``None`` where an entity's offsets fall inside a word."""
        head, tail = self.mention(quintuple.head), self.mention(quintuple.tail)
        if head is None or tail is None:
            return None
        return Link(head, tail, quintuple.relation, quintuple.score)

    def entity(self, mention: Mention) -> Entity:
        """The characters of a mention."""
        start, end = self.spans[mention.start][0], self.spans[mention.end - 1][1]
        return Entity(self.text[start:end], mention.type, start, end)

    def quintuple(self, link: Link) -> Quintuple:
        """The characters of a link."""
        return Quintuple(self.entity(link.head), self.entity(link.tail), link.relation, link.score)

    def window(self, start: int, end: int) -> Words:
        """Words ``start`` to ``end``, with offsets in the whole text."""
        return Words(self.text, self.words[start:end], self.spans[start:end])


def words_of(post: Post) -> Words:
    """The words of a post: its own tokens, or its text split by spaCy's English rules.

    A token of white space alone is between words, as in a text, and is none itself.
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
    """Given words, joined by single spaces; none is split, dropped or changed."""
    spans, start = [], 0
    for token in tokens:
        spans.append((start, start + len(token)))
        start += len(token) + 1
    return Words(" ".join(tokens), tuple(tokens), tuple(spans))


def split(text: str) -> Words:
    """Split a text into words; white space is between words, every other character in one."""
    tokens = [token for token in _tokenizer()(text) if not token.is_space]
    spans = tuple((token.idx, token.idx + len(token)) for token in tokens)
    return Words(text, tuple(token.text for token in tokens), spans)


@lru_cache(maxsize=1)
def _tokenizer() -> Tokenizer:
    import spacy  # slow to import, and posts with their own tokens do without

    return spacy.blank("en").tokenizer
