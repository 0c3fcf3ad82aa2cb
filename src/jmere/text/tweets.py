"""The marks of tweets: taken out before parsing, and put back into the tree.

A parser trained on whole sentences stumbles over ``RT @USER :``, hashtags and
web addresses. ``take_out`` leaves it the sentence alone, in a spelling that it
knows; ``put_back`` hangs the marks on the root, with the parts of speech and
labels of Tweebank v2 (Liu et al., NAACL 2018). Every word of the post is in the
tree that comes out, spelt as it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from jmere.records import TextGraph
from jmere.text.spelling import WordKind, kind_of, normalise

LABELS = ("discourse", "list", "parataxis", "punct", "root", "vocative")
"""Every label that the rules give."""

_STOP = re.compile(r"[.!?…]+")
_SIGNS = frozenset("#@'’")
_CLOSING = {"tag": ("X", "discourse"), "url": ("X", "list"), "user": ("PROPN", "vocative")}
_ENDINGS = frozenset({"s", "m", "d", "ll", "re", "ve"})
_ABBREVIATIONS = frozenset(
    {"atty", "capt", "co", "col", "corp", "dept", "dr", "feat", "ft", "gen", "gov", "inc", "jr"}
    | {"lt", "ltd", "mr", "mrs", "ms", "mt", "no", "prof", "rep", "rev", "sen", "sgt", "sr", "st"}
    | {"vs"}
)
_LINKS = frozenset(
    {"a", "an", "and", "at", "by", "feat", "for", "from", "ft", "in", "is", "of", "on", "or"}
    | {"the", "to", "via", "vs", "was", "with"}
)
"""Words after which a user or hashtag belongs to the sentence."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A word that the rules place in the tree."""

    place: int
    """Index of the word in the post."""
    pos: str
    label: str
    head: int | None = None
    """Index of the governing word in the post; ``None`` for the root of a sentence."""


@dataclass(frozen=True, slots=True)
class TweetParts:
    """A post taken apart: what the parser reads, and what the rules place."""

    words: tuple[str, ...]
    """Every word of the post."""
    forms: tuple[str, ...]
    """What the parser reads."""
    places: tuple[int, ...]
    """Index in the post of each of ``forms``."""
    starts: tuple[bool, ...]
    """Whether a sentence begins at each of ``forms``."""
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class _Unit:
    """One or two words of a post that are one word to the parser."""

    place: int
    form: str
    kind: WordKind
    sign: int | None = None
    """Place of a ``#``, ``@`` or ``'`` that belongs to the word but stands alone."""


def take_out(words: Sequence[str]) -> TweetParts:
    """Separate the sentences of a post from the marks around them.

    Marks are ``RT``, the user named after it and their colon; users at the start
    and at the end; hashtags at the end; web addresses everywhere. A post of marks
    alone has no ``forms``.
    """
    units = list(_units(words))
    marks = [Mark(u.sign, "PUNCT", "punct", u.place) for u in units if u.sign is not None]
    start, opening = _opening(units)
    stop, closing = _closing(units, start)
    core = [unit for unit in units[start:stop] if unit.kind != "url"]
    inside = [unit for unit in units[start:stop] if unit.kind == "url"]
    marks += [*opening, *(Mark(unit.place, "X", "list") for unit in inside), *closing]
    forms = tuple(unit.form for unit in core)
    return TweetParts(
        words=tuple(words),
        forms=forms,
        places=tuple(unit.place for unit in core),
        starts=tuple(_starts(forms, at) for at in range(len(forms))),
        marks=tuple(marks),
    )


