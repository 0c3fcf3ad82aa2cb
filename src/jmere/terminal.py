"""Terminal output: control characters removed, progress on stderr."""

from __future__ import annotations

import json
import logging
import math
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from typing import TypeVar

import typer

_SEQUENCE = re.compile(
    "(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    "|(?:\x1b[]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x90-\x9f\n]*(?:\x07|\x1b\\\\|\x9c)"  # OSC, DCS
    "|\x1b[ -/]*[0-~]"
)
"""Escape sequences of ECMA-48, with 7 or 8 bits."""

_CONTROL = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters except tab and line feed, direction overrides, and lone surrogates."""


def plain(text: str) -> str:
    """Remove escape sequences and control characters, except tabs and line ends."""
    if text.isascii() and text.isprintable():
        return text
    return _CONTROL.sub("", _SEQUENCE.sub("", text.replace("\r\n", "\n").replace("\r", " ")))


def plain_line(text: str) -> str:
    """Remove control characters and join the text into one line."""
    return " ".join(plain(text).split())


def json_line(value: object) -> str:
    """Serialise a value as one line of JSON, with control characters escaped."""
    text = json.dumps(value, ensure_ascii=False)
    return _CONTROL.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


PROBLEM = "jmere: "
"""Start of every line on stderr that reports a problem; ``-q`` leaves only these."""


class Verbosity:
    """How much a command says on stderr: -1 only problems, 0 as usual, 1 and more its log too."""

    level = 0
    own_process = False
    """Whether the command is all that runs in the process, whose settings may then change."""


def aligned(header: Sequence[str], rows: Iterable[Sequence[str]], *, numeric: bool = True) -> str:
    """Format a text table; if ``numeric``, all columns but the first are right-aligned.

    Each cell is joined into one line, without control characters.

    Example:
        >>> print(aligned(("", "F1"), [("JMERE", "54.1")]))
                 F1
        JMERE  54.1
    """
    lines = [[plain_line(cell) for cell in line] for line in (header, *rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column and numeric else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def echo(text: object = "", *, err: bool = False) -> None:
    """Print a text without control characters to stdout or, with ``err``, to stderr."""
    line = plain(str(text))
    if not (err and Verbosity.level < 0 and not line.startswith(PROBLEM)):
        typer.echo(line, err=err)


def log_plainly(level: int, *, form: str = "%(message)s") -> None:
    """Log messages from ``level`` up to stderr, without control characters; ``-q`` errors only."""
    handler = logging.StreamHandler()
    if Verbosity.level < 0:
        handler.setLevel(logging.ERROR)
    handler.setFormatter(_PlainFormatter(form, datefmt="%H:%M:%S"))
    logging.basicConfig(level=level, handlers=[handler])


class _PlainFormatter(logging.Formatter):
    """Log formatter that removes control characters."""

    def format(self, record: logging.LogRecord) -> str:
        return plain(super().format(record))


T = TypeVar("T")

_EVERY = 30.0
"""Seconds between two progress lines where stderr is not a terminal."""


def progress(
    things: Iterable[T], unit: str, *, name: str = "", size: Callable[[T], int] | None = None
) -> Iterator[T]:
    """Yield items and report their count on stderr.

    Args:
        things: The items.
        unit: Name of the items, in the plural.
        name: Name of the task, at the start of the line.
        size: Number that an item counts for.
    """
    if Verbosity.level < 0:
        yield from things
        return
    if sys.stderr.isatty():
        from tqdm import tqdm

        total = len(things) if size is None and isinstance(things, Sized) else None
        with tqdm(
            desc=plain_line(name) or None,
            total=total,
            unit=f" {unit}",
            mininterval=0.5,
            leave=False,
        ) as bar:
            for thing in things:
                yield thing
                bar.update(1 if size is None else size(thing))
        return
    started = reported = time.monotonic()
    count = 0
    for thing in things:
        yield thing
        count += 1 if size is None else size(thing)
        now = time.monotonic()
        if now - reported >= _EVERY:
            reported = now
            rate = count / (now - started)
            text = (
                f"{plain_line(name) + ': ' if name else ''}{count:,} {unit}, {rate:,.1f} a second"
            )
            print(text, file=sys.stderr, flush=True)  # noqa: T201


def progress_bytes(blocks: Iterable[bytes], total: int, *, name: str) -> Iterator[bytes]:
    """Yield blocks and report their total bytes on stderr.

    Args:
        blocks: The blocks.
        total: Expected number of bytes.
        name: Name of the task, at the start of the line.
    """
    if Verbosity.level < 0:
        yield from blocks
        return
    if sys.stderr.isatty():
        from tqdm import tqdm

        with tqdm(
            desc=plain_line(name), total=total, unit="B", unit_scale=True, leave=False
        ) as bar:
            for block in blocks:
                yield block
                bar.update(len(block))
        return
    count, reported = 0, -math.inf
    for block in blocks:
        if time.monotonic() - reported >= _EVERY:
            reported = time.monotonic()
            text = f"{plain_line(name)}: {count / 1e6:.1f} of {total / 1e6:.1f} MB"
            print(text, file=sys.stderr, flush=True)  # noqa: T201
        yield block
        count += len(block)
