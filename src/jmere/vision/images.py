"""A user's picture in any form: named and hashed when opened, pixels when decoded."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from jmere.errors import require, short_repr
from jmere.files.whole import resolve_inside
from jmere.records import Pixels
from jmere.vision.image_decoding import MAX_PIXELS, decode_image, from_array, from_image

_MOST_BYTES = 1 << 28
"""Of a picture file: far more than any photograph's."""

_URL = re.compile(r"[a-z][a-z0-9+.-]*://|data:", re.IGNORECASE)


class ImageError(ValueError):
    """A picture is not there or cannot be read: which one, why, and what was expected."""


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture as pixels."""

    pixels: Pixels
    digest: str
    """SHA-256 of its content, in hexadecimal digits; see ``EncodedImage``."""
    complaints: tuple[str, ...] = ()
    """What the decoder found wrong with the file, of which it made pixels all the same."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        height, width = self.pixels.shape[:2]
        return width, height


@dataclass(frozen=True, eq=False)
class EncodedImage:
    """A picture at hand, to be looked up by its digest before it is decoded."""

    name: str
    """What messages call it."""
    digest: str
    """SHA-256 of its content: of a file's bytes, or of the pixels that came without a file."""
    content: bytes | Pixels = field(repr=False)
    most_pixels: int = MAX_PIXELS

    def decode(self) -> Picture:
        """The picture as pixels.

        Raises:
            ImageError: If it cannot be decoded, or has too many pixels.
            MissingExtraError: If Pillow is not installed.
        """
        if isinstance(self.content, np.ndarray):
            return Picture(self.content, self.digest)
        with _naming(self.name):
            found = decode_image(self.content, most_pixels=self.most_pixels)
            return Picture(found.pixels, self.digest, found.complaints)


def read_picture(
    source: object, *, folder: str | Path | None = None, most_pixels: int = MAX_PIXELS
) -> Picture:
    """Read a picture; see ``open_picture``."""
    return open_picture(source, folder=folder, most_pixels=most_pixels).decode()


def open_picture(
    source: object, *, folder: str | Path | None = None, most_pixels: int = MAX_PIXELS
) -> EncodedImage:
    """Fetch a picture from where it is, without decoding it.

    Args:
        source: A path, the bytes of a picture file, a Pillow image, or an array of height x
            width (x 1, 3 or 4 channels, the fourth opacity): uint8, or floats from 0 to 1.
            Addresses on the web are not fetched.
        folder: Where a path starts, which it may then not leave.
        most_pixels: A picture of more is refused unseen.

    Raises:
        ImageError: If there is no such picture, or it is no file, too large, or of another
            kind; the one error for all that may be wrong with a picture.
        MissingExtraError: If Pillow is needed and not installed.
    """
    if isinstance(source, str | os.PathLike):
        path = os.fsdecode(source)
        name = path if path.isprintable() and len(path) <= 200 else short_repr(path)
        with _naming(name):
            return _of_bytes(name, _read(path, folder), most_pixels)
    if isinstance(source, bytes | bytearray | memoryview):
        return _of_bytes("picture given as bytes", bytes(source), most_pixels)
    if isinstance(source, np.ndarray):
        with _naming("picture given as an array"):
            return _of_pixels("array", from_array(source, most_pixels=most_pixels))
    pillow = require("PIL.Image", "vision", "reading pictures")
    if isinstance(source, pillow.Image):
        with _naming("picture given as a Pillow image"):
            return _of_pixels("Pillow image", from_image(source, most_pixels=most_pixels))
    raise ImageError(
        f"picture given as {type(source).__name__}; "
        "expected a path, bytes, a Pillow image or a NumPy array"
    )


def _of_bytes(name: str, content: bytes, most_pixels: int) -> EncodedImage:
    return EncodedImage(name, hashlib.sha256(content).hexdigest(), content, most_pixels)


def _of_pixels(name: str, pixels: Pixels) -> EncodedImage:
    digest = hashlib.sha256(f"pixels {pixels.shape} ".encode())
    digest.update(pixels.data)
    return EncodedImage(name, digest.hexdigest(), pixels)


def _read(path: str, folder: str | Path | None) -> bytes:
    """The content of a file that may hold a picture."""
    if _URL.match(path):
        raise ValueError("is an address, and nothing is fetched; expected the path of a file")
    if "\0" in path:
        raise ValueError("holds a null character; expected the path of a file")
    place = Path(path) if folder is None else _inside(folder, path)
    status = place.stat()
    if stat.S_ISDIR(status.st_mode):
        raise ValueError("is a folder; expected a picture")
    if not stat.S_ISREG(status.st_mode):  # a pipe, say, on which reading would wait for ever
        raise ValueError("is no regular file; expected a picture")
    if status.st_size > _MOST_BYTES:
        raise ValueError(f"has {status.st_size:,} bytes; expected at most {_MOST_BYTES:,}")
    return place.read_bytes()


def _inside(folder: str | Path, path: str) -> Path:
    try:
        return resolve_inside(folder, path)
    except ValueError:
        raise ValueError(f"leads out of {folder}; expected a path inside it") from None


@contextmanager
def _naming(name: str) -> Iterator[None]:
    """Turn what goes wrong with a picture into one line that names it."""
    try:
        yield
    except FileNotFoundError:
        raise ImageError(f"{name}: no such file; expected a picture") from None
    except OSError as error:
        raise ImageError(f"{name}: cannot be read ({error.strerror or error})") from None
    except ValueError as error:
        raise ImageError(f"{name}: {error}") from None
