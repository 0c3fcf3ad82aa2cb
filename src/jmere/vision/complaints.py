"""Complaints of the C libraries that decode pictures, kept off the terminal."""

from __future__ import annotations

import logging
import os
import re
import tempfile
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

MOST = 3
"""Complaints that are kept of one picture."""

LONGEST = 120
"""Characters that are kept of one."""

_STDERR = 2
_THEIRS = re.compile(r"(?!jmere:)[\w.]+: ")
"""libtiff begins a line with the name of a function, module or file."""

WARNINGS = threading.RLock()
"""Held by who changes the filters of Python's warnings, which all threads share."""


@contextmanager
def complaints(heard: list[str]) -> Iterator[None]:
    """Add to ``heard`` what libtiff writes to stderr in the block, and what Pillow warns and logs.

    libtiff writes to the file descriptor, which all threads share: one picture is decoded so
    at a time, and what is not libtiff's is passed on when the block ends.
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
            told = [line for line in lines if _THEIRS.match(line)]
            told += [str(each.message) for each in warned]
            heard += [" ".join(line.split())[:LONGEST] for line in told]
            del heard[MOST:]
            if others:
                os.write(_STDERR, "".join(others).encode())


@contextmanager
def _logged(heard: list[str]) -> Iterator[None]:
    """Add to ``heard`` what Pillow logs, in place of logging it."""
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
        self._heard.append(" ".join(record.getMessage().split())[:LONGEST])
