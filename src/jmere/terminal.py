"""Text on the terminal: nothing that users wrote can move the cursor or colour the screen."""

from __future__ import annotations

import json
import logging
import math
import re
import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

import typer
from tqdm import tqdm

_SEQUENCE = re.compile(
    "(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    "|(?:\x1b[]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x90-\x9f\n]*(?:\x07|\x1b\\\\|\x9c)"  # OSC, DCS
    "|\x1b[ -/]*[0-~]"
)
"""Escape sequences of ECMA-48, with 7 or 8 bits."""

_CONTROL = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""All controls but tab and line feed, overrides of direction, and halves of surrogate pairs."""


def plain(text: str) -> str:
    """Remove escape sequences and control characters, all but tabs and line ends."""
    if text.isascii() and text.isprintable():
        return text
    return _CONTROL.sub("", _SEQUENCE.sub("", text.replace("\r\n", "\n").replace("\r", " ")))


def plain_line(text: str) -> str:
    """The same in one line, as a cell of a table or a part of a message."""
    return " ".join(plain(text).split())


def json_line(value: object) -> str:
    """A value as JSON in one line, its controls escaped: it reads back as it was."""
    text = json.dumps(value, ensure_ascii=False)
    return _CONTROL.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


PROBLEM = "jmere: "
"""Start of every line on stderr that reports a problem; ``-q`` leaves only these."""


class Verbosity:
    """How much a command says on stderr: -1 only problems, 0 as usual, 1 and more its log too."""

    level = 0
    own_process = False
    """Whether the command is all that runs in the process, whose settings may then change."""


def echo(text: object = "", *, err: bool = False) -> None:
    """Print a text without control characters to stdout or, with ``err``, to stderr."""
    line = plain(str(text))
    if not (err and Verbosity.level < 0 and not line.startswith(PROBLEM)):
        typer.echo(line, err=err)


def log_plainly(level: int, *, form: str = "%(message)s") -> None:
    """Log messages from ``level`` on to stderr, without control characters; ``-q`` errors only."""
    handler = logging.StreamHandler()
    if Verbosity.level < 0:
        handler.setLevel(logging.ERROR)
    handler.setFormatter(_PlainFormatter(form, datefmt="%H:%M:%S"))
    logging.basicConfig(level=level, handlers=[handler])


class _PlainFormatter(logging.Formatter):
    """A message without control characters."""

    def format(self, record: logging.LogRecord) -> str:
        return plain(super().format(record))


T = TypeVar("T")

_EVERY = 30.0
"""Seconds between two plain lines."""


def progress(things: Iterable[T], unit: str, *, name: str = "") -> Iterator[T]:
    """The same things, counted on stderr as they pass.

    Args:
        things: What to pass on.
        unit: What one of them is called, in the plural.
        name: What is being done, to begin the line with.
    """
    if Verbosity.level < 0:
        yield from things
        return
    if sys.stderr.isatty():
        yield from tqdm(
            things, desc=plain_line(name) or None, unit=f" {unit}", mininterval=0.5, leave=False
        )
        return
    started = told = time.monotonic()
    for count, thing in enumerate(things, start=1):
        yield thing
        now = time.monotonic()
        if now - told >= _EVERY:
            told = now
            rate = count / (now - started)
            text = (
                f"{plain_line(name) + ': ' if name else ''}{count:,} {unit}, {rate:,.1f} a second"
            )
            print(text, file=sys.stderr, flush=True)  # noqa: T201


def progress_bytes(blocks: Iterable[bytes], total: int, *, name: str) -> Iterator[bytes]:
    """The same blocks, their bytes counted on stderr as they pass.

    Args:
        blocks: What to pass on.
        total: How many bytes are expected.
        name: What is being done, to begin the line with.
    """
    if Verbosity.level < 0:
        yield from blocks
        return
    if sys.stderr.isatty():
        with tqdm(
            desc=plain_line(name), total=total, unit="B", unit_scale=True, leave=False
        ) as bar:
            for block in blocks:
                yield block
                bar.update(len(block))
        return
    count, told = 0, -math.inf
    for block in blocks:
        if time.monotonic() - told >= _EVERY:
            told = time.monotonic()
            text = f"{plain_line(name)}: {count / 1e6:.1f} of {total / 1e6:.1f} MB"
            print(text, file=sys.stderr, flush=True)  # noqa: T201
        yield block
        count += len(block)
