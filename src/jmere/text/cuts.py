"""Punctuation that joins words without a space, split before tokenization.

spaCy's English rules strip punctuation from both ends of a token and rarely inside it; their run
time is quadratic in the length of a run of punctuation.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import groupby

CutSpan = tuple[int, int]
"""Half-open character span."""

_MAX_PIECE = 64
"""Maximum length of a piece for the tokenizer, in characters."""

RUN = 16
"""Maximum run of punctuation for the tokenizer, in characters."""

_STRETCH = re.compile(r"\S+")

_MONEY = "$£€¥₹₽₩₺"
_URL = "|".join(  # bounded, so that no text takes time that grows with its square
    [
        r"https?://\S*|www\.\S+",
        r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}\.\w\S*",
        r"(?<![\w.-])[\w-]{1,63}(?:\.[\w-]{1,63}){0,4}\.[A-Za-z]{2,4}/\S*",
    ]
)
_SMILE = r"[<>]?[:;=][-o'^]?(?:\)+|\](?!\w)|[(\[](?!\w))|<3+(?!\w)|\^_+\^|-_+-"
_CUTS = "|".join(
    [
        r"[()\[\]{}（）［］｛｝【】「」『』《》〈〉〔〕]",
        r"(?<=[)\]}”\"])[.,;:!?](?=\w)",
        r"[\"“”„‟«»]+|(?<!\w)‘|‘(?!\w)",
        r"[—―]+|(?<!\d)–+|–+(?!\d)|(?<![<-])-{2,}(?![>-])",
        r"\.{2,}|…+",
        r"[|•\\]+|(?<![/\d¼½¾])/(?!/)|(?<=[\d¼½¾])/(?![/\d])",
        rf"-(?=[{_MONEY}]\d)|(?<=[^\W\d_])(?=[{_MONEY}]\d)|(?<=\d[{_MONEY}])(?=[^\W\d_])",
        r"[!?]{2,}(?=[\w@#])|[!?](?=[A-Z@#])|[,;:](?=[@#]\w)",
    ]
)
_INSIDE = re.compile(
    rf"(?P<address>{_URL})"
    rf"|(?P<cut>[\W_]{{{RUN + 1},}}|{_SMILE}|\b[Ww]/o?(?!\w)|{_CUTS})"
    r"|(?<![A-Za-z])(?:US|AU|NZ|HK|CA|S|R|C|A)\$"
)
_EDGE = re.compile(rf"[\W_]{{{RUN + 1},}}|[—―–|•]+")
_LAST_SIGNS = "\"'.,;:!?…()[]{}<>“”‘’»"


def pieces(text: str) -> Iterator[CutSpan]:
    """Split a text at white space and around punctuation that joins words.

    URLs, emoticons, numbers, initials and names with a hyphen or an apostrophe stay whole.
    """
    for stretch in _STRETCH.finditer(text):
        start, end = stretch.span()
        if text[start:end].isalnum():
            yield start, end
            continue
        for cut, stop in _cuts(text, start, end):
            if start < cut:
                yield start, cut
            if cut < stop:
                yield cut, stop
            start = stop
        if start < end:
            yield start, end


def is_long(text: str, start: int, end: int) -> bool:
    """Return whether a piece is too long for the tokenizer and goes to ``plain_words``."""
    length = end - start
    return length > _MAX_PIECE or (length > RUN and not any(map(str.isalnum, text[start:end])))


def plain_words(text: str, start: int, end: int) -> Iterator[CutSpan]:
    """Split a long piece into runs of letters and digits and runs of one sign.

    A URL stays whole. Runs in linear time.
    """
    address = re.match(_URL, text[start:end])
    if address is not None:
        stop = start + len(text[start:end].rstrip(_LAST_SIGNS))
        yield start, stop
        start = stop
    for _, run in groupby(range(start, end), lambda index: _in_word(text[index]) or text[index]):
        indices = list(run)
        yield indices[0], indices[-1] + 1


def _cuts(text: str, start: int, end: int) -> Iterator[CutSpan]:
    """Yield the spans, some empty, to be cut out between ``start`` and ``end``."""
    first, last = start, end
    while first < end and not text[first].isalnum():
        first += 1
    while last > first and not text[last - 1].isalnum():
        last -= 1
    yield from (found.span() for found in _EDGE.finditer(text, start, first))
    for found in _INSIDE.finditer(text, first, last):
        if found["cut"] is not None:
            yield found.span()
        elif found["address"] is not None:
            if found.start() > first:
                yield found.start(), found.start()
            last = first = end  # a URL continues to the end of its span
    yield from (found.span() for found in _EDGE.finditer(text, last, end))


def _in_word(char: str) -> bool:
    return char.isalnum() or char in "_\u200c\u200d" or unicodedata.category(char)[0] == "M"
