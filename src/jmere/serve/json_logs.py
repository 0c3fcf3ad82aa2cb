"""Logs as JSON, one object per line."""

from __future__ import annotations

import logging
import sys
from datetime import datetime, timezone

from jmere.errors import one_line
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
        if record.exc_info is not None and record.exc_info[1] is not None:
            value |= failure_fields(record.exc_info[1])
        return json_line(value)


def failure_fields(error: BaseException, *, texts: bool = False) -> dict[str, object]:
    """Describe an error for the log: its class and where it arose.

    Its message may quote a post, so it is there only if ``texts`` is set.
    """
    trace, at = error.__traceback__, None
    while trace is not None:
        at = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
        trace = trace.tb_next
    fields: dict[str, object] = {"error": type(error).__name__, "at": at}
    return {**fields, "message": one_line(error)} if texts else fields


def log_as_json(level: int) -> None:
    """Send all logs from ``level`` up to stderr, as JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