def put_back(reading: TweetParts, sentences: TextGraph, *, one_tree: bool = False) -> TextGraph:
    """The graph of a whole post from the trees of its sentences.

    A mark hangs on the root of the sentence before it, or of the first one. Where
    there is no sentence, the first mark that is nobody's dependant is the root.

    Args:
        reading: The post, taken apart.
        sentences: The trees of ``reading.forms``.
        one_tree: Whether further roots become ``parataxis`` of the first, as in the
            ``.fixed`` files of Tweebank.
    """
    size = len(reading.words)
    pos, heads, labels = ["X"] * size, list(range(size)), ["root"] * size
    for index, place in enumerate(reading.places):
        pos[place] = sentences.pos[index]
        heads[place] = reading.places[sentences.heads[index]]
        labels[place] = sentences.labels[index]
    roots = [place for place in reading.places if heads[place] == place]
    if not roots:
        roots = [mark.place for mark in reading.marks if mark.head is None][:1]
    for mark in reading.marks:
        pos[mark.place] = mark.pos
        if mark.place not in roots:
            before = [root for root in roots if root < mark.place] or roots[:1]
            heads[mark.place] = before[-1] if mark.head is None else mark.head
            labels[mark.place] = mark.label
    if one_tree:
        for root in roots[1:]:
            heads[root], labels[root] = roots[0], "parataxis"
    return TextGraph(reading.words, tuple(pos), tuple(heads), tuple(labels))


def _units(words: Sequence[str]) -> Iterator[_Unit]:
    """The units of a post; signs that were split from their word are joined to it again."""
    last: _Unit | None = None
    place = 0
    while place < len(words):
        unit = _Unit(place, normalise(words[place]), kind_of(words[place]))
        if words[place] in _SIGNS and place + 1 < len(words):
            last, unit = _with_sign(words, place, last) or (last, unit)
        if last is not None:
            yield last
        last = unit
        place = unit.place + 1
    if last is not None:
        yield last


def _with_sign(
    words: Sequence[str], place: int, last: _Unit | None
) -> tuple[_Unit | None, _Unit] | None:
    """The sign at ``place`` with the word after it, and ``last`` as that leaves it."""
    sign, after = words[place], words[place + 1]
    if sign in ("#", "@"):
        if not re.fullmatch(r"\w+", after):
            return None
        return last, _Unit(place + 1, normalise(sign + after), kind_of(sign + after), place)
    if last is None or last.place != place - 1:
        return None
    if after in _ENDINGS:
        return last, _Unit(place + 1, "'" + after, "word", place)
    if after == "t" and len(last.form) > 1 and last.form.endswith("n"):
        return replace(last, form=last.form[:-1]), _Unit(place + 1, "n't", "word", place)
    return None


def _starts(forms: Sequence[str], at: int) -> bool:
    """Whether a sentence begins at a place.

    One begins after a stop, but not after an abbreviation's, nor where dots trail off into
    a small letter.
    """
    if at == 0:
        return True
    stop, form = forms[at - 1], forms[at]
    if not _STOP.fullmatch(stop) or not any(map(str.isalnum, form)):
        return False
    if stop == ".":
        before = forms[at - 2] if at > 1 else ""
        return len(before) > 1 and before.lower() not in _ABBREVIATIONS
    return not stop.startswith("..") or form[0].isupper()


def _opening(units: Sequence[_Unit]) -> tuple[int, list[Mark]]:
    """How many units stand before the sentence, and their marks."""
    marks: list[Mark] = []
    at = 0
    if units and units[0].kind == "retweet":
        retweet = units[0].place
        marks.append(Mark(retweet, "X", "discourse"))
        at = 1
        if at < len(units) and units[at].kind == "user":
            marks.append(Mark(units[at].place, "X", "discourse", retweet))
            at += 1
        if at < len(units) and units[at].form == ":":
            marks.append(Mark(units[at].place, "PUNCT", "punct", retweet))
            at += 1
    while at < len(units) and units[at].kind == "user":
        marks.append(Mark(units[at].place, "PROPN", "vocative"))
        at += 1
    return at, marks


def _closing(units: Sequence[_Unit], start: int) -> tuple[int, list[Mark]]:
    """Where the sentence ends, and the marks after it."""
    marks: list[Mark] = []
    stop = len(units)
    while stop > start and units[stop - 1].kind in _CLOSING:
        unit = units[stop - 1]
        if unit.kind != "url" and stop - 1 > start and units[stop - 2].form.lower() in _LINKS:
            break
        marks.append(Mark(unit.place, *_CLOSING[unit.kind]))
        stop -= 1
    return stop, marks
