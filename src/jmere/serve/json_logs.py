"""Logs as JSON, one object per line."""

from __future__ import annotations

import logging
import sys
from datetime import datetime, timezone

from jmere.terminal import json_line


class JsonFormatter(logging.Formatter):
    """Writes a record as one JSON object: time, level, logger, event and its fields.

    Example:
        >>> record = logging.LogRecord("jmere", logging.INFO, "", 0, "listening", (), None)
        >>> '"event": "listening"' in JsonFormatter().format(record)
        True
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        time = datetime.fromtimestamp(record.created, tz=timezone.utc)
        value: dict[str, object] = {
            "time": time.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info is not None and record.exc_info[0] is not None:
            value["error"] = record.exc_info[0].__name__
        return json_line(value)


def log_as_json(level: int) -> None:
    """Send all logs from ``level`` up to stderr, as JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
