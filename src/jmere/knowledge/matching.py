"""Name matching: two names that differ only in spelling have the same key.

``docs/how-to/build-and-query-the-graph.md`` lists the differences that are ignored.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from jmere.knowledge.names import clean, surface

_MAX_LENGTH = 256
"""Maximum length of a name for the removal of quotes, articles and possessives."""

_QUOTES = "‘’‚‛‹›ʹʻʼʽˈ`´′‵＇՚Ꞌꞌ"
_DOUBLE_QUOTES = "“”„‟«»″‶〝〞〟＂ʺ"
_DASHES = "‐‑‒–—―−⁃﹘﹣－־"

# Before NFKC, which would turn the acute accent into a space, and the trade mark into letters.
_VARIANTS = str.maketrans(
    {
        **dict.fromkeys(_QUOTES, "'"),
        **dict.fromkeys(_DOUBLE_QUOTES, '"'),
        **dict.fromkeys(_DASHES, "-"),
        **dict.fromkeys("®™", ""),
    }
)

# Unicode's default ignorable characters, but for the joiner and the tags of flags.
_IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200c\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U000e0100-\U000e0fff]"
)
_EMOJI = "\u2190-\u21ff\u2300-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff"
_LOOSE_JOINER = re.compile(f"(?<![{_EMOJI}])\u200d|\u200d(?![{_EMOJI}])")
_LOOSE_TAGS = re.compile(
    "(?<![\U0001f3f4\U000e0000-\U000e007f])[\U000e0000-\U000e007f]+"  # not those of a flag
)

_INNER_DASH = re.compile(r"(?<=\w) ?-+ ?(?=\w)")
_QUOTED = re.compile(r'"+(.*[^"])"+')
_POSSESSIVE = re.compile(r"(?<=\w)(?: ?'s|(?<=s) ?')+$")
# "The Who" and "The The" are bands; "WHO" is an organisation, also where it is "the WHO".
_LEADING = re.compile(r"(?:[#@ ]+|the (?!(?:the|who)$))+")
_THE_WHO = re.compile(r"[Tt]he (?=WHO$)")

_PLAIN = re.compile("(?![Tt][Hh][Ee] )[A-Za-z0-9.,]+(?: [A-Za-z0-9.,]+)*")
"""Most names: nothing is ignored but upper case."""

_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ħ": "h"})
_MARKS = re.compile("(?<=[a-zß-ɏͰ-ϿḀ-ỿἀ-῿])[\u0300-\u036f]+")


def is_plain(name: str) -> bool:
    """Return whether nothing of a name is cleaned or ignored but upper case."""
    return _PLAIN.fullmatch(name) is not None


@lru_cache(maxsize=1 << 14)
def normalised(name: str) -> str:
    """Return the matching key of a name.

    Ignored are: upper and lower case, compatible characters (NFKC), HTML entities, kinds of
    white space, quotes and dashes, zero-width characters, a hyphen in place of a space, a
    possessive ``'s``, double quotes around the name, and a leading ``the``, ``#`` or ``@``.
    Accents and other punctuation are kept.

    Example:
        >>> normalised("The Beatles") == normalised("#beatles")
        True
    """
    if _PLAIN.fullmatch(name):
        return name.lower()
    text = surface(name)
    text = _THE_WHO.sub("", text) if len(text) <= _MAX_LENGTH else text
    if not text.isascii():
        text = _seen(text.translate(_VARIANTS))
        text = unicodedata.normalize("NFKC", text).casefold()
        text = _seen(unicodedata.normalize("NFKC", text).translate(_VARIANTS))
    text = _INNER_DASH.sub(" ", clean(text.casefold().replace("`", "'")))
    bare = text
    while len(bare) <= _MAX_LENGTH and (shorter := _bare(bare)) != bare:
        bare = shorter
    return bare or clean(name.casefold())


def unaccented(name: str) -> str:
    """Remove the accents of Latin and Greek letters from a normalised name.

    Marks of other scripts are kept because they distinguish letters, as in ``か`` and ``が``.
    """
    if name.isascii():
        return name
    marked = unicodedata.normalize("NFD", name.translate(_LETTERS))
    return unicodedata.normalize("NFC", _MARKS.sub("", marked))


def _seen(text: str) -> str:
    """Remove invisible characters, except those that join emoji."""
    return _LOOSE_TAGS.sub("", _LOOSE_JOINER.sub("", _IGNORABLE.sub("", text)))


def _bare(name: str) -> str:
    """Remove one layer of quotes, possessive and article, unless nothing is left."""
    quoted = _QUOTED.fullmatch(name)
    name = quoted[1] if quoted else name
    name = _POSSESSIVE.sub("", name).strip()
    leading = _LEADING.match(name)
    return name[leading.end() :] or name if leading else name
