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
from functools import lru_cache

from jmere.records import TextGraph

LABELS = ("discourse", "list", "punct", "root", "vocative")
"""Every label that the rules give."""

_USER = re.compile(r"\.?@\w+")
_URL = re.compile(r"(?:https?:|www\.)\S*|URL\d*|[\w-]+(?:\.[\w-]+)+/\S*", re.IGNORECASE)
_TAG = re.compile(r"[#＃]\w+")
_EMOJI = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u27bf\u2190-\u21ff\u2b00-\u2bff\ufe0f\u200d\u20e3]+"
)
_LONG = re.compile(r"([^\W\d_])\1{2,}")
_PLAIN = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "…": "..."})
_ENDINGS = frozenset({"s", "m", "d", "ll", "re", "ve"})


@dataclass(frozen=True, slots=True)
class Mark:
    """A word that the rules place in the tree."""

    place: int
    """Index of the word in the post."""
    pos: str
    label: str
    head: int | None = None
    """Index of the governing word in the post; ``None`` for the root of the sentence."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A post taken apart: what the parser reads, and what the rules place."""

    words: tuple[str, ...]
    """Every word of the post."""
    forms: tuple[str, ...]
    """What the parser reads."""
    places: tuple[int, ...]
    """Index in the post of each of ``forms``."""
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class _Unit:
    """One or two words of a post that are one word to the parser."""

    place: int
    form: str
    kind: str
    sign: int | None = None
    """Place of a ``#``, ``@`` or ``'`` that belongs to the word but stands alone."""


@lru_cache(maxsize=1 << 16)
def normalise(word: str) -> str:
    """The spelling of a word that the parser knows, in training and after.

    User names become ``@USER``, web addresses ``URL``, emoji ``:)``; a hashtag
    loses its sign, typographic quotes become plain, and a letter said more than
    twice is said twice.
    """
    if _USER.fullmatch(word):
        return "@USER"
    if _URL.fullmatch(word):
        return "URL"
    if _EMOJI.fullmatch(word):
        return ":)"
    if _TAG.fullmatch(word):
        word = word[1:]
    return _LONG.sub(r"\1\1", word.translate(_PLAIN)).strip() or "_"


def take_out(words: Sequence[str]) -> Reading:
    """Separate the sentence of a post from the marks around it.

    Marks are ``RT``, the user named after it and their colon; users at the start
    and at the end; hashtags at the end; web addresses everywhere. A post of marks
    alone has no ``forms``.
    """
    units = list(_units(words))
    marks = [Mark(u.sign, "PUNCT", "punct", u.place) for u in units if u.sign is not None]
    start, opening = _opening(units)
    stop, closing = _closing(units, start)
    marks += opening + closing
    core = []
    for unit in units[start:stop]:
        if unit.kind == "url":
            marks.append(Mark(unit.place, "X", "list"))
        else:
            core.append(unit)
    return Reading(
        words=tuple(words),
        forms=tuple(unit.form for unit in core),
        places=tuple(unit.place for unit in core),
        marks=tuple(marks),
    )


def put_back(reading: Reading, sentence: TextGraph) -> TextGraph:
    """The tree of a whole post from the tree of its sentence.

    Marks hang on the first root of the sentence. Where there is no sentence, the
    first mark that is nobody's dependant is the root.
    """
    size = len(reading.words)
    pos, heads, labels = ["X"] * size, list(range(size)), ["root"] * size
    for index, place in enumerate(reading.places):
        pos[place] = sentence.pos[index]
        heads[place] = reading.places[sentence.heads[index]]
        labels[place] = sentence.labels[index]
    roots = [place for place in reading.places if heads[place] == place]
    free = [mark.place for mark in reading.marks if mark.head is None]
    root = (roots + free)[0] if roots or free else 0
    for mark in reading.marks:
        pos[mark.place] = mark.pos
        if mark.place != root:
            heads[mark.place] = root if mark.head is None else mark.head
            labels[mark.place] = mark.label
    return TextGraph(reading.words, tuple(pos), tuple(heads), tuple(labels))


def _units(words: Sequence[str]) -> Iterator[_Unit]:
    """The units of a post; signs that were split from their word are joined to it again."""
    last: _Unit | None = None
    place = 0
    while place < len(words):
        word = words[place]
        after = words[place + 1] if place + 1 < len(words) else ""
        unit = _Unit(place, normalise(word), _kind(word))
        if word in ("#", "@") and re.fullmatch(r"\w+", after):
            whole = word + after
            unit = _Unit(place + 1, normalise(whole), _kind(whole), sign=place)
        elif last is not None and word in ("'", "’") and last.place == place - 1:
            if after in _ENDINGS:
                unit = _Unit(place + 1, "'" + after, "word", sign=place)
            elif after == "t" and len(last.form) > 1 and last.form.endswith("n"):
                last = replace(last, form=last.form[:-1])
                unit = _Unit(place + 1, "n't", "word", sign=place)
        if last is not None:
            yield last
        last = unit
        place = unit.place + 1
    if last is not None:
        yield last


@lru_cache(maxsize=1 << 16)
def _kind(word: str) -> str:
    if word == "RT":
        return "retweet"
    for kind, pattern in (("user", _USER), ("url", _URL), ("tag", _TAG), ("emoji", _EMOJI)):
        if pattern.fullmatch(word):
            return kind
    return "word" if any(map(str.isalnum, word)) else "sign"


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
    closing = {"tag": ("X", "discourse"), "url": ("X", "list"), "user": ("PROPN", "vocative")}
    marks: list[Mark] = []
    stop = len(units)
    while stop > start and units[stop - 1].kind in closing:
        stop -= 1
        marks.append(Mark(units[stop].place, *closing[units[stop].kind]))
    return stop, marks
