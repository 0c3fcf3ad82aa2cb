"""Numeric arrays from untrusted files; each header is checked before memory is allocated."""

from __future__ import annotations

import math
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from jmere.errors import one_line, require, short_repr

AT_ONCE = 1 << 26
"""Bytes of arrays that any file may expand to."""

SPREAD = 100
"""Maximum ratio of array bytes to file bytes, for larger files."""

MOST_ARRAYS = 1_000_000
_LONGEST_HEADER = 10_000
_BLOCK = 1 << 20
_HEADER = {1: (2, "latin1"), 2: (4, "latin1"), 3: (4, "utf-8")}  # length's bytes, encoding
_ITEM = re.compile(
    r"""['"](descr|fortran_order|shape)['"]\s*:\s*('[^']*'|"[^"]*"|True|False|\([\d\s,L]*\))"""
)
_FRAME = re.compile(r"\{[\s,]*\}\s*")
_NUMBER = re.compile(r"[<>=|]?[fiu]\d{1,2}")
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_FILTERS = {1, 2, 3, 6, 32000}
"""Allowed HDF5 filters (deflate, shuffle, checksum, scale-offset, LZF); no plug-ins."""

Array = NDArray[Any]


class PickleError(ValueError):
    """An array contains Python objects, which require a pickle."""


@runtime_checkable
class _Stream(Protocol):
    """Byte stream."""

    def read(self, size: int, /) -> bytes:
        """Read the next bytes; fewer at the end."""


class _Budget:
    """Memory budget for the arrays of a file."""

    def __init__(self, path: Path) -> None:
        self._left = AT_ONCE + SPREAD * path.stat().st_size

    def take(self, name: str, dtype: np.dtype[Any], shape: tuple[int, ...]) -> int:
        """Reserve the bytes of an array; raise if they exceed the budget."""
        if dtype.kind not in "fiu":
            raise ValueError(f"{short_repr(name)} holds {str(dtype)[:40]}; expected numbers")
        size = math.prod(shape) * dtype.itemsize
        # In memory they are numbers of four bytes.
        self._left -= max(size, 4 * math.prod(shape))
        if self._left < 0:
            raise ValueError(
                f"{short_repr(name)} has shape {short_repr(shape)}: more than a file of this size "
                f"can be trusted to hold (expected at most {AT_ONCE >> 20} MiB, or {SPREAD} times "
                "the file)"
            )
        return size


def read_npy(path: Path) -> Iterator[tuple[str, Array]]:
    """Read the array of a ``.npy`` file, under the file's stem.

    Raises:
        ValueError: If it is none, or shorter than its header says.
        PickleError: If it holds Python objects.
    """
    with path.open("rb") as stream:
        yield path.stem, _array(stream, path.stem, _Budget(path))


def read_npz(path: Path) -> Iterator[tuple[str, Array]]:
    """Yield name and array of each member of a ``.npz`` file.

    Raises:
        ValueError: If it is not such a file, or a member is damaged, encrypted or compressed
            by another method than NumPy's.
        PickleError: If it holds Python objects.
    """
    try:
        with zipfile.ZipFile(path) as file:
            members = file.infolist()
            if len(members) > MOST_ARRAYS:
                raise ValueError(f"{len(members)} members; expected at most {MOST_ARRAYS}")
            budget = _Budget(path)
            for member in members:
                yield _member(file, member, budget)
    except (
        *(zipfile.BadZipFile, zlib.error, struct.error, EOFError),
        *(NotImplementedError, RuntimeError, OverflowError),
    ) as error:
        reason = one_line(error) or "it ends too early"
        raise ValueError(f"damaged or not a .npz file ({reason})") from None


