"""Sure names become entities, in a quintuple or not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from jmere.grid.decode import Decoded, DecodeOptions
from jmere.grid.word_labels import ScoredMention
from jmere.records import Mention


def with_names(decoded: Decoded, names: Sequence[ScoredMention], options: DecodeOptions) -> Decoded:
    """Return what was decoded with the names that reach the options' score.

    In a post with a link an entity keeps its place where a name overlaps it, in a post without
    the name does.

    Example:
        >>> ann, bonn = Mention(0, 1, "per"), Mention(2, 3, "loc")
        >>> options = DecodeOptions(names_without_facts=0.7)
        >>> found = with_names(Decoded(mentions=(ann,)), [ScoredMention(bonn, 0.9)], options)
        >>> found.mentions == (ann, bonn)
        True
    """
    least = options.names_with_facts if decoded.links else options.names_without_facts
    sure = [name.mention for name in names if least is not None and name.score >= least]
    if not sure:
        return decoded
    first, second = (decoded.mentions, sure) if decoded.links else (sure, decoded.mentions)
    return replace(decoded, mentions=tuple(_united(first, second)))


def _united(first: Iterable[Mention], second: Iterable[Mention]) -> list[Mention]:
    """Return mentions in text order: all of the first, and of the second those apart from them."""
    kept = list(first)
    taken = {place for mention in kept for place in range(mention.start, mention.end)}
    kept += [own for own in second if taken.isdisjoint(range(own.start, own.end))]
    return sorted(kept, key=lambda mention: mention.start)
