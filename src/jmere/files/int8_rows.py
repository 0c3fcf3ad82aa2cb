"""Rows of numbers stored as eight-bit integers with a scale each."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_LARGEST = 127
"""Largest magnitude of a stored integer."""


def quantize_rows(rows: NDArray[Any]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Round each row to ``round(127 x / max|x|)``, with its scale ``max|x| / 127``.

    Args:
        rows: Numbers; the last axis is a row.

    Returns:
        The integers, and the scales, whose last axis has length 1. The scale of a row that holds
        NaN or infinity is not finite, and its integers say nothing.

    Example:
        >>> integers, scales = quantize_rows(np.array([[0.5, -1.0]], np.float32))
        >>> integers.tolist(), scales.round(4).tolist()
        ([[64, -127]], [[0.007899999618530273]])
    """
    rows = np.asarray(rows, np.float32)
    scales = np.abs(rows).max(axis=-1, keepdims=True) / np.float32(_LARGEST)
    with np.errstate(invalid="ignore"):  # a row that is not finite has such a scale
        integers = np.rint(rows / np.maximum(scales, np.float32(1e-12))).astype(np.int8)
    return integers, scales
