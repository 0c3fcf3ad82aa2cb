"""Names that are a part of a hashtag become the whole of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from jmere.grid.word_labels import ScoredMention
from jmere.tagger.trimmed import SIGNS
from jmere.text.words import Words


def whole_hashtags(names: Sequence[ScoredMention], words: Words) -> tuple[ScoredMention, ...]:
    """Return names, each that lies in a hashtag as the whole hashtag without its sign.

    Of names that then overlap the most probable stays.

    Example:
        >>> from jmere.records import Mention
        >>> from jmere.text.words import split
        >>> parts = Mention(1, 2, "org"), Mention(2, 3, "loc")
        >>> names = [ScoredMention(each, score) for each, score in zip(parts, (0.9, 0.5))]
        >>> whole_hashtags(names, split("#StarbucksUK"))
        (ScoredMention(mention=Mention(start=1, end=3, type='org'), score=0.9),)
    """
    if not names or not any(word in SIGNS for word in words.words):
        return tuple(names)
    tags = _hashtags(words)
    wholes = sorted((_whole(name, tags) for name in names), key=lambda name: -name.score)
    taken: set[int] = set()
    kept: list[ScoredMention] = []
    for name in wholes:
        places = range(name.mention.start, name.mention.end)
        if taken.isdisjoint(places):
            taken.update(places)
            kept.append(name)
    return tuple(sorted(kept, key=lambda name: name.mention.start))


def _whole(name: ScoredMention, tags: dict[int, range]) -> ScoredMention:
    tag = tags.get(name.mention.start)
    if tag is None or name.mention.end > tag.stop:
        return name
    return ScoredMention(replace(name.mention, start=tag.start, end=tag.stop), name.score)


def _hashtags(words: Words) -> dict[int, range]:
    """Return the words of the hashtag that each word, or its sign, is in."""
    tags: dict[int, range] = {}
    for sign, word in enumerate(words.words):
        if word not in SIGNS:
            continue
        end = sign + 1
        while end < len(words) and _goes_on(words, end):
            end += 1
        if end > sign + 1:
            tags.update(dict.fromkeys(range(sign, end), range(sign + 1, end)))
    return tags


def _goes_on(words: Words, place: int) -> bool:
    return words.spans[place - 1][1] == words.spans[place][0] and words.words[place].isalnum()
