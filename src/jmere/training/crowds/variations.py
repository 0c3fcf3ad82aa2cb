"""Variations of a text's spelling that leave its annotation as it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from jmere.text.hashtags import tag_parts
from jmere.training.crowds.crowd_config import VaryConfig
from jmere.training.crowds.texts import NEW, Passage

_ADDRESS = "https://t.co/"
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


class _Word(NamedTuple):
    form: str
    origin: int


def vary(text: Passage, config: VaryConfig, draw: np.random.Generator) -> Passage:
    """Return a text with the variations that are drawn for it.

    Example:
        >>> text = Passage(("Ann", "wins", "."))
        >>> vary(text, VaryConfig(upper=1.0, ends=0.0), np.random.default_rng(0)).words
        ('ANN', 'WINS', '.')
    """
    if draw.random() < config.hashtags:
        text = _applied(text, _as_hashtags(text, draw))
    if draw.random() < config.hyphens:
        text = _applied(text, _hyphenated(text, draw))
    if draw.random() < config.ends:
        text = _applied(text, _ended(text, draw))
    case = draw.random()
    if case < config.lower:
        return _applied(text, [_Word(word.lower(), n) for n, word in enumerate(text.words)])
    if case < config.lower + config.upper:
        return _applied(text, [_Word(_upper(word), n) for n, word in enumerate(text.words)])
    return text


def _applied(text: Passage, words: Sequence[_Word]) -> Passage:
    return text.rewritten([word.form for word in words], [word.origin for word in words])


def _as_hashtags(text: Passage, draw: np.random.Generator) -> list[_Word]:
    """Split the hashtags into words as the word splitter does, and make one of a name."""
    names = [
        mention.start
        for mention in text.entities()
        if text.words[mention.start][:1].isupper()
        and (mention.start == 0 or text.words[mention.start - 1] not in ("#", "@"))
    ]
    chosen = int(draw.choice(names)) if names else NEW
    return list(_tagged(text.words, chosen))


def _tagged(words: Sequence[str], chosen: int) -> Iterator[_Word]:
    for place, word in enumerate(words):
        if place == chosen:
            yield _Word("#", NEW)
        after_sign = place > 0 and words[place - 1] == "#"
        for start, end in tag_parts(word) if after_sign else [(0, len(word))]:
            yield _Word(word[start:end], place)


def _hyphenated(text: Passage, draw: np.random.Generator) -> list[_Word]:
    """Put a hyphen between two capitalised words of a name."""
    inside = [
        place
        for mention in text.entities()
        for place in range(mention.start, mention.end - 1)
        if text.words[place].isalpha()
        and text.words[place][0].isupper()
        and text.words[place + 1].isalpha()
    ]
    words = [_Word(word, place) for place, word in enumerate(text.words)]
    if inside:
        place = int(draw.choice(inside))
        words.insert(place + 1, _Word("-", place))
    return words


def _ended(text: Passage, draw: np.random.Generator) -> list[_Word]:
    """Drop or add a full stop, or add a web address."""
    words = [_Word(word, place) for place, word in enumerate(text.words)]
    if draw.random() < 0.3:
        letters = draw.choice(list(_LETTERS), size=10)
        return [*words, _Word(_ADDRESS + "".join(letters), NEW)]
    in_name = any(mention.end == len(words) for mention in text.entities())
    if words and words[-1].form == ".":
        return words if in_name or len(words) == 1 else words[:-1]
    return [*words, _Word(".", NEW)]


def _upper(word: str) -> str:
    return word if word[:1] == "@" or word.startswith("http") else word.upper()
