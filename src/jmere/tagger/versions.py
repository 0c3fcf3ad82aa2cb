"""Versions of the libraries that compute."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

LIBRARIES = ("torch", "transformers", "tokenizers", "spacy", "numpy", "onnxruntime", "pillow")
"""What computes; another version may round differently."""


def library_versions() -> dict[str, str | None]:
    """Return the version of each library that computes; ``None`` where it is not installed."""
    return {name: _version(name) for name in LIBRARIES}


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None  # an extra that is not installed
