"""Data files that ship with the package."""

from __future__ import annotations

from pathlib import Path


def bundled(*parts: str) -> Path:
    """Return the path of a bundled file or folder.

    Example:
        >>> bundled("tags", "jmere.json").is_file()
        True
    """
    return Path(__file__).parents[1].joinpath("bundled", *parts)
