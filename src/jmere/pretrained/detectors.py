"""Detector weights by name: local, or downloaded on first use and verified.

``detectors.yaml`` lists them. Only names given by the user are looked up, and every URL comes
from that file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError, URLError

from jmere.config import load_yaml, parse_config
from jmere.errors import nearest
from jmere.files.whole import cache_folder, sha256_of
from jmere.pretrained.download import download

REGISTRY = Path(__file__).with_name("detectors.yaml")

_ADDRESS = re.compile(r"https://[^/\s]+/\S*\b[0-9a-f]{40}\b\S*")
_FILE = re.compile(r"\w[\w.-]*")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True)
class WeightsFile:
    """A downloadable weights file: its URL, size and checksum."""

    name: str
    what: str
    """One-line description of the network."""
    file: str
    """File name, wherever the file is stored."""
    address: str
    """HTTPS URL of a revision named by 40 hexadecimal digits."""
    sha256: str
    size: int
    """Size in bytes."""
    licence: str
    """SPDX identifier of the licence."""

    def __post_init__(self) -> None:
        if not _ADDRESS.fullmatch(self.address):
            raise ValueError(f"{self.name}.address must be https with a revision: {self.address}")
        if not _FILE.fullmatch(self.file):
            raise ValueError(f"{self.name}.file must be the name of a file, got {self.file!r}")
        if not _SHA256.fullmatch(self.sha256):
            raise ValueError(f"{self.name}.sha256 must be 64 digits 0-9a-f, got {self.sha256!r}")
        if self.size <= 0:
            raise ValueError(f"{self.name}.size must be positive, got {self.size}")


@cache
def registry() -> dict[str, WeightsFile]:
    """Return all known weights by name.

    Example:
        >>> "yolox-nano" in registry()
        True
    """
    return {
        name: parse_config(WeightsFile, {"name": name, **values}, where=name)
        for name, values in load_yaml(REGISTRY).items()
    }


def find_weights(name: str | Path, *, fetch: bool = True) -> Path:
    """Return the path of a detector's weights, downloading them if needed.

    A known name (a string) is looked up in the folders of ``$JMERE_WEIGHTS``, then in the cache;
    if it is in neither, it is downloaded into the cache. Known weights are verified against
    their checksum at each call. Anything else is the path of a file and is returned unchanged.

    Args:
        name: A name of ``weights.yaml``, or a path.
        fetch: Whether known weights may be downloaded.

    Raises:
        FileNotFoundError: If the file is missing and cannot be downloaded; says which
            file to put where.
        ValueError: If a file of known weights is not the published one.
    """
    weights = registry().get(name) if isinstance(name, str) else None
    if weights is None:
        if Path(name).is_file():
            return Path(name)
        raise FileNotFoundError(
            f"{name}: no such file and no weights of that name; {nearest(str(name), registry())}"
        )
    for folder in _folders():
        path = folder / weights.file
        if path.is_file():
            return _checked(path, weights)
    if not fetch:
        raise FileNotFoundError(
            f"weights {weights.name!r} are not available: "
            f"run 'jmere weights fetch {weights.name}', "
            f"or {_advice(weights)}"
        )
    return fetch_weights(weights.name, cache_folder("weights"))


def fetch_weights(name: str, folder: str | Path) -> Path:
    """Download known weights into a folder, unless they are there already.

    A file with another checksum is replaced. Nothing is downloaded if ``$JMERE_OFFLINE`` or
    ``$HF_HUB_OFFLINE`` is set.

    Raises:
        FileNotFoundError: If the download fails; says which file to put where.
        ValueError: If the name is unknown.
    """
    if name not in registry():
        raise ValueError(f"unknown weights {name!r}; {nearest(name, registry())}")
    weights = registry()[name]
    path = Path(folder, weights.file)
    if path.is_file() and sha256_of(path) == weights.sha256:
        return path
    try:
        _refuse_offline()
        download(weights.address, path, size=weights.size, sha256=weights.sha256)
    except (OSError, HTTPException, ValueError) as error:
        raise FileNotFoundError(
            f"weights {weights.name!r} are not available and could not be fetched "
            f"({_reason(error)}): {_advice(weights)}"
        ) from None
    return path


def _folders() -> Iterator[Path]:
    given = os.environ.get("JMERE_WEIGHTS", "").split(os.pathsep)
    yield from (Path(folder) for folder in given if folder)
    yield cache_folder("weights")


def _checked(path: Path, weights: WeightsFile) -> Path:
    found = sha256_of(path)
    if found != weights.sha256:
        raise ValueError(
            f"{path}: sha256 {found}, expected {weights.sha256} of {weights.name!r}; "
            "remove the file, or put the published one there"
        )
    return path


def _refuse_offline() -> None:
    for variable in ("JMERE_OFFLINE", "HF_HUB_OFFLINE"):
        if os.environ.get(variable, "").lower() in ("1", "true", "yes", "on"):
            raise ConnectionRefusedError(f"offline, as ${variable} says")


def _reason(error: Exception) -> str:
    plain = (
        error.reason if isinstance(error, URLError) and not isinstance(error, HTTPError) else error
    )
    return " ".join(str(plain).split()) or type(error).__name__


def _advice(weights: WeightsFile) -> str:
    return (
        f"put {weights.file} ({weights.size / 1e6:.1f} MB, sha256 {weights.sha256}) into "
        f"{cache_folder('weights')} or a folder named by $JMERE_WEIGHTS; "
        f"it comes from {weights.address}"
    )
