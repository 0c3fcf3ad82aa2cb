"""What a query may not say: ``SERVICE``, which would fetch from another server."""

from __future__ import annotations

import re

from jmere.knowledge.store.query_errors import QueryError

MAX_QUERY = 100_000
"""Maximum length of a query, in characters."""

_FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")

_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")

# Whatever is no keyword: strings, IRIs, comments, variables, prefixed names, language tags.
_TOKEN = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"""'
    r"|'''(?:[^'\\]|\\.|'(?!''))*'''"
    r'|"(?:[^"\\\n\r]|\\.)*"'
    r"|'(?:[^'\\\n\r]|\\.)*'"
    r"|<[^<>\"{}|^`\\\x00-\x20]*>"
    r"|#[^\n\r]*"
    r"|[?$@]\w+"
    r"|[\w.-]*:(?:[\w.:%-]|\\.)*"
    r"|(?P<word>\w+)",
    re.DOTALL,
)


def check_query(query: str) -> None:
    """Refuse a query that is too long or that asks another server.

    Updates and ``LOAD`` are no queries; the parser refuses them too.

    Raises:
        QueryError: If it is refused.

    Example:
        >>> check_query("SELECT ?service WHERE { ?service a <urn:SERVICE> }")
        >>> check_query("SELECT * { SERVICE <https://example.org/> { ?s ?p ?o } }")
        Traceback (most recent call last):
        jmere.knowledge.store.query_errors.QueryError: SERVICE is not allowed
    """
    if len(query) > MAX_QUERY:
        raise QueryError(f"the query is longer than {MAX_QUERY:,} characters")
    words: list[str] = []
    for text in (query, _ESCAPE.sub(_decoded, query)):
        words = [match["word"].upper() for match in _TOKEN.finditer(text) if match["word"]]
        if "SERVICE" in words:
            raise QueryError("SERVICE is not allowed")
    first = next((word for word in words if word not in ("PREFIX", "BASE", "VERSION")), "nothing")
    if first not in _FORMS:
        raise QueryError(f"expected {', '.join(_FORMS)}, got {first[:40]}; updates are not allowed")


def _decoded(match: re.Match[str]) -> str:
    code = int(match[1] or match[2], 16)
    return chr(code) if code <= 0x10FFFF else match[0]
