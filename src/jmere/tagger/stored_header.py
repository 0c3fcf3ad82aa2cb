"""Header of a safetensors file: where each tensor is."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from jmere.files.json_values import parse_json

SCALE_SUFFIX = ".row_scale"
"""Suffix of the name of a quantised matrix's scales."""

_MAX_HEADER = 1 << 26


@dataclass(frozen=True, slots=True)
class StoredHeader:
    """Name, type, shape and place of every tensor of a file."""

    path: Path
    types: Mapping[str, str]
    shapes: Mapping[str, tuple[int, ...]]
    offsets: Mapping[str, tuple[int, int]]
    """First and last byte of each tensor in the file."""
    digest: str
    """SHA-256 of the header."""
    others: Mapping[str, str] = field(default_factory=dict)
    """Name of the file of each tensor that is not in ``path``, of headers that were joined."""

    def file_of(self, name: str) -> str:
        """Return the name of the file of a tensor."""
        return self.others.get(name, self.path.name)

    def joined(self, other: StoredHeader) -> StoredHeader:
        """Return the tensors of two files; where both have a name, those of this one."""
        return replace(
            self,
            types={**other.types, **self.types},
            shapes={**other.shapes, **self.shapes},
            offsets={**other.offsets, **self.offsets},
            others={name: other.path.name for name in other.types if name not in self.types},
        )


def read_stored_header(path: Path) -> StoredHeader:
    """Read the header of a safetensors file.

    Raises:
        ValueError: If the file is not a safetensors file, or cut short.
    """
    with path.open("rb") as stream:
        start = stream.read(8)
        size = int.from_bytes(start, "little")
        text = stream.read(size) if size <= _MAX_HEADER else b""
    try:
        entries = parse_json(text)
        tensors = {name: entry for name, entry in entries.items() if name != "__metadata__"}
        places = {name: entry["data_offsets"] for name, entry in tensors.items()}
        header = StoredHeader(
            path,
            {name: entry["dtype"] for name, entry in tensors.items()},
            {name: tuple(entry["shape"]) for name, entry in tensors.items()},
            {name: (8 + size + first, 8 + size + last) for name, (first, last) in places.items()},
            hashlib.sha256(start + text).hexdigest(),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ValueError(f"{path}: damaged or not a safetensors file") from None
    if max((last for _, last in header.offsets.values()), default=0) > path.stat().st_size:
        raise ValueError(f"{path}: damaged or not a safetensors file (cut short)")
    return header
