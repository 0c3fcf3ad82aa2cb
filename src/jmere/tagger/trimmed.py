"""Names without the sign of their hashtag."""

from __future__ import annotations

from dataclasses import replace

from jmere.grid.decode import Decoded
from jmere.records import Mention
from jmere.text.words import Words

SIGNS = frozenset("#＃")


def without_signs(decoded: Decoded, words: Words) -> Decoded:
    """Return what was decoded, each name that begins with the sign of its hashtag without it.

    A ``#`` that stands apart from its word, as in data sets of tokens, stays.

    Example:
        >>> from jmere.text.words import split
        >>> found = Decoded(mentions=(Mention(0, 2, "org"),))
        >>> without_signs(found, split("#MAGA")).mentions
        (Mention(start=1, end=2, type='org'),)
    """
    if not any(_is_signed(mention, words) for mention in decoded.mentions):
        return decoded
    return Decoded(
        links=tuple(
            replace(link, head=_unsigned(link.head, words), tail=_unsigned(link.tail, words))
            for link in decoded.links
        ),
        mentions=tuple(_unsigned(mention, words) for mention in decoded.mentions),
    )


def _is_signed(mention: Mention, words: Words) -> bool:
    start, spans = mention.start, words.spans
    return (
        mention.end - start > 1
        and words.words[start] in SIGNS
        and spans[start][1] == spans[start + 1][0]
    )


def _unsigned(mention: Mention, words: Words) -> Mention:
    return replace(mention, start=mention.start + 1) if _is_signed(mention, words) else mention
