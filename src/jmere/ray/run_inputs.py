"""The input of a run: its files, how they are known again, and their pieces."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from jmere.data.tables.parquet_files import opened_parquet
from jmere.ray.file_pieces import PARQUET, Piece, divided, form_of
from jmere.ray.places import InputFile, found_files, is_of_process, opened_file

_OPENED = 16
"""Files that are opened at a time to ask for their number of rows."""

_START = 1 << 16
"""Bytes at the start of the first file: the input is known again by them."""

_LINE = 250
"""Bytes of a post, where a file is too small to tell."""


@dataclass(frozen=True)
class RunInputs:
    """Files of posts of one format, in order."""

    files: Sequence[InputFile]
    form: str
    contents: Sequence[bytes | None]
    """What files hold that only this process can read."""

    @classmethod
    def found(cls, pattern: str) -> RunInputs:
        """Find the files that a name or a pattern stands for.

        Raises:
            FileNotFoundError: If there is none.
            ValueError: If they are not of one format, or of none that can be read.
        """
        files = found_files(pattern)
        contents = [_content(file) if is_of_process(file.name) else None for file in files]
        return cls(files, form_of(files), contents)

    def identity(self) -> dict[str, Any]:
        """Return what the input is known by: names, sizes, and the start of the first file."""
        digest = hashlib.sha256(self._start)
        for file in self.files:
            digest.update(f"\0{file.name}\0{file.size}".encode(errors="surrogateescape"))
        total = sum(file.size for file in self.files)
        return {"files": len(self.files), "bytes": total, "digest": digest.hexdigest()}

    @cached_property
    def sizes(self) -> list[int]:
        """The size of each file: bytes, or rows of Parquet.

        Raises:
            DataError: If a Parquet file is damaged.
        """
        if self.form != PARQUET:
            return [file.size for file in self.files]
        with ThreadPoolExecutor(_OPENED) as pool:
            return list(pool.map(_count_rows, self.files, self.contents))

    @property
    def post_size(self) -> int:
        """The size of a post in the same unit."""
        if self.form == PARQUET:
            return 1
        lines = self._start.count(b"\n")
        return max(1, len(self._start) // lines) if lines else _LINE

    def pieces(self, size: int) -> list[Piece]:
        """Divide the files into pieces of about this size."""
        return list(divided(self.files, self.sizes, size))

    @cached_property
    def _start(self) -> bytes:
        with opened_file(self.files[0].name, self.contents[0]) as stream:
            return stream.read(_START)


def _content(file: InputFile) -> bytes:
    with opened_file(file.name) as stream:
        return stream.read()


def _count_rows(file: InputFile, content: bytes | None) -> int:
    with opened_file(file.name, content) as stream:
        return int(opened_parquet(stream, file.name).metadata.num_rows)
