"""Signs that join words without a space, found before the tokenizer reads them.

spaCy's English rules strip signs from both ends of a stretch of text and know
few inside one, and the time they take grows with the square of a run of signs.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import groupby

CutSpan = tuple[int, int]
"""Start and end in the text, half-open."""

_LONGEST = 64
"""Characters of a piece for the tokenizer."""

RUN = 16
"""Signs in a row for the tokenizer."""

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
    """Cut a text at white space and around the signs that join words.

    Addresses, emoticons, numbers, initials, names with a hyphen or an apostrophe stay whole.
    """
    for stretch in _STRETCH.finditer(text):
        start, end = stretch.span()
        if text[start:end].isalnum():
            yield start, end
            continue
        for place, stop in _cuts(text, start, end):
            if start < place:
                yield start, place
            if place < stop:
                yield place, stop
            start = stop
        if start < end:
            yield start, end


def is_long(text: str, start: int, end: int) -> bool:
    """Whether a piece is for ``plain_words``, since the tokenizer would take long over it."""
    length = end - start
    return length > _LONGEST or (length > RUN and not any(map(str.isalnum, text[start:end])))


def plain_words(text: str, start: int, end: int) -> Iterator[CutSpan]:
    """Split a long piece into runs of letters and digits and runs of one sign.

    An address stays whole. Takes time in proportion to the length.
    """
    address = re.match(_URL, text[start:end])
    if address is not None:
        stop = start + len(text[start:end].rstrip(_LAST_SIGNS))
        yield start, stop
        start = stop
    for _, run in groupby(range(start, end), lambda place: _in_word(text[place]) or text[place]):
        places = list(run)
        yield places[0], places[-1] + 1


def _cuts(text: str, start: int, end: int) -> Iterator[CutSpan]:
    """The stretches, some of them empty, that are cut out between ``start`` and ``end``."""
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
            last = first = end  # an address goes on to the end of its stretch
    yield from (found.span() for found in _EDGE.finditer(text, last, end))


def _in_word(char: str) -> bool:
    return char.isalnum() or char in "_\u200c\u200d" or unicodedata.category(char)[0] == "M"
