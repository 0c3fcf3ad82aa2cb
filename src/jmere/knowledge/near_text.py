"""Near-identical texts: a retweet or a copy of a post has the same digest as the original."""

from __future__ import annotations

import html
import re
import unicodedata
from bisect import bisect_right
from functools import lru_cache
from hashlib import blake2b
from itertools import accumulate

_RETWEET = re.compile(r"\s*(?:RT|MT|QT|via)\b\s*:?\s*@\w+\s*:?\s*", re.IGNORECASE)
_VIA = re.compile(r"\s*\(?\b(?:via|by)\s+@\w+\)?\s*$", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:https?://|www\.|pic\.twitter\.com/|t\.co/)\S*", re.IGNORECASE)
_LAST_TAGS = re.compile(r"(?:\s+[#@]\w+)+\s*$")
_FIRST_TAGS = re.compile(r"^\s*(?:@\w+\s+)+")

_WORD = re.compile(r"[^\W_]+")

_SPACED = bytes(code if chr(code).isalnum() else ord(" ") for code in range(256))
"""Table that turns separators of words in ASCII into spaces."""

_LENGTH = 80
"""Letters and digits that are compared; a text that was cut off at its end keeps so many."""

_MAX_CUT = 280
"""Characters of the longest text that sites cut off; a longer one is compared as a whole."""

_MIN_LETTERS = 4
"""Letters of a word that carries meaning; shorter ones are mostly function words."""

_MIN_SAMPLED = 8
"""Different such words from which a sample of them stands for the text."""

_SAMPLE = 3
"""Words in the sample."""

_MIN_WORDS = 3
"""Words that remain where tags at the end of a text are left out."""


def text_digest(text: str) -> str | None:
    """Return sixteen hexadecimal digits, equal for near-identical texts; ``None`` if none is left.

    Ignored are: a leading ``RT @name:`` or names that are addressed, a trailing ``via @name``,
    web addresses, tags and names at the end, case, white space, punctuation, symbols and emoji,
    and, in a text of at most 280 characters, whatever follows the first 80 letters and digits.

    Of a text with at least eight different words of four letters or more, three of these words
    stand for all: those with the smallest hashes (min-hash, Broder 1997). Two texts that share a
    fraction J of their words have equal digests with a probability of about J^3: a copy in which a
    word was changed is found in some cases, one in which a number was changed never.

    Example:
        >>> text_digest("RT @nasa: We are back! https://t.co/a") == text_digest("We are back")
        True
    """
    if "&" in text:
        text = html.unescape(html.unescape(text))
    lowered = text.lower()
    if "://" in lowered or ".co" in lowered or "www." in lowered:  # spares most texts the search
        text = _ADDRESS.sub(" ", text)
    while (match := _RETWEET.match(text)) and match.end() < len(text):
        text = text[match.end() :]
    if "@" in text or "#" in text:
        text = _untagged(text)
    folded = text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()
    limit = _LENGTH if len(folded) <= _MAX_CUT else None
    compared = _sample(_words(folded, limit)) or "".join(filter(str.isalnum, folded))[:limit]
    if not compared:
        return None
    return _digest(compared)


def _untagged(text: str) -> str:
    """Return a text without the tags and names at its ends, if enough words remain."""
    bare = text
    if text.rsplit(None, 1)[-1].startswith(("#", "@")):
        bare = _LAST_TAGS.sub("", _VIA.sub("", bare))
    if text.lstrip().startswith("@"):
        bare = _FIRST_TAGS.sub("", bare)
    return bare if len(bare.split()) >= _MIN_WORDS else text


def _digest(text: str) -> str:
    return blake2b(text.encode(errors="surrogatepass"), digest_size=8).hexdigest()


_word_digest = lru_cache(maxsize=1 << 15)(_digest)
"""Most words of a text occur in many."""


def _words(text: str, limit: int | None) -> list[str]:
    """Return the words that end within the first ``limit`` letters and digits."""
    words = _ascii_words(text) if text.isascii() else _WORD.findall(text)
    if limit is None:
        return words
    return words[: bisect_right([*accumulate(map(len, words))], limit)]


def _ascii_words(text: str) -> list[str]:
    return text.encode().translate(_SPACED).decode().split()


def _sample(words: list[str]) -> str:
    """Return the words that stand for a text, and its numbers; none of a short text."""
    numbers = sorted(filter(str.isdigit, words))
    known = {word for word in words if len(word) >= _MIN_LETTERS}.difference(numbers)
    if len(known) < _MIN_SAMPLED:
        return ""
    ordered = sorted(known, key=_word_digest)
    return " ".join([*sorted(ordered[:_SAMPLE]), *numbers])
