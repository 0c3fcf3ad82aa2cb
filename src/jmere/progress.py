"""How far a long run has come: a bar on a terminal, plain lines elsewhere, on stderr."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from tqdm import tqdm

from jmere.terminal import plain_line

T = TypeVar("T")

EVERY = 30.0
"""Seconds between two plain lines."""


def progress(things: Iterable[T], unit: str, *, name: str = "") -> Iterator[T]:
    """The same things, counted on stderr as they pass.

    Args:
        things: What to pass on.
        unit: What one of them is called, in the plural.
        name: What is being done, to begin the line with.
    """
    if sys.stderr.isatty():
        yield from tqdm(
            things, desc=plain_line(name) or None, unit=f" {unit}", mininterval=0.5, leave=False
        )
        return
    started = told = time.monotonic()
    for count, thing in enumerate(things, start=1):
        yield thing
        now = time.monotonic()
        if now - told >= EVERY:
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
        if time.monotonic() - told >= EVERY:
            told = time.monotonic()
            text = f"{plain_line(name)}: {count / 1e6:.1f} of {total / 1e6:.1f} MB"
            print(text, file=sys.stderr, flush=True)  # noqa: T201
        yield block
        count += len(block)
