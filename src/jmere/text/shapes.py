"""How a word is written, which an encoder of lower-cased pieces cannot see."""

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
"""The shapes, by number; ``none`` is that of padding and of pieces that belong to no word."""

_NUMBERS = {name: number for number, name in enumerate(SHAPES)}


def shape_ids(words: Iterable[str]) -> list[int]:
    """The number of each word's shape."""
    return [_NUMBERS[shape(word)] for word in words]


def shape(word: str) -> str:
    """The shape of a word; that of a hashtag or a user's name counts as one whatever its case."""
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
