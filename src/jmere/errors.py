"""Libraries that only some purposes need, and how to get them."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from reprlib import Repr
from types import ModuleType

_SHOWN = 1_000
"""Characters of a problem's message that are kept."""


class MissingExtraError(ImportError):
    """A library that an extra brings is not installed; the message says how to get it."""


def require(module: str, extra: str, purpose: str) -> ModuleType:
    """Import a library of an extra.

    Args:
        module: Name of the library's module, such as ``rdflib``.
        extra: The extra of this package that brings it.
        purpose: What needs it, to begin the message with.

    Raises:
        MissingExtraError: If it is not installed.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise  # it is there, but lacks something of its own
        raise MissingExtraError(f"{purpose} needs: pip install 'jmere[{extra}]'") from None


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a file: where, and what was expected."""

    file: str
    line: int | None
    message: str

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        rest = "..." if len(self.message) > _SHOWN else ""
        return f"{where}: {self.message[:_SHOWN]}{rest}"


class DataError(ValueError):
    """A file holds what it should not; the message is the problem's one line."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


OnProblem = Callable[[Problem], None]
"""Told of each problem of a file; the record concerned is then left out."""


def refuse(problem: Problem) -> None:
    """Stop at the first problem: the ``OnProblem`` of strict readers.

    Raises:
        DataError: Always.
    """
    raise DataError(problem)


def one_line(error: BaseException) -> str:
    """What an error says, as one line of at most 200 characters, to be part of a message."""
    return " ".join(str(error).split())[:200]


def nearest(name: str, known: Iterable[str]) -> str:
    """The end of an error about an unknown name: the nearest known one, or all of them."""
    names = sorted(known)
    close = difflib.get_close_matches(name[:100], names, n=1)
    return f"did you mean {close[0]!r}?" if close else f"known: {', '.join(names)}"[:_SHOWN]


_LONGEST_INTEGER = 128  # bits

_LONGEST = 160


class _Short(Repr):
    """Python's short form of values, safe for numbers too long to be written out."""

    def repr_int(self, x: int, level: int) -> str:
        if x.bit_length() > _LONGEST_INTEGER:
            return f"a number of {x.bit_length()} bits"
        return super().repr_int(x, level)


_SHORT = _Short()

_SHORT.maxlevel = 2

_SHORT.maxstring = _SHORT.maxother = 40


def short_repr(value: object) -> str:
    """A value as a message shows it: short and of one line, whatever its size and depth.

    >>> short_repr(["a", ["b", ["c"]]])
    "['a', ['b', [...]]]"
    """
    try:
        text = " ".join(_SHORT.repr(value).split())
    except Exception:  # a number of too many digits, or a class whose repr fails
        return f"<{type(value).__name__}>"
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
