"""Columns of Arrow from Python values, from their bytes.

``pyarrow.array`` looks for values of pandas first, and to import pandas takes longer than to merge
a thousand posts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import Any

import numpy as np

from jmere.errors import require

_DIGEST = 8
"""Bytes of a digest."""


def arrow_module(name: str = "pyarrow") -> Any:
    """Return the library of columns, or a module of it."""
    return require(name, "large", "a graph larger than memory")


def arrow_column(values: Sequence[Any], kind: Any) -> Any:
    """Return a column of texts, numbers or lists, of which some may be ``None``.

    Args:
        values: What is in it.
        kind: Its type.
    """
    arrow = arrow_module()
    missing = values.count(None)
    if missing == len(values):
        return arrow.nulls(len(values), kind)
    validity = None
    if missing:
        present = np.fromiter((value is not None for value in values), bool, len(values))
        validity = arrow.py_buffer(np.packbits(present, bitorder="little").tobytes())
    if arrow.types.is_string(kind):
        buffers = [validity, *_text_buffers(arrow, values, missing)]
    elif arrow.types.is_list(kind):
        return arrow.array(values, type=kind)
    else:
        filled = [0 if it is None else it for it in values] if missing else values
        numbers = np.array(filled, dtype=kind.to_pandas_dtype())
        buffers = [validity, arrow.py_buffer(numbers)]
    return arrow.Array.from_buffers(kind, len(values), buffers)


def _text_buffers(arrow: Any, values: Sequence[str | None], missing: int) -> list[Any]:
    """Return where each text ends, and the texts."""
    texts: Sequence[Any] = [value or "" for value in values] if missing else values
    joined = "".join(texts)
    data = joined.encode()
    lengths = map(len, texts if joined.isascii() else [text.encode() for text in texts])
    ends = np.zeros(len(texts) + 1, np.int32)
    np.cumsum(np.fromiter(lengths, np.int32, len(texts)), out=ends[1:])
    return [arrow.py_buffer(ends), arrow.py_buffer(data)]


def one_batch(batches: Sequence[Any]) -> Any:
    """Return the rows of batches, of which one is not empty, as one batch."""
    (batch,) = arrow_module().Table.from_batches(batches).combine_chunks().to_batches()
    return batch


def mapped(column: Any, text_of: Callable[[Any], str]) -> Any:
    """Return the text of each value; equal values are asked for once, absent ones stay so."""
    coded = column.dictionary_encode()
    texts = [text_of(value) for value in coded.dictionary.to_pylist()]
    return arrow_column(texts, arrow_module().string()).take(coded.indices)


def digests(column: Any) -> Any:
    """Return ``jmere.knowledge.names.digest`` of each text."""
    arrow = arrow_module()
    texts = column.cast(arrow.binary()).to_pylist()
    marks = b"".join([blake2b(text, digest_size=_DIGEST).digest() for text in texts])
    ends = np.arange(len(texts) + 1, dtype=np.int32) * (2 * _DIGEST)
    buffers = [None, arrow.py_buffer(ends), arrow.py_buffer(marks.hex().encode())]
    return arrow.Array.from_buffers(arrow.string(), len(texts), buffers)
