"""Bilinear image resizing, bit-identical to OpenCV."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jmere.records import Pixels

TapWeights = NDArray[np.int32]

_ONE = 1 << 11
"""The value 1 in fixed-point weights."""

_STRIP = 32
"""Rows computed at a time, to fit the processor's cache."""


class Taps(NamedTuple):
    """Interpolation taps: two source indices and their weights per target index of an axis."""

    first: NDArray[np.intp]
    second: NDArray[np.intp]
    near: TapWeights
    far: TapWeights


def resize(pixels: Pixels, width: int, height: int) -> Pixels:
    """Resize by bilinear interpolation without smoothing, in fixed point.

    The result equals OpenCV's ``INTER_LINEAR``. Detectors are trained on images resized this
    way; another filter, or another rounding, changes scores by several hundredths.

    Args:
        pixels: Picture, height x width x channels.
        width: New width in pixels.
        height: New height in pixels.
    """
    if pixels.shape[:2] == (height, width):
        return pixels
    channels = pixels.shape[2]
    across = _by_value(_taps(pixels.shape[1], width), channels)
    down = _taps(pixels.shape[0], height)
    # Of a picture made smaller, only the rows that are read are mixed.
    needed, position = np.unique(np.concatenate([down.first, down.second]), return_inverse=True)
    flat = np.ascontiguousarray(pixels).reshape(pixels.shape[0], -1)
    mixed = np.empty((len(needed), len(across.first)), np.int32)
    for start in range(0, len(needed), _STRIP):
        strip = slice(start, start + _STRIP)
        rows, target = flat[needed[strip]], mixed[strip]
        np.multiply(rows.take(across.first, axis=1), across.near, out=target)
        target += rows.take(across.second, axis=1) * across.far
        target >>= 4
    upper, lower = position[:height], position[height:]
    result = np.empty((height, mixed.shape[1]), np.uint8)
    for start in range(0, height, _STRIP):
        strip = slice(start, start + _STRIP)
        above = (mixed[upper[strip]] * down.near[strip, None]) >> 16
        above += (mixed[lower[strip]] * down.far[strip, None]) >> 16
        above += 2
        above >>= 2
        result[strip] = above
    return result.reshape(height, width, channels)


def _taps(old: int, new: int) -> Taps:
    """Return the taps of an axis; indices are clamped at both ends."""
    # In single precision, each weight rounded by itself: so are OpenCV's.
    position = ((np.arange(new) + 0.5) * (1 / (new / old)) - 0.5).astype(np.float32)
    first = np.floor(position).astype(np.intp)
    share = position - first.astype(np.float32)
    near, far = (np.rint(part * np.float32(_ONE)).astype(np.int32) for part in (1 - share, share))
    return Taps(first.clip(0, old - 1), (first + 1).clip(0, old - 1), near, far)


def _by_value(taps: Taps, channels: int) -> Taps:
    """Expand the taps of an axis to ``values`` channels per index."""
    # One tap alone where both are one place: two rounded shares of it may not add up.
    alone = taps.first == taps.second
    near, far = np.where(alone, _ONE, taps.near), np.where(alone, 0, taps.far)
    values = np.arange(channels)
    first, second = (
        (index[:, None] * channels + values).ravel() for index in (taps.first, taps.second)
    )
    return Taps(first, second, near.repeat(channels), far.repeat(channels))
