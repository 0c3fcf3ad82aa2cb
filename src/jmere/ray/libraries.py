"""The libraries of the extra ``ray``, imported when they are used."""

from __future__ import annotations

from types import ModuleType

from jmere.errors import require


def ray_library(module: str, purpose: str = "--engine ray") -> ModuleType:
    """Import a library that the extra ``ray`` installs.

    Args:
        module: Name of its module.
        purpose: What needs it, to begin an error with.

    Raises:
        MissingExtraError: If it is not installed.
    """
    return require(module, "ray", purpose)
