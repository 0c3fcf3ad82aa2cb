"""Images in any form: identified by a digest when opened, pixels when decoded."""

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

_MAX_BYTES = 1 << 28
"""Maximum size of an image file."""

_URL = re.compile(r"[a-z][a-z0-9+.-]*://|data:", re.IGNORECASE)


class ImageError(ValueError):
    """An image is missing or cannot be read: its name, the reason, and what was expected."""


@dataclass(frozen=True, eq=False)
class Picture:
    """A decoded image."""

    pixels: Pixels
    digest: str
    """SHA-256 of the content, in hexadecimal digits; see ``EncodedImage``."""
    complaints: tuple[str, ...] = ()
    """Non-fatal problems of the file reported by the decoder."""

    @property
    def size(self) -> tuple[int, int]:
        """Return width and height."""
        height, width = self.pixels.shape[:2]
        return width, height


@dataclass(frozen=True, eq=False)
class EncodedImage:
    """An opened image whose digest is known before it is decoded."""

    name: str
    """Name for messages."""
    digest: str
    """SHA-256 of the file's bytes, or of the pixels if there is no file."""
    content: bytes | Pixels = field(repr=False)
    max_pixels: int = MAX_PIXELS

    def decode(self) -> Picture:
        """Decode the image.

        Raises:
            ImageError: If it cannot be decoded, or has too many pixels.
            MissingExtraError: If Pillow is not installed.
        """
        if isinstance(self.content, np.ndarray):
            return Picture(self.content, self.digest)
        with _naming(self.name):
            found = decode_image(self.content, max_pixels=self.max_pixels)
            return Picture(found.pixels, self.digest, found.complaints)


def read_picture(
    source: object, *, folder: str | Path | None = None, max_pixels: int = MAX_PIXELS
) -> Picture:
    """Open and decode an image; see ``open_picture``.

    Example:
        >>> import numpy as np
        >>> read_picture(np.zeros((4, 6, 3), np.uint8)).size
        (6, 4)
    """
    return open_picture(source, folder=folder, max_pixels=max_pixels).decode()


def open_picture(
    source: object, *, folder: str | Path | None = None, max_pixels: int = MAX_PIXELS
) -> EncodedImage:
    """Open an image without decoding it.

    Args:
        source: A path, the bytes of a picture file, a Pillow image, or an array of height x
            width (x 1, 3 or 4 channels, the fourth opacity): uint8, or floats from 0 to 1.
            URLs are not downloaded.
        folder: Base folder of a path; the path may not leave it.
        max_pixels: Maximum number of pixels, checked before decoding.

    Raises:
        ImageError: If there is no such picture, or it is no file, too large, or of another
            kind; the one error for all that may be wrong with a picture.
        MissingExtraError: If Pillow is needed and not installed.
    """
    if isinstance(source, str | os.PathLike):
        path = os.fsdecode(source)
        name = path if path.isprintable() and len(path) <= 200 else short_repr(path)
        with _naming(name):
            return _of_bytes(name, _read(path, folder), max_pixels)
    if isinstance(source, bytes | bytearray | memoryview):
        return _of_bytes("picture given as bytes", bytes(source), max_pixels)
    if isinstance(source, np.ndarray):
        with _naming("picture given as an array"):
            return _of_pixels("array", from_array(source, max_pixels=max_pixels))
    pillow = require("PIL.Image", "vision", "reading pictures")
    if isinstance(source, pillow.Image):
        with _naming("picture given as a Pillow image"):
            return _of_pixels("Pillow image", from_image(source, max_pixels=max_pixels))
    raise ImageError(
        f"picture given as {type(source).__name__}; "
        "expected a path, bytes, a Pillow image or a NumPy array"
    )


def _of_bytes(name: str, content: bytes, max_pixels: int) -> EncodedImage:
    return EncodedImage(name, hashlib.sha256(content).hexdigest(), content, max_pixels)


def _of_pixels(name: str, pixels: Pixels) -> EncodedImage:
    digest = hashlib.sha256(f"pixels {pixels.shape} ".encode())
    digest.update(pixels.data)
    return EncodedImage(name, digest.hexdigest(), pixels)


def _read(path: str, folder: str | Path | None) -> bytes:
    """Read the content of an image file."""
    if _URL.match(path):
        raise ValueError("is a URL, and images are not downloaded; expected a file path")
    if "\0" in path:
        raise ValueError("contains a null character; expected a file path")
    target = Path(path) if folder is None else _inside(folder, path)
    status = target.stat()
    if stat.S_ISDIR(status.st_mode):
        raise ValueError("is a folder; expected an image")
    if not stat.S_ISREG(status.st_mode):  # a pipe, say, on which reading would wait for ever
        raise ValueError("is not a regular file; expected an image")
    if status.st_size > _MAX_BYTES:
        raise ValueError(f"has {status.st_size:,} bytes; expected at most {_MAX_BYTES:,}")
    return target.read_bytes()


def _inside(folder: str | Path, path: str) -> Path:
    try:
        return resolve_inside(folder, path)
    except ValueError:
        raise ValueError(f"is outside {folder}; expected a path inside it") from None


@contextmanager
def _naming(name: str) -> Iterator[None]:
    """Convert exceptions about an image into one line that names it."""
    try:
        yield
    except FileNotFoundError:
        raise ImageError(f"{name}: no such file; expected an image") from None
    except OSError as error:
        raise ImageError(f"{name}: cannot be read ({error.strerror or error})") from None
    except ValueError as error:
        raise ImageError(f"{name}: {error}") from None
