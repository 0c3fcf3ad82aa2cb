"""Generations of a store's graph: each is a folder that never changes after it is published.

A build copies the present generation (by hard links), changes the copy, and publishes it. Queries
open the published one for reading, so that they work while a build runs.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from types import ModuleType

from jmere.errors import require

_NAME = re.compile(r"graph-(\d{1,12})")


def generation_path(folder: Path, number: int) -> Path:
    """Return the folder of a generation."""
    return folder / f"graph-{number}"


def pyoxigraph() -> ModuleType:
    """Import the library of the store.

    Raises:
        MissingExtraError: If it is not installed.
    """
    return require("pyoxigraph", "store", "a graph store")


def remove_generations(folder: Path, *, keep: range) -> None:
    """Remove all generations but those in ``keep``: old ones, and those of killed builds."""
    for path in folder.iterdir():
        match = _NAME.fullmatch(path.name)
        if match and int(match[1]) not in keep:
            shutil.rmtree(path, ignore_errors=True)