def read_hdf5(path: Path) -> Iterator[tuple[str, Array]]:
    """Yield name and array of each dataset at the root of an HDF5 file.

    Raises:
        ValueError: If it is not such a file, is damaged, or holds anything but arrays of its own.
        MissingExtraError: If the extra ``toolkit`` is not installed.
    """
    h5py = require("h5py", "toolkit", "reading features from HDF5")
    budget = _Budget(path)
    try:
        with h5py.File(path, "r") as file:
            for name in file:
                # Links and external storage may name any other file of this machine.
                if not isinstance(file.get(name, getlink=True), h5py.HardLink):
                    raise ValueError(f"{short_repr(name)} is a link; expected the array itself")
                yield name, _dataset(h5py, name, file[name], budget)
    # The library says in many ways that a file is damaged.
    except (RuntimeError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError(f"damaged HDF5 file ({' '.join(str(error).split())[:120]})") from None


def _member(file: zipfile.ZipFile, member: zipfile.ZipInfo, budget: _Budget) -> tuple[str, Array]:
    shown = short_repr(member.filename)
    if not member.filename.endswith(".npy"):
        raise ValueError(f"member {shown} is not a .npy array")
    if member.flag_bits & 1:
        raise ValueError(f"member {shown} is encrypted")
    if member.compress_type not in _METHODS:
        raise ValueError(f"member {shown} is compressed by another method than NumPy's")
    name = member.filename.removesuffix(".npy")
    with file.open(member) as stream:
        return name, _array(stream, name, budget)


def _array(stream: _Stream, name: str, budget: _Budget) -> Array:
    """Read an array from a stream after checking its header."""
    dtype, fortran, shape = _header(stream, name)
    size = budget.take(name, dtype, shape)
    data = bytearray()
    while len(data) < size and (block := stream.read(min(_BLOCK, size - len(data)))):
        data += block
    if len(data) < size:
        raise ValueError(
            f"{short_repr(name)} has {len(data)} bytes of numbers, "
            f"but shape {short_repr(shape)} takes {size}"
        )
    values: Array = np.frombuffer(data, dtype).reshape(shape, order="F" if fortran else "C")
    return values


def _header(stream: _Stream, name: str) -> tuple[np.dtype[Any], bool, tuple[int, ...]]:
    """Parse type, order and shape of a ``.npy`` header without evaluating it."""
    wrong = f"{short_repr(name)} is not a .npy array"
    start = stream.read(8)
    if start[:1] == b"\x80":
        raise PickleError(f"{short_repr(name)} is a pickle")
    if start[:6] != b"\x93NUMPY" or start[6:7] not in (b"\1", b"\2", b"\3"):
        raise ValueError(wrong)
    width, encoding = _HEADER[start[6]]
    length = int.from_bytes(stream.read(width), "little")
    if length > _LONGEST_HEADER:
        raise ValueError(f"{wrong}: its header has {length} bytes")
    text = stream.read(length).decode(encoding, errors="replace")
    items = dict(_ITEM.findall(text))
    if len(items) < 3 or not _FRAME.fullmatch(_ITEM.sub("", text)):
        raise ValueError(f"{wrong} of numbers: its header is {short_repr(text.strip())}")
    kind = items["descr"][1:-1]
    if kind == "|O":
        raise PickleError(f"{short_repr(name)} holds Python objects")
    if not _NUMBER.fullmatch(kind):
        raise ValueError(f"{short_repr(name)} holds {kind[:40]}; expected numbers")
    try:
        dtype: np.dtype[Any] = np.dtype(kind)
        sides = items["shape"].strip("()").replace("L", "").split(",")
        shape = tuple(int(side) for side in sides if side.strip())
    except (TypeError, ValueError):
        raise ValueError(f"{wrong}: its header is {short_repr(text.strip())}") from None
    return dtype, items["fortran_order"] == "True", shape


def _dataset(h5py: Any, name: str, item: Any, budget: _Budget) -> Array:
    shown = short_repr(name)
    if not isinstance(item, h5py.Dataset) or item.external or item.is_virtual:
        raise ValueError(f"{shown} is not an array of this file")
    if item.shape is None:
        raise ValueError(f"{shown} is empty")
    settings = item.id.get_create_plist()
    for index in range(settings.get_nfilters()):
        if (number := settings.get_filter(index)[0]) not in _FILTERS:
            raise ValueError(f"{shown} is stored through filter {number}, which is not trusted")
    budget.take(name, item.dtype, item.shape)
    if item.chunks is not None:
        budget.take(name, item.dtype, item.chunks)
    values: Array = item[()]
    return values
