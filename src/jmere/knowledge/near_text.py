"""Near-identical texts: a retweet or a copy of a post has the same digest as the original."""

from __future__ import annotations

import html
import re
import unicodedata
from hashlib import blake2b

_RETWEET = re.compile(r"\s*(?:RT|MT|QT|via)\b\s*:?\s*@\w+\s*:?\s*", re.IGNORECASE)
_VIA = re.compile(r"\s*\(?\b(?:via|by)\s+@\w+\)?\s*$", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:https?://|www\.|pic\.twitter\.com/|t\.co/)\S*", re.IGNORECASE)
_LAST_TAGS = re.compile(r"(?:\s+[#@]\w+)+\s*$")
_FIRST_TAGS = re.compile(r"^\s*(?:@\w+\s+)+")

_LENGTH = 80
"""Letters and digits that are compared; a text that was cut off at its end keeps so many."""

_MIN_WORDS = 3
"""Words that remain where tags at the end of a text are left out."""


def text_digest(text: str) -> str | None:
    """Return sixteen hexadecimal digits, equal for near-identical texts; ``None`` if none is left.

    Ignored are: a leading ``RT @name:`` or names that are addressed, a trailing ``via @name``,
    web addresses, tags and names at the end, case, white space, punctuation, symbols and emoji,
    and whatever follows the first 80 letters and digits.

    Example:
        >>> text_digest("RT @nasa: We are back! https://t.co/a") == text_digest("We are back")
        True
    """
    text = html.unescape(html.unescape(text))
    lowered = text.lower()
    if "://" in lowered or ".co" in lowered or "www." in lowered:  # spares most texts the search
        text = _ADDRESS.sub(" ", text)
    while (match := _RETWEET.match(text)) and match.end() < len(text):
        text = text[match.end() :]
    if "@" in text or "#" in text:
        bare = _FIRST_TAGS.sub("", _LAST_TAGS.sub("", _VIA.sub("", text)))
        if len(bare.split()) >= _MIN_WORDS:
            text = bare
    folded = unicodedata.normalize("NFKC", text).casefold()
    letters = "".join(filter(str.isalnum, folded))[:_LENGTH]
    if not letters:
        return None
    return blake2b(letters.encode(errors="surrogatepass"), digest_size=8).hexdigest()
