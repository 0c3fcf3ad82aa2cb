"""Headers that keep the page to itself, checks of host and origin, and API keys."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from pathlib import Path

from jmere.files.json_values import read_text
from jmere.serve.api_errors import ApiError

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        "font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Headers of every response. Scripts and styles come from files of the server alone."""

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")

KEYS_VARIABLE = "JMERE_API_KEYS"

_KEY = re.compile(r"[\x21-\x7e]{8,200}")
_MAX_BYTES = 1 << 20
_BEARER = "bearer "


def read_keys(path: Path | None, environment: Mapping[str, str]) -> tuple[str, ...]:
    """Read API keys from a file, one per line, and from the variable ``JMERE_API_KEYS``.

    Blank lines and lines that start with ``#`` are skipped. The variable separates keys by
    white space or commas.

    Raises:
        OSError: If the file cannot be read.
        ValueError: If there is no key in it, or something that cannot be a key.
    """
    keys = dict.fromkeys(environment.get(KEYS_VARIABLE, "").replace(",", " ").split())
    for number, key in enumerate(keys, start=1):
        if not _KEY.fullmatch(key):
            raise ValueError(f"{KEYS_VARIABLE}: key {number} is no key; expected {_EXPECTED}")
    if path is None:
        return tuple(keys)
    found = []
    for number, line in enumerate(read_text(path, max_bytes=_MAX_BYTES).splitlines(), start=1):
        key = line.strip()
        if not key or key.startswith("#"):
            continue
        if not _KEY.fullmatch(key):  # the line is not shown: it may be a key after all
            raise ValueError(f"{path}:{number}: no key; expected {_EXPECTED}")
        found.append(key)
    if not found:
        raise ValueError(f"{path}: contains no key; expected one per line")
    return tuple(dict.fromkeys([*keys, *found]))


_EXPECTED = "8 to 200 printable ASCII characters without spaces"


class KeyCheck:
    """Compares the key of a request with all known keys, in constant time.

    Example:
        >>> KeyCheck(["correct-key"]).allows({"authorization": "Bearer correct-key"})
        True
    """

    def __init__(self, keys: Iterable[str]) -> None:
        self._digests = [_digest(key) for key in keys]

    def allows(self, headers: Mapping[str, str]) -> bool:
        """Return whether a request with these headers (names in lower case) has access.

        The key is in ``Authorization: Bearer KEY`` or in ``X-API-Key``.
        """
        if not self._digests:
            return True
        value = headers.get("authorization", "")
        given = value[len(_BEARER) :].strip() if value.lower().startswith(_BEARER) else ""
        digest = _digest(given or headers.get("x-api-key", ""))
        matches = [hmac.compare_digest(digest, known) for known in self._digests]
        return any(matches)


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()


def hosts_of(address: str, more: Iterable[str] = ()) -> tuple[str, ...] | None:
    """Return the host names that requests to a server may be addressed to; ``None`` means any.

    Example:
        >>> hosts_of("127.0.0.1", ["jmere.example.org"])
        ('localhost', '127.0.0.1', '[::1]', 'jmere.example.org')
        >>> hosts_of("0.0.0.0") is None
        True
    """
    own = tuple(name.lower() for name in more)
    if not is_loopback(address):
        return own or None
    return tuple(dict.fromkeys([*LOOPBACK, address.lower(), *own]))


def is_loopback(address: str) -> bool:
    """Return whether only programs of this machine reach an address."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return address.lower() == "localhost"


def check_host(value: str, hosts: Iterable[str] | None) -> None:
    """Refuse a request that is addressed to another host.

    A page of another site whose name leads to this machine (DNS rebinding) is refused thereby.

    Raises:
        ApiError: 400 if the host is none of ``hosts``.
    """
    if hosts is None:
        return
    name = re.sub(r":\d*$", "", value).lower()
    if name not in hosts:
        raise ApiError(
            400, "unknown_host", "the request is addressed to another host", where="Host"
        )


def check_origin(method: str, headers: Mapping[str, str]) -> None:
    """Refuse a change of anything, or work, that a page of another site asks a browser for.

    Raises:
        ApiError: 403 if a browser says that the request comes from another site.
    """
    if method not in ("GET", "HEAD", "OPTIONS") and headers.get("sec-fetch-site") == "cross-site":
        raise ApiError(403, "cross_site", "pages of other sites may not use this server")
