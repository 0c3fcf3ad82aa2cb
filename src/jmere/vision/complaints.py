"""Warnings of the C libraries that decode images, kept off the terminal."""

from __future__ import annotations

import logging
import os
import re
import tempfile
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

MAX_COMPLAINTS = 3
"""Maximum number of warnings kept per image."""

MAX_LENGTH = 120
"""Maximum length of a warning, in characters."""

_STDERR = 2
_THEIRS = re.compile(r"(?!jmere:)[\w.]+: ")
"""Prefix of libtiff's messages: a function, module or file name."""

WARNINGS = threading.RLock()
"""Lock for changes to Python's warning filters, which all threads share."""


@contextmanager
def complaints(heard: list[str]) -> Iterator[None]:
    """Append libtiff's stderr output, and Pillow's warnings and log messages, to ``heard``.

    libtiff writes to the file descriptor, which all threads share, so one image is decoded at a
    time. Output of other sources is passed on when the block ends.
    """
    with (
        WARNINGS,
        warnings.catch_warnings(record=True) as warned,
        _logged(heard),
        tempfile.TemporaryFile() as file,
    ):
        warnings.simplefilter("always")
        try:
            stderr = os.dup(_STDERR)
        except OSError:  # closed by the caller: nobody reads it
            yield
            return
        os.dup2(file.fileno(), _STDERR)
        try:
            yield
        finally:
            os.dup2(stderr, _STDERR)
            os.close(stderr)
            file.seek(0)
            lines = file.read().decode(errors="replace").splitlines(keepends=True)
            others = [line for line in lines if not _THEIRS.match(line)]
            messages = [line for line in lines if _THEIRS.match(line)]
            messages += [str(each.message) for each in warned]
            heard += [" ".join(line.split())[:MAX_LENGTH] for line in messages]
            del heard[MAX_COMPLAINTS:]
            if others:
                os.write(_STDERR, "".join(others).encode())


@contextmanager
def _logged(heard: list[str]) -> Iterator[None]:
    """Append Pillow's log messages to ``heard`` instead of logging them."""
    pillow = logging.getLogger("PIL")
    handler = _Handler(heard)
    pillow.addHandler(handler)
    propagate, pillow.propagate = pillow.propagate, False
    try:
        yield
    finally:
        pillow.propagate = propagate
        pillow.removeHandler(handler)


class _Handler(logging.Handler):
    def __init__(self, heard: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._heard = heard

    def emit(self, record: logging.LogRecord) -> None:
        self._heard.append(" ".join(record.getMessage().split())[:MAX_LENGTH])
