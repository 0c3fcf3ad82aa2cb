"""Decode image files with Pillow into upright RGB arrays."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from jmere.errors import require
from jmere.records import Pixels
from jmere.vision.complaints import WARNINGS, complaints

_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "AVIF")
"""Accepted formats; MPO is JPEG to Pillow. Others, such as EPS, may run programs."""

MAX_PIXELS = 120_000_000
"""Maximum number of pixels per image; lower than the limit at which Pillow fails."""

_RANGES = (1, 0xFF, 0xFFFF)
_FLIPS = {
    2: "FLIP_LEFT_RIGHT", 3: "ROTATE_180", 4: "FLIP_TOP_BOTTOM", 5: "TRANSPOSE",
    6: "ROTATE_270", 7: "TRANSVERSE", 8: "ROTATE_90",
}  # fmt: skip
_ORIENTATION = 0x0112  # of EXIF

_TIFF = (b"II", b"MM")


class _SizeError(ValueError):
    """An image has too many pixels, or none."""


class DecodedImage(NamedTuple):
    """Pixels of an image file and the decoder's non-fatal warnings."""

    pixels: Pixels
    complaints: tuple[str, ...] = ()


def decode_image(content: bytes, *, max_pixels: int = MAX_PIXELS) -> DecodedImage:
    """Decode an image file; of several frames, the first.

    Transparent areas become white. 16-bit channels are cut to the upper 8 bits; a TIFF of wider
    integers or floats is scaled from its range to 0 to 255. Thread-safe.

    Raises:
        ValueError: If it is in no format of ``_FORMATS``, has too many pixels, which is seen
            before any is decoded, or is damaged.
        MissingExtraError: If Pillow is not installed.
    """
    images = _pillow()
    if not content:
        raise ValueError("is empty; expected an image")
    images.init()
    formats = [name for name in _FORMATS if name in images.OPEN]
    heard: list[str] = []
    with _reading(max_pixels, heard):
        with complaints(heard) if content.startswith(_TIFF) else nullcontext():
            with _quiet():
                image = images.open(io.BytesIO(content), formats=formats)
            _check_size(image.size, max_pixels)
            image.load()
        return DecodedImage(_pixels(image), tuple(heard))


def from_image(image: Any, *, max_pixels: int = MAX_PIXELS) -> Pixels:
    """Return the pixels of a ``PIL.Image.Image``; see ``decode_image``."""
    _check_size(image.size, max_pixels)
    with _reading(max_pixels):
        with _quiet():  # the lock is for an image that comes twice, in two threads
            image.load()
        return _pixels(image)


def from_array(values: NDArray[Any], *, max_pixels: int = MAX_PIXELS) -> Pixels:
    """Return the pixels of an array, possibly sharing its memory.

    Args:
        values: Height x width, gray, or height x width x 1, 3 or 4 channels, the fourth
            opacity; whole numbers of 8 bits, or floats from 0 to 1.
        max_pixels: Maximum number of pixels.

    Raises:
        ValueError: If it is of another shape or other numbers.
    """
    channels = values.shape[2] if values.ndim == 3 else 1
    if values.ndim not in (2, 3) or channels not in (1, 3, 4):
        raise ValueError(
            f"has the shape {values.shape}; expected height x width, or x 1, 3 or 4 channels"
        )
    height, width = values.shape[:2]
    _check_size((width, height), max_pixels)
    if np.issubdtype(values.dtype, np.floating):
        if not ((values >= 0) & (values <= 1)).all():
            raise ValueError("contains floats outside 0 to 1; expected that range, or uint8")
        values = np.rint(values * np.float32(0xFF)).astype(np.uint8)
    if values.dtype != np.uint8:
        raise ValueError(f"contains {values.dtype}; expected uint8, or floats from 0 to 1")
    if channels == 4:
        return _pixels(_pillow().fromarray(values))
    return np.ascontiguousarray(
        np.broadcast_to(values.reshape(height, width, channels), (height, width, 3))
    )


def _pillow() -> Any:
    return require("PIL.Image", "vision", "reading pictures")


@contextmanager
def _quiet() -> Iterator[None]:
    """Suppress Pillow's warnings about unusual images; all threads share their state."""
    with WARNINGS, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def _reading(max_pixels: int, heard: Sequence[str] = ()) -> Iterator[None]:
    """Convert any exception of Pillow into ``ValueError``; damaged files raise many types.

    Args:
        max_pixels: Limit for the error message.
        heard: Decoder warnings to include in the error.
    """
    images = _pillow()
    try:
        yield
    except images.DecompressionBombError:
        raise ValueError(f"has too many pixels; {_at_most(max_pixels)}") from None
    except _SizeError:
        raise
    except images.UnidentifiedImageError:
        raise ValueError(f"is not an image; expected {', '.join(_FORMATS)}") from None
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        reason = "; ".join([reason, *heard])
        raise ValueError(f"cannot be decoded ({reason}); expected a complete image") from None


def _check_size(size: tuple[int, int], max_pixels: int) -> None:
    width, height = size
    if width * height > max_pixels:
        raise _SizeError(f"has {width} x {height} pixels; {_at_most(max_pixels)}")
    if not width * height:
        raise _SizeError(f"has {width} x {height} pixels; expected at least one")


def _at_most(pixels: int) -> str:
    return f"expected at most {pixels:,}"


def _pixels(image: Any) -> Pixels:
    """Return the pixels of a loaded image, upright and over white."""
    images = _pillow()
    flip = _flip(image)
    if image.mode.startswith(("I", "F")):
        image = images.fromarray(_levels(np.asarray(image)))
    elif image.has_transparency_data:
        seen = image if image.mode == "RGBA" else image.convert("RGBA")
        image = images.new("RGB", image.size, "white")
        image.paste(seen, mask=seen)
    elif image.mode != "RGB":
        image = image.convert("RGB")
    if flip is not None:
        image = image.transpose(images.Transpose[flip])
    if image.mode != "RGB":
        image = image.convert("RGB")
    return np.array(image)


def _flip(image: Any) -> str | None:
    """Return the transposition for an image's EXIF orientation; damaged EXIF is ignored."""
    with _quiet():
        try:
            return _FLIPS.get(image.getexif().get(_ORIENTATION))
        except Exception:  # Pillow's parsers raise many kinds
            return None


def _levels(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Scale values to gray levels: 16 bits by their upper 8, others by their range."""
    if values.dtype.itemsize == 2:
        return (values >> 8).astype(np.uint8)
    finite = np.nan_to_num(values.astype(np.float32), posinf=0, neginf=0).clip(-1e30, 1e30)
    low, high = float(finite.min()), float(finite.max())
    top = next((top for top in _RANGES if low >= 0 and high <= top), None)
    if top is None:  # a measurement, say: from its darkest to its brightest
        return _levels((finite - low) / ((high - low) or 1))
    return (finite * (0xFF / top)).astype(np.uint8)
