"""Names of entities: cleaned for all file formats, and converted to ids."""

from __future__ import annotations

import html
import re
import unicodedata
from hashlib import blake2b

# Controls, halves of surrogate pairs and non-characters: XML holds none of them, UTF-8 not all.
_UNWRITABLE = re.compile("[\0-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")

# Soft hyphens, zero-width spaces, byte order marks, direction marks. The zero-width joiners
# stay: emoji and several scripts are displayed with them.
_ZERO_WIDTH = re.compile(
    "[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
)

# With its semicolon: without one, HTML would read "Smith&LTD" as "Smith<D".
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")

_ESCAPED_TWICE = 3
"""Number of unescaping rounds: web tools may escape repeatedly (``&amp;amp;``)."""

_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0\U0001d159")
"""Letters and symbols without a visible shape: Hangul fillers, the empty braille cell."""

SLUG_LENGTH = 40

_PLAIN = {code: chr(code).lower() if chr(code).isalnum() else " " for code in range(128)}
"""Letters and digits of ASCII, and a space for any other character."""


def clean(name: str) -> str:
    """Join a name into one line, without characters that a file format cannot store."""
    if name.isascii() and name.isprintable() and "  " not in name:  # most names
        return name.strip(" ")
    return " ".join(_UNWRITABLE.sub("", " ".join(name.split())).split())


def surface(name: str) -> str:
    """Return a readable name: HTML entities decoded, zero-width characters removed."""
    for _ in range(_ESCAPED_TWICE):
        if "&" not in name:
            break
        name = _ENTITY.sub(lambda match: html.unescape(match[0]), name)
    return clean(name if name.isascii() else _ZERO_WIDTH.sub("", name))


def is_visible(name: str) -> bool:
    """Return whether a name has a visible character.

    White space, control and format characters and combining marks are not visible.
    """
    if name.isascii() and name.isprintable():  # most names
        return name.strip(" ") != ""
    return any(
        unicodedata.category(each)[0] in "LNPS" or unicodedata.category(each) in ("Cn", "Co")
        for each in name
        if each not in _BLANK
    )


def identifier(kind: str, name: str) -> str:
    """Return a readable id: a slug of the name, and a digest that makes it unique."""
    return f"{slug(name)}-{digest(kind, name)}".lstrip("-")


def slug(name: str) -> str:
    """Return the ASCII letters and digits of a name, joined by hyphens; may be empty.

    Example:
        >>> slug("New York")
        'new-york'
    """
    if name.isascii() and name[:1].isalnum():  # most names
        return "-".join(name.translate(_PLAIN).split())[:SLUG_LENGTH].strip("-")
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9]+", "-", plain)[:SLUG_LENGTH].strip("-")


def digest(*parts: str) -> str:
    """Return sixteen hexadecimal digits of a hash of texts."""
    return blake2b("\0".join(parts).encode(errors="surrogatepass"), digest_size=8).hexdigest()
