"""A worker: loads the model once, then turns pieces of files into parts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from jmere.data.predictions import at_least
from jmere.data.tables.columns import Columns
from jmere.data.tables.rows import RowKind
from jmere.errors import DataError, Problem
from jmere.ray.death_ledger import MOST_DEATHS, RemoteMarks
from jmere.ray.file_pieces import PARQUET, Piece
from jmere.ray.libraries import ray_library
from jmere.ray.loading import ExtractorLoader
from jmere.ray.part_writer import FAILED, piece_failure, write_file, write_part
from jmere.ray.piece_posts import columns_of, read_piece
from jmere.ray.places import is_of_process
from jmere.ray.survived import Failure, Survivor
from jmere.records import Extraction

if TYPE_CHECKING:
    from jmere.extract import Extractor

_TOLD = 20
"""Problems of a piece that are told; all are counted."""


@dataclass(frozen=True, kw_only=True)
class PartJob:
    """What is done with every piece."""

    loader: ExtractorLoader
    output: str
    form: str
    columns: Columns
    rows: RowKind = RowKind.POST
    batch_size: int = 64
    min_score: float = 0.0
    precision: float | None = None
    strict: bool = False


@dataclass(frozen=True)
class Done:
    """What became of a piece."""

    record: dict[str, Any]
    """The part, as the manifest has it."""
    problems: list[Problem]
    """The first problems of its lines."""
    held: dict[str, bytes]
    """Files that only the first process can write, by name."""


class Worker:
    """Computes pieces, one at a time; made an actor by Ray."""

    def __init__(self, job: PartJob, ledger: Any) -> None:
        self._job, self._ledger = job, ledger
        self._extractor: Extractor | None = None
        self._min_score = job.min_score

    def load(self) -> None:
        """Load the model.

        Raises:
            FileNotFoundError: If there is no such model, or a file of it is missing.
            ValueError: If the folder holds no model of ours, or a damaged one.
        """
        self._extractor = self._job.loader.load()
        if self._job.precision is not None:
            least = self._extractor.tagger.decoder.min_score(self._job.precision)
            self._min_score = max(self._min_score, least)

    def compute(self, piece: Piece, content: bytes | None = None) -> Done:
        """Write the part of a piece.

        Raises:
            DataError: If its file is damaged, or a line is bad and the job is strict.
        """
        job, problems = self._job, _Problems(strict=self._job.strict)
        assert self._extractor is not None
        marks = RemoteMarks(ray_library("ray"), self._ledger, piece.name)
        deaths = marks.begin()
        if deaths.outside >= MOST_DEATHS:
            return self._given_up(piece, deaths.outside)
        kept = None
        if job.form == PARQUET:
            kept = columns_of(piece.file, job.columns, content)[1]
        posts = read_piece(
            piece, form=job.form, columns=job.columns, on_problem=problems, content=content
        )
        survivor = Survivor(
            extractor=self._extractor, marks=marks, deaths=deaths, batch_size=job.batch_size
        )
        written = write_part(
            job.output,
            piece.name,
            self._kept(survivor.results(posts)),
            form=job.form,
            kind=job.rows,
            kept=kept,
            source=piece.file,
        )
        marks.end()
        record = {
            "name": f"{piece.name}{job.form}",
            "posts": written.posts,
            "failed": written.failed,
            "bad": problems.count,
            "bytes": written.size,
            "sha256": written.sha256,
            **_place(piece),
        }
        return Done(record, problems.first, written.held)

    def _kept(self, results: Iterable[Extraction | Failure]) -> Iterator[Extraction | Failure]:
        for each in results:
            yield each if isinstance(each, Failure) else at_least(each, self._min_score)

    def _given_up(self, piece: Piece, count: int) -> Done:
        reason = f"reading or writing this piece killed its worker {count} times"
        line = piece_failure(piece.file, piece.start, piece.stop, reason)
        name, held = f"{FAILED}/{piece.name}.jsonl", {}
        if is_of_process(self._job.output):
            held[name] = line
        else:
            write_file(self._job.output, name, line)
        record = {"name": None, "error": reason, "posts": 0, "failed": 0, "bytes": 0, "bad": 0}
        return Done({**record, **_place(piece)}, [], held)


def _place(piece: Piece) -> dict[str, Any]:
    return {"piece": piece.number, "input": piece.file, "start": piece.start, "stop": piece.stop}


class _Problems:
    """Counts problems and keeps the first ones; raises the first where that is asked for."""

    def __init__(self, *, strict: bool) -> None:
        self._strict = strict
        self._places: set[tuple[str, int | None]] = set()
        self.first: list[Problem] = []

    @property
    def count(self) -> int:
        """Number of lines with a problem."""
        return len(self._places)

    def __call__(self, problem: Problem) -> None:
        if self._strict:
            raise DataError(problem)
        self._places.add((problem.file, problem.line))
        if len(self.first) < _TOLD:
            self.first.append(replace(problem, message=problem.message[:1000]))
