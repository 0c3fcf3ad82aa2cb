"""Names without the sign of their hashtag."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from jmere.grid.decode import Decoded
from jmere.records import Mention

SIGNS = frozenset("#＃")


def without_signs(decoded: Decoded, words: Sequence[str]) -> Decoded:
    """Return what was decoded, each name that begins with a ``#`` of its own without it.

    Example:
        >>> found = Decoded(mentions=(Mention(0, 2, "org"),))
        >>> without_signs(found, ("#", "MAGA")).mentions
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


def _is_signed(mention: Mention, words: Sequence[str]) -> bool:
    return words[mention.start] in SIGNS and mention.end - mention.start > 1


def _unsigned(mention: Mention, words: Sequence[str]) -> Mention:
    return replace(mention, start=mention.start + 1) if _is_signed(mention, words) else mention
