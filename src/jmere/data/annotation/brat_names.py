"""Names that brat can store: of documents, types and relations."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import quote, unquote

from jmere.data.fields import RecordError

_MAX_NAME = 120
"""Maximum length of a document's name; file systems take 255 bytes with its suffix."""

_LABEL = re.compile(r"[A-Za-z0-9_-]+")


def document_name(name: str, taken: set[str]) -> str:
    """Return a file name without suffix for a post's id, unlike all taken whatever the case.

    Example:
        >>> document_name("a/b", set()), document_name("A", {"a"})[:2]
        ('a%2Fb', 'A-')
    """
    found = quote(name, safe="")
    found = found.replace(".", "%2E", 1) if found.startswith(".") else found
    if len(found) > _MAX_NAME or found.lower() in taken:
        digest = hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:16]
        found = f"{found[: _MAX_NAME - 17]}-{digest}"
    taken.add(found.lower())
    return found


def post_id(document: str) -> str:
    """Return the id of the post of a document without a list of posts."""
    return unquote(document)


def stored_label(name: str) -> str:
    """Return a type or relation as brat stores it: other characters than its own are quoted.

    Example:
        >>> stored_label("member_of"), stored_label("/per/org")
        ('member_of', '%2Fper%2Forg')
    """
    return name if _LABEL.fullmatch(name) else quote(name, safe="").replace(".", "%2E")


def label_name(stored: str) -> str:
    """Return the type or relation of a stored name.

    Raises:
        RecordError: If it is blank.
    """
    name = unquote(stored)
    if not name.strip():
        raise RecordError("expected a type, got a blank")
    return name
