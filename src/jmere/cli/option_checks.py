"""Callbacks that check options when the command line is parsed."""

from __future__ import annotations

import re

import typer

_SURROGATE = re.compile("[\ud800-\udfff]")


def share(value: float | None) -> float | None:
    """Check that a number is between 0 and 1."""
    if value is not None and not 0 <= value <= 1:
        raise typer.BadParameter(f"expected a number from 0 to 1, got {value:g}")
    return value


def shares(values: list[float] | None) -> list[float] | None:
    """Check that numbers are between 0 and 1."""
    for value in values or ():
        share(value)
    return values


def text(value: str | None) -> str | None:
    """Replace undecodable bytes of a text."""
    if value is None:
        return None
    readable, count = _SURROGATE.subn("\ufffd", value)
    if count:
        typer.echo(
            f"jmere: {count} bytes of the text given are not UTF-8; each is read as U+FFFD",
            err=True,
        )
    return readable
