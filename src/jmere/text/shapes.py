"""Word shapes (capitalisation), for encoders with lower-cased pieces."""

from __future__ import annotations

from collections.abc import Iterable

SHAPES = (
    "none",
    "lower",
    "capitalised",
    "upper",
    "mixed",
    "number",
    "user",
    "hashtag",
    "other",
)
"""Shapes by id; ``none`` is for padding and special pieces."""

_NUMBERS = {name: number for number, name in enumerate(SHAPES)}


def shape_ids(words: Iterable[str]) -> list[int]:
    """Return the shape id of each word."""
    return [_NUMBERS[shape(word)] for word in words]


def shape(word: str) -> str:
    """Return the shape of a word; hashtags and user names have their own shapes.

    Example:
        >>> shape("Bonn"), shape("NASA"), shape("wins")
        ('capitalised', 'upper', 'lower')
    """
    if len(word) > 1 and word[0] in "@#":
        return "user" if word[0] == "@" else "hashtag"
    letters = [letter for letter in word if letter.isalpha()]
    if not letters:
        return "number" if any(map(str.isdigit, word)) else "other"
    capitals = [letter.isupper() for letter in letters]
    if not any(capitals):
        return "lower"
    if capitals[0] and not any(capitals[1:]):
        return "capitalised"
    return "upper" if all(capitals) else "mixed"
