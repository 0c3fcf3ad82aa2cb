"""Pieces of input files: each becomes one part of the output."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, pairwise
from pathlib import PurePath

from jmere.ray.places import InputFile

JSONL, PARQUET = ".jsonl", ".parquet"

PARTS_PER_WORKER = 8
"""Parts that a worker computes at least, where the input is large enough: the last ones take
different times."""

_POSTS = 512, 16_384
"""Least and most posts of a part, where the user does not say."""


@dataclass(frozen=True)
class Piece:
    """A range of an input file."""

    number: int
    file: str
    start: int
    """Place of its first byte, or the number of rows before it."""
    stop: int | None
    """Its end in the same unit; ``None`` for all of a file that cannot be divided."""

    @property
    def name(self) -> str:
        """Name of the part, without its suffix."""
        return f"part-{self.number:06d}"


def form_of(files: Sequence[InputFile]) -> str:
    """Return the format of the files: ``.jsonl`` (also compressed) or ``.parquet``.

    Raises:
        ValueError: If it is neither, or not the same for all.
    """
    forms: dict[str, str] = {}
    for file in files:
        name = PurePath(file.name).name.lower().removesuffix(".gz")
        form = PurePath(name).suffix
        if form not in (JSONL, PARQUET) or (form == PARQUET and file.name.endswith(".gz")):
            raise ValueError(
                f"{file.name}: --engine ray reads .jsonl, .jsonl.gz and .parquet; convert others "
                "with jmere data convert"
            )
        forms.setdefault(form, file.name)
    if len(forms) > 1:
        one, other = forms.values()
        raise ValueError(f"{one} and {other} differ in format; expected files of one")
    return next(iter(forms))


def part_size(total: int, per_post: int, *, workers: int, posts: int | None = None) -> int:
    """Return the size of a part in bytes or rows.

    Args:
        total: Size of all input.
        per_post: Size of a post: bytes of a line, or 1 row.
        workers: Number of workers.
        posts: Posts of a part, if the user says.

    Example:
        >>> part_size(1_000_000, 1, workers=2), part_size(100, 1, workers=2, posts=10)
        (16384, 10)
    """
    if posts is not None:
        return posts * per_post
    least, most = (each * per_post for each in _POSTS)
    return min(most, max(least, -(-total // (workers * PARTS_PER_WORKER))))


def divided(files: Sequence[InputFile], sizes: Sequence[int], size: int) -> Iterator[Piece]:
    """Divide each file into pieces of equal size, in order.

    Args:
        files: The files.
        sizes: The size of each, in the unit of ``size``.
        size: About how many bytes or rows a piece has.

    Example:
        >>> [(p.name, p.start, p.stop) for p in divided([InputFile("a.jsonl", 7)], [7], 3)]
        [('part-000000', 0, 3), ('part-000001', 3, 7)]
    """
    numbers = count()
    for file, total in zip(files, sizes, strict=True):
        if file.name.endswith(".gz"):
            yield Piece(next(numbers), file.name, 0, None)
        elif total:
            pieces = max(1, round(total / size))
            ends = [total * index // pieces for index in range(pieces + 1)]
            for start, stop in pairwise(ends):
                yield Piece(next(numbers), file.name, start, stop)
