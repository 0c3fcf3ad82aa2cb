"""Times of posts, in whatever form they come, as UTC."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

_NUMBER = re.compile(r"\d{1,14}(?:\.\d+)?")
_MILLISECONDS = 1e11
"""From here on a number counts milliseconds, not seconds (as seconds: the year 5138)."""

_WRITTEN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
"""The form that is returned."""

_TWITTER = "%a %b %d %H:%M:%S %z %Y"


def utc_time(text: str) -> str | None:
    """Return a time as ``YYYY-MM-DDTHH:MM:SSZ``; ``None`` if it cannot be read.

    ISO 8601, e-mail and Twitter forms and the seconds or milliseconds since 1970 are read. A
    time without a zone is taken as UTC.

    Example:
        >>> utc_time("2024-05-01T12:00:00+02:00")
        '2024-05-01T10:00:00Z'
    """
    try:
        if _WRITTEN.fullmatch(text):
            datetime.fromisoformat(text[:-1])
            return text
        moment = _parse(text.strip())
        if moment is None:
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=timezone.utc)
        return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")
    except (ValueError, OverflowError, OSError, TypeError, IndexError):
        return None


def _parse(text: str) -> datetime | None:
    if _NUMBER.fullmatch(text):
        return _since_1970(float(text)) if len(text) > 4 else datetime(int(text), 1, 1)
    iso = re.sub(r"[zZ]$", "+00:00", text)
    iso = re.sub(r"([T ]\d\d:\d\d:\d\d)\.\d+", r"\1", iso)
    iso = re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", iso)
    readers: tuple[Callable[[], datetime], ...] = (
        lambda: datetime.fromisoformat(iso),
        lambda: datetime.strptime(text, _TWITTER),
        lambda: parsedate_to_datetime(text),
    )
    for read in readers:
        with suppress(ValueError, TypeError, IndexError):
            return read()
    return None


def _since_1970(number: float) -> datetime | None:
    seconds = number / 1000 if number >= _MILLISECONDS else number
    return datetime.fromtimestamp(seconds, timezone.utc) if math.isfinite(seconds) else None
