"""Columns of Arrow from values of Python and NumPy and back, by their bytes.

``pyarrow.array``, ``pyarrow.scalar`` and ``to_numpy`` look for values of pandas first, and to
import pandas takes longer than to merge a thousand posts. A constant of ``pyarrow.compute`` is a
scalar too, and so is ``constant`` here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
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
        validity = _bits(np.fromiter((value is not None for value in values), bool, len(values)))
    if arrow.types.is_string(kind):
        buffers = [validity, *_text_buffers(arrow, values, missing)]
    elif arrow.types.is_list(kind):
        ends = _ends(len(value) if value else 0 for value in values)
        inner = arrow_column([it for value in values if value for it in value], kind.value_type)
        return arrow.Array.from_buffers(
            kind, len(values), [validity, arrow.py_buffer(ends)], children=[inner]
        )
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
    ends = _ends(map(len, texts if joined.isascii() else [text.encode() for text in texts]))
    return [arrow.py_buffer(ends), arrow.py_buffer(data)]


def _ends(lengths: Iterable[int]) -> Any:
    """Return where each of adjacent values ends, after a zero."""
    counts = np.fromiter(lengths, np.int32)
    ends = np.zeros(len(counts) + 1, np.int32)
    np.cumsum(counts, out=ends[1:])
    return ends


def _bits(mask: Any) -> Any:
    return arrow_module().py_buffer(np.packbits(mask, bitorder="little").tobytes())


def number_column(values: Any, *, missing: Any = None) -> Any:
    """Return a column of an array of NumPy: numbers, or truth values.

    Args:
        values: The array.
        missing: Mask of the values that are absent.
    """
    arrow = arrow_module()
    kind = getattr(arrow, "bool_" if values.dtype == bool else values.dtype.name)()
    data = _bits(values) if values.dtype == bool else arrow.py_buffer(np.ascontiguousarray(values))
    validity = None if missing is None or not missing.any() else _bits(~missing)
    return arrow.Array.from_buffers(kind, len(values), [validity, data])


def picked(column: Any, rows: Any) -> Any:
    """Return some rows of a column, by an array of their numbers."""
    return column.take(number_column(rows))


def numbers_of(column: Any) -> Any:
    """Return a column of numbers, none of them absent, as an array of NumPy."""
    values = np.frombuffer(column.buffers()[1], column.type.to_pandas_dtype())
    return values[column.offset : column.offset + len(column)]


@lru_cache(maxsize=1 << 10)
def constant(text: str | None) -> Any:
    """Return a text as a constant for the functions of ``pyarrow.compute``."""
    return arrow_column([text], arrow_module().string())[0]


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
    return hex_texts(hashes(column))


def hashes(column: Any) -> Any:
    """Return the digest of each text as a number, in an array of NumPy."""
    texts = column.cast(arrow_module().binary()).to_pylist()
    marks = b"".join([blake2b(text, digest_size=_DIGEST).digest() for text in texts])
    return np.frombuffer(marks, ">u8").astype(np.uint64)


def hex_texts(numbers: Any) -> Any:
    """Return numbers as columns of sixteen hexadecimal digits."""
    arrow = arrow_module()
    ends = np.arange(len(numbers) + 1, dtype=np.int32) * (2 * _DIGEST)
    data = numbers.astype(">u8").tobytes().hex().encode()
    buffers = [None, arrow.py_buffer(ends), arrow.py_buffer(data)]
    return arrow.Array.from_buffers(arrow.string(), len(numbers), buffers)
