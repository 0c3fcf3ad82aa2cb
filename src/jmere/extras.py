"""Libraries that only some purposes need, and how to get them."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType


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
