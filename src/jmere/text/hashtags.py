"""Words of a hashtag: ``GoldenStateWarriors`` is three."""

from __future__ import annotations

import re

_PART = re.compile(
    r"[A-Z]+(?![a-z])"  # UK, or the NBA of NBAFinals
    r"|[A-Z]?[a-z]+"
    r"|\d+"
)
_TAG = re.compile(r"[A-Za-z]+\d*|\d+[A-Za-z]+")
_SHORTEST = 2


def tag_parts(tag: str) -> list[tuple[int, int]]:
    """Return the character spans of a hashtag's words, by its capitals.

    A hashtag that capitals do not divide clearly is one word: one with letters outside ASCII,
    or with a part of a single letter.

    Args:
        tag: Without its sign.

    Example:
        >>> [("NBAFinals"[start:end]) for start, end in tag_parts("NBAFinals")]
        ['NBA', 'Finals']
        >>> tag_parts("MAGA"), tag_parts("iPhone")
        ([(0, 4)], [(0, 6)])
    """
    whole = [(0, len(tag))]
    if not _TAG.fullmatch(tag):
        return whole
    spans = [found.span() for found in _PART.finditer(tag)]
    letters = [end - start for start, end in spans if not tag[start].isdigit()]
    if len(spans) < 2 or min(letters, default=0) < _SHORTEST or not tag[0].isupper():
        return whole
    return spans
