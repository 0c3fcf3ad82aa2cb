"""Pillow asked for pixels: what it reads safely, in any of its modes, comes out alike."""

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
"""Read where Pillow can; MPO is a JPEG to it. For some others, as EPS, it runs programs."""

MAX_PIXELS = 120_000_000
"""Of one picture; Pillow's own bound, which it warns at, is lower, its last one higher."""

_RANGES = (1, 0xFF, 0xFFFF)
_FLIPS = {
    2: "FLIP_LEFT_RIGHT", 3: "ROTATE_180", 4: "FLIP_TOP_BOTTOM", 5: "TRANSPOSE",
    6: "ROTATE_270", 7: "TRANSVERSE", 8: "ROTATE_90",
}  # fmt: skip
_ORIENTATION = 0x0112  # of EXIF

_TIFF = (b"II", b"MM")


class _SizeError(ValueError):
    """A picture has too many pixels, or none."""


class DecodedImage(NamedTuple):
    """A picture file's pixels, and what the decoder complained of without giving up."""

    pixels: Pixels
    complaints: tuple[str, ...] = ()


def decode_image(content: bytes, *, most_pixels: int = MAX_PIXELS) -> DecodedImage:
    """Decode a picture file, its first picture where it holds several.

    What is transparent is white. 16 bits are cut to their higher 8; a TIFF of longer numbers
    or floats spreads over 0 to 255 as its range suggests. May be called in many threads.

    Raises:
        ValueError: If it is in no format of ``_FORMATS``, has too many pixels, which is seen
            before any is decoded, or is damaged.
        MissingExtraError: If Pillow is not installed.
    """
    images = _pillow()
    if not content:
        raise ValueError("is empty; expected a picture")
    images.init()
    formats = [name for name in _FORMATS if name in images.OPEN]
    heard: list[str] = []
    with _reading(most_pixels, heard):
        with complaints(heard) if content.startswith(_TIFF) else nullcontext():
            with _quiet():
                image = images.open(io.BytesIO(content), formats=formats)
            _check_size(image.size, most_pixels)
            image.load()
        return DecodedImage(_pixels(image), tuple(heard))


def from_image(image: Any, *, most_pixels: int = MAX_PIXELS) -> Pixels:
    """The pixels of a ``PIL.Image.Image``; see ``decode_image``."""
    _check_size(image.size, most_pixels)
    with _reading(most_pixels):
        with _quiet():  # the lock is for an image that comes twice, in two threads
            image.load()
        return _pixels(image)


def from_array(values: NDArray[Any], *, most_pixels: int = MAX_PIXELS) -> Pixels:
    """The pixels of an array, whose own memory they may be.

    Args:
        values: Height x width, gray, or height x width x 1, 3 or 4 channels, the fourth
            opacity; whole numbers of 8 bits, or floats from 0 to 1.
        most_pixels: More are refused.

    Raises:
        ValueError: If it is of another shape or other numbers.
    """
    channels = values.shape[2] if values.ndim == 3 else 1
    if values.ndim not in (2, 3) or channels not in (1, 3, 4):
        raise ValueError(
            f"has the shape {values.shape}; expected height x width, or x 1, 3 or 4 channels"
        )
    height, width = values.shape[:2]
    _check_size((width, height), most_pixels)
    if np.issubdtype(values.dtype, np.floating):
        if not ((values >= 0) & (values <= 1)).all():
            raise ValueError("holds floats beyond 0 to 1; expected that range, or uint8")
        values = np.rint(values * np.float32(0xFF)).astype(np.uint8)
    if values.dtype != np.uint8:
        raise ValueError(f"holds {values.dtype}; expected uint8, or floats from 0 to 1")
    if channels == 4:
        return _pixels(_pillow().fromarray(values))
    return np.ascontiguousarray(
        np.broadcast_to(values.reshape(height, width, channels), (height, width, 3))
    )


def _pillow() -> Any:
    return require("PIL.Image", "vision", "reading pictures")


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Pillow's warnings about odd pictures back; all threads share their state."""
    with WARNINGS, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def _reading(most_pixels: int, heard: Sequence[str] = ()) -> Iterator[None]:
    """Turn whatever Pillow raises into one error; damaged files make it raise many kinds.

    Args:
        most_pixels: What the message says is expected at most.
        heard: What a decoder complained of, to be told with the error.
    """
    images = _pillow()
    try:
        yield
    except images.DecompressionBombError:
        raise ValueError(f"has too many pixels; {_at_most(most_pixels)}") from None
    except _SizeError:
        raise
    except images.UnidentifiedImageError:
        raise ValueError(f"is no picture; expected {', '.join(_FORMATS)}") from None
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        reason = "; ".join([reason, *heard])
        raise ValueError(f"cannot be decoded ({reason}); expected a whole picture") from None


def _check_size(size: tuple[int, int], most_pixels: int) -> None:
    width, height = size
    if width * height > most_pixels:
        raise _SizeError(f"has {width} x {height} pixels; {_at_most(most_pixels)}")
    if not width * height:
        raise _SizeError(f"has {width} x {height} pixels; expected at least one")


def _at_most(pixels: int) -> str:
    return f"expected at most {pixels:,}"


def _pixels(image: Any) -> Pixels:
    """The pixels of a loaded image, upright and over white."""
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
    """What turns an image upright, after its EXIF; damaged EXIF tells nothing."""
    with _quiet():
        try:
            return _FLIPS.get(image.getexif().get(_ORIENTATION))
        except Exception:  # Pillow's parsers raise many kinds
            return None


def _levels(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Numbers as levels of gray: 16 bits by the higher 8, others by the range they keep to."""
    if values.dtype.itemsize == 2:
        return (values >> 8).astype(np.uint8)
    finite = np.nan_to_num(values.astype(np.float32), posinf=0, neginf=0).clip(-1e30, 1e30)
    low, high = float(finite.min()), float(finite.max())
    top = next((top for top in _RANGES if low >= 0 and high <= top), None)
    if top is None:  # a measurement, say: from its darkest to its brightest
        return _levels((finite - low) / ((high - low) or 1))
    return (finite * (0xFF / top)).astype(np.uint8)
