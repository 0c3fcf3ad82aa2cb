"""Names from posts: cleaned for any file format, compared, and made into ids."""

from __future__ import annotations

import re
import unicodedata
from hashlib import blake2b

# Controls, halves of surrogate pairs and non-characters: XML holds none of them, UTF-8 not all.
_UNWRITABLE = re.compile("[\0-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")

# Marks that show nothing: soft hyphens, zero-width spaces, byte order marks, direction marks.
# The zero-width joiners stay: emoji and several scripts are spelled with them.
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
)

_SLUG_LENGTH = 40


def clean(name: str) -> str:
    """A name in one line, without what some file format could not hold."""
    return " ".join(_UNWRITABLE.sub("", " ".join(name.split())).split())


def normalised(name: str) -> str:
    """What two names have in common that are spelled differently.

    Compatible characters are one (NFKC), as are upper and lower case and any white space;
    invisible marks and the leading ``#`` and ``@`` of hashtags and user names count for nothing.
    Accents and punctuation count.
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    visible = clean(_INVISIBLE.sub("", unicodedata.normalize("NFKC", folded)))
    return visible.lstrip("#@ ") or visible


def identifier(kind: str, name: str) -> str:
    """An id that can be read: a slug of the name, and a digest that tells equal slugs apart."""
    return f"{slug(name)}-{digest(kind, name)}".lstrip("-")


def slug(name: str) -> str:
    """The ASCII letters and digits of a name, others as hyphens; empty where it has none."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9]+", "-", plain)[:_SLUG_LENGTH].strip("-")


def digest(*parts: str) -> str:
    """Sixteen hexadecimal digits that stand for some texts."""
    return blake2b("\0".join(parts).encode(errors="surrogatepass"), digest_size=8).hexdigest()
