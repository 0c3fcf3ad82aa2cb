"""Names written with hyphens, such as *Saint-Germain*, are one word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jmere.text.cuts import CutSpan

HYPHENS = frozenset("-\u2010\u2011")

LEADING = frozenset({"al", "as", "ash", "ben", "bin", "el", "ibn", "ul"})
"""Small words that begin a name: *al-Fassi*."""

INSIDE = LEADING | frozenset(
    {"a", "am", "an", "au", "aux", "da", "de", "del", "der", "des", "di", "do", "du", "en", "in"}
    | {"la", "las", "le", "les", "lès", "of", "on", "sous", "sur", "the", "under", "upon"}
)
"""Small words inside names: *Stratford-upon-Avon*."""

ENDINGS = frozenset(
    {"aged", "area", "based", "born", "bound", "class", "day", "era", "esque", "fan", "fans"}
    | {"free", "game", "held", "ish", "led", "level", "like", "long", "made", "man", "men", "only"}
    | {"owned", "plus", "run", "side", "sized", "style", "type", "wide", "win", "won", "year"}
)
"""Words after a name that are not of it: *Paris-based*."""

_LONGEST = 5
"""Letters of a small last part of a name, such as the *moon* of *Ban Ki-moon*."""


def with_whole_names(text: str, spans: Sequence[CutSpan]) -> Iterator[CutSpan]:
    """Join the words of names with hyphens.

    A name has capitalised parts on both sides (*Rolls-Royce*), perhaps with small words between
    or before them, or a small last part after two capitalised words (*Lee Jung-jae*). What has an
    abbreviation as a part, such as *US-China*, names two things.

    Args:
        text: The text.
        spans: Its words, in order.
    """
    done = seen = 0
    hyphens = [n for n, (start, _) in enumerate(spans) if text[start] in HYPHENS]
    for hyphen in hyphens:
        place = hyphen - 1
        if place < seen:  # the hyphen is the first word, or of a chain that was seen
            continue
        seen = stop = _chain_end(text, spans, place)
        if stop > hyphen and _is_name(text, spans, place, stop):
            yield from spans[done:place]
            yield spans[place][0], spans[stop - 1][1]
            done = stop
    yield from spans[done:]


def _chain_end(text: str, spans: Sequence[CutSpan], place: int) -> int:
    """Return the end of the words that hyphens join without spaces, from ``place`` on."""
    stop = place + 1
    while (
        stop + 1 < len(spans)
        and text[slice(*spans[stop])] in HYPHENS
        and spans[stop - 1][1] == spans[stop][0]
        and spans[stop][1] == spans[stop + 1][0]
    ):
        stop += 2
    return stop


def _is_name(text: str, spans: Sequence[CutSpan], place: int, stop: int) -> bool:
    first, *middle, last = (text[slice(*span)] for span in spans[place:stop:2])
    if not all(part.isalpha() for part in (first, *middle, last)):
        return False
    if not all(_is_capitalised(part) or part in INSIDE for part in middle):
        return False
    if _is_capitalised(last):
        return _is_capitalised(first) or first in LEADING
    before = text[slice(*spans[place - 1])] if place else ""
    return (
        _is_capitalised(first)
        and before[:1].isupper()
        and last.islower()
        and len(last) <= _LONGEST
        and last not in ENDINGS
    )


def _is_capitalised(part: str) -> bool:
    """Return whether a part begins with a capital; one letter is an initial, more capitals none."""
    return part[0].isupper() and (len(part) == 1 or not part.isupper())
