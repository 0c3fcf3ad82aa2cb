"""Tweet-specific tokens: removed before parsing and attached to the tree afterwards.

A parser trained on sentences fails on ``RT @USER :``, hashtags and URLs. ``take_out`` removes
them and normalises the rest; ``put_back`` attaches them to the root, with the parts of speech
and labels of Tweebank v2 (Liu et al., NAACL 2018). Every word of the post is in the resulting
tree, in its original spelling.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from jmere.records import TextGraph
from jmere.text.spelling import WordKind, kind_of, normalise

LABELS = ("discourse", "list", "parataxis", "punct", "root", "vocative")
"""All labels given by the rules."""

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
"""Words after which a user name or hashtag is part of the sentence."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A token that the rules attach to the tree."""

    index: int
    """Index of the word in the post."""
    pos: str
    label: str
    head: int | None = None
    """Index of the governing word in the post; ``None`` for the root of a sentence."""


@dataclass(frozen=True, slots=True)
class TweetParts:
    """A post split into the words to parse and the tokens attached by rules."""

    words: tuple[str, ...]
    """All words of the post."""
    forms: tuple[str, ...]
    """Normalised words for the parser."""
    indices: tuple[int, ...]
    """Index in the post of each of ``forms``."""
    starts: tuple[bool, ...]
    """Whether each of ``forms`` starts a sentence."""
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class _Unit:
    """One or two words of a post that form one word for the parser."""

    index: int
    form: str
    kind: WordKind
    sign: int | None = None
    """Index of a ``#``, ``@`` or ``'`` that belongs to the word but stands alone."""


def take_out(words: Sequence[str]) -> TweetParts:
    """Separate the sentences of a post from the tweet-specific tokens around them.

    Marks are ``RT``, the user named after it and their colon; users at the start
    and at the end; hashtags at the end; web addresses everywhere. A post of marks
    alone has no ``forms``.
    """
    units = list(_units(words))
    marks = [Mark(u.sign, "PUNCT", "punct", u.index) for u in units if u.sign is not None]
    start, opening = _opening(units)
    stop, closing = _closing(units, start)
    core = [unit for unit in units[start:stop] if unit.kind != "url"]
    inside = [unit for unit in units[start:stop] if unit.kind == "url"]
    marks += [*opening, *(Mark(unit.index, "X", "list") for unit in inside), *closing]
    forms = tuple(unit.form for unit in core)
    return TweetParts(
        words=tuple(words),
        forms=forms,
        indices=tuple(unit.index for unit in core),
        starts=tuple(_starts(forms, at) for at in range(len(forms))),
        marks=tuple(marks),
    )


def put_back(parts: TweetParts, sentences: TextGraph, *, one_tree: bool = False) -> TextGraph:
    """Build the graph of a post from the trees of its sentences.

    A mark hangs on the root of the sentence before it, or of the first one. Where
    there is no sentence, the first mark that is nobody's dependant is the root.

    Args:
        parts: The post, taken apart.
        sentences: The trees of ``parts.forms``.
        one_tree: Whether further roots become ``parataxis`` of the first, as in the
            ``.fixed`` files of Tweebank.
    """
    size = len(parts.words)
    pos, heads, labels = ["X"] * size, list(range(size)), ["root"] * size
    for form, index in enumerate(parts.indices):
        pos[index] = sentences.pos[form]
        heads[index] = parts.indices[sentences.heads[form]]
        labels[index] = sentences.labels[form]
    roots = [index for index in parts.indices if heads[index] == index]
    if not roots:
        roots = [mark.index for mark in parts.marks if mark.head is None][:1]
    for mark in parts.marks:
        pos[mark.index] = mark.pos
        if mark.index not in roots:
            before = [root for root in roots if root < mark.index] or roots[:1]
            heads[mark.index] = before[-1] if mark.head is None else mark.head
            labels[mark.index] = mark.label
    if one_tree:
        for root in roots[1:]:
            heads[root], labels[root] = roots[0], "parataxis"
    return TextGraph(parts.words, tuple(pos), tuple(heads), tuple(labels))


def _units(words: Sequence[str]) -> Iterator[_Unit]:
    """Return the units of a post; split-off signs are joined to their word."""
    last: _Unit | None = None
    index = 0
    while index < len(words):
        unit = _Unit(index, normalise(words[index]), kind_of(words[index]))
        if words[index] in _SIGNS and index + 1 < len(words):
            last, unit = _with_sign(words, index, last) or (last, unit)
        if last is not None:
            yield last
        last = unit
        index = unit.index + 1
    if last is not None:
        yield last


def _with_sign(
    words: Sequence[str], index: int, last: _Unit | None
) -> tuple[_Unit | None, _Unit] | None:
    """Return the sign at ``index`` with the word after it, and the new ``last``."""
    sign, after = words[index], words[index + 1]
    if sign in ("#", "@"):
        if not re.fullmatch(r"\w+", after):
            return None
        return last, _Unit(index + 1, normalise(sign + after), kind_of(sign + after), index)
    if last is None or last.index != index - 1:
        return None
    if after in _ENDINGS:
        return last, _Unit(index + 1, "'" + after, "word", index)
    if after == "t" and len(last.form) > 1 and last.form.endswith("n"):
        return replace(last, form=last.form[:-1]), _Unit(index + 1, "n't", "word", index)
    return None


def _starts(forms: Sequence[str], at: int) -> bool:
    """Return whether a sentence starts at an index.

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
    """Return the number of units before the sentence, and their marks."""
    marks: list[Mark] = []
    at = 0
    if units and units[0].kind == "retweet":
        retweet = units[0].index
        marks.append(Mark(retweet, "X", "discourse"))
        at = 1
        if at < len(units) and units[at].kind == "user":
            marks.append(Mark(units[at].index, "X", "discourse", retweet))
            at += 1
        if at < len(units) and units[at].form == ":":
            marks.append(Mark(units[at].index, "PUNCT", "punct", retweet))
            at += 1
    while at < len(units) and units[at].kind == "user":
        marks.append(Mark(units[at].index, "PROPN", "vocative"))
        at += 1
    return at, marks


def _closing(units: Sequence[_Unit], start: int) -> tuple[int, list[Mark]]:
    """Return the end of the sentence, and the marks after it."""
    marks: list[Mark] = []
    stop = len(units)
    while stop > start and units[stop - 1].kind in _CLOSING:
        unit = units[stop - 1]
        if unit.kind != "url" and stop - 1 > start and units[stop - 2].form.lower() in _LINKS:
            break
        marks.append(Mark(unit.index, *_CLOSING[unit.kind]))
        stop -= 1
    return stop, marks
