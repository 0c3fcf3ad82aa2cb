"""Columns of Arrow from Python values, from their bytes.

``pyarrow.array`` looks for values of pandas first, and to import pandas takes longer than to merge
a thousand posts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


def arrow_column(arrow: Any, values: Sequence[Any], kind: Any) -> Any:
    """Return a column of texts, numbers or lists, of which some may be ``None``.

    Args:
        arrow: The module ``pyarrow``.
        values: What is in it.
        kind: Its type.
    """
    present = np.fromiter((value is not None for value in values), bool, len(values))
    if not present.any():
        return arrow.nulls(len(values), kind)
    validity = None
    if not present.all():
        validity = arrow.py_buffer(np.packbits(present, bitorder="little").tobytes())
    if arrow.types.is_string(kind):
        buffers = [validity, *_text_buffers(arrow, values)]
    elif arrow.types.is_list(kind):
        return arrow.array(values, type=kind)
    else:
        filled = values if validity is None else [0 if it is None else it for it in values]
        numbers = np.array(filled, dtype=kind.to_pandas_dtype())
        buffers = [validity, arrow.py_buffer(numbers)]
    return arrow.Array.from_buffers(kind, len(values), buffers)


def _text_buffers(arrow: Any, values: Sequence[str | None]) -> list[Any]:
    """Return where each text ends, and the texts."""
    texts = [value or "" for value in values]
    joined = "".join(texts)
    data = joined.encode()
    lengths = map(len, texts if joined.isascii() else [text.encode() for text in texts])
    ends = np.zeros(len(texts) + 1, np.int32)
    np.cumsum(np.fromiter(lengths, np.int32, len(texts)), out=ends[1:])
    return [arrow.py_buffer(ends), arrow.py_buffer(data)]
