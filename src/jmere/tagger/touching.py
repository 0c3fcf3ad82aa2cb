"""Names that a model cut in two, made whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from jmere.grid.decode import Decoded
from jmere.records import Link, Mention
from jmere.text.words import Words


def join_touching(decoded: Decoded, words: Words) -> Decoded:
    """Return what was decoded, mentions of one type that touch each other joined.

    Two names that follow each other without a word or a line break between them, and are in no
    relation, are parts of one. A link goes to the whole; of two that then are one, the surer stays.

    Example:
        >>> from jmere.text.words import split
        >>> cut = Decoded(mentions=(Mention(1, 2, "loc"), Mention(2, 3, "loc")))
        >>> join_touching(cut, split("in San Diego")).mentions
        (Mention(start=1, end=3, type='loc'),)
    """
    related = {frozenset((link.head, link.tail)) for link in decoded.links}
    joints = [
        (first, second)
        for first, second in pairwise(decoded.mentions)
        if _touch(first, second, words) and frozenset((first, second)) not in related
    ]
    if not joints:
        return decoded
    wholes = _wholes(decoded.mentions, joints)
    return Decoded(
        links=tuple(_distinct(decoded.links, wholes)),
        mentions=tuple(dict.fromkeys(wholes[mention] for mention in decoded.mentions)),
    )


def _touch(first: Mention, second: Mention, words: Words) -> bool:
    between = words.text[words.spans[first.end - 1][1] : words.spans[second.start][0]]
    return first.type == second.type and first.end == second.start and "\n" not in between


def _wholes(
    mentions: tuple[Mention, ...], joints: list[tuple[Mention, Mention]]
) -> dict[Mention, Mention]:
    """Return the whole that each mention is a part of, often the mention itself."""
    starts = {mention: mention.start for mention in mentions}
    for first, second in joints:
        starts[second] = starts[first]
    ends = {starts[mention]: mention.end for mention in mentions}
    return {
        mention: replace(mention, start=start, end=ends[start]) for mention, start in starts.items()
    }


def _distinct(links: tuple[Link, ...], wholes: dict[Mention, Mention]) -> Iterator[Link]:
    """Yield the links between wholes, each pair and relation once, with its highest score."""
    best: dict[tuple[Mention, Mention, str], Link] = {}
    for link in links:
        head, tail = wholes[link.head], wholes[link.tail]
        if head == tail:
            continue
        kept = best.get((head, tail, link.relation))
        if kept is None or (link.score or 0) > (kept.score or 0):
            best[head, tail, link.relation] = replace(link, head=head, tail=tail)
    yield from best.values()
