"""Extraction from files to a folder of parts, on a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jmere.checks import whole
from jmere.data.tables.columns import Columns
from jmere.data.tables.rows import RowKind
from jmere.errors import OnProblem, refuse
from jmere.ray.cluster import check_reachable, connected
from jmere.ray.file_pieces import JSONL, Piece, part_size
from jmere.ray.libraries import ray_library
from jmere.ray.loading import ExtractorLoader
from jmere.ray.part_worker import Done, PartJob
from jmere.ray.part_writer import write_file
from jmere.ray.places import absolute
from jmere.ray.pool import Pool
from jmere.ray.run_files import RunFiles, check_same_run
from jmere.ray.run_identity import run_identity
from jmere.ray.run_inputs import RunInputs
from jmere.vision.read_ahead import processors

_CLUSTER = 64
"""Workers that parts are made for where a cluster has not yet been asked."""

OnPart = Callable[[Mapping[str, Any]], None]
"""Called with the record of each part that is complete."""


@dataclass(frozen=True, kw_only=True)
class PartsRun:
    """What a run has written."""

    posts: int
    """Posts with a result."""
    kept: int
    """Those of them that an earlier run had computed."""
    failed: int
    """Posts without a result, in ``failed/``."""
    bad: int
    """Lines or rows that were no posts."""
    lost: int
    """Pieces of files that killed their workers without a post being computed, in ``failed/``."""
    parts: int
    todo: int
    """Parts that this run had to compute."""

    @classmethod
    def of(cls, records: Sequence[Mapping[str, Any]], *, kept: int, todo: int) -> PartsRun:
        """Sum up the records of the parts."""
        posts, failed, bad = (
            sum(each[name] for each in records) for name in ("posts", "failed", "bad")
        )
        lost = sum(each["name"] is None for each in records)
        parts = len(records) - lost
        return cls(
            posts=posts, kept=kept, failed=failed, bad=bad, lost=lost, parts=parts, todo=todo
        )


def extract_files(
    posts: str | Path,
    output: str | Path,
    *,
    address: str | None = None,
    workers: int | None = None,
    loader: ExtractorLoader | None = None,
    columns: Columns | None = None,
    rows: RowKind = RowKind.POST,
    batch_size: int = 64,
    min_score: float = 0.0,
    precision: float | None = None,
    part_posts: int | None = None,
    resume: bool = False,
    on_problem: OnProblem = refuse,
    on_part: OnPart = lambda record: None,
) -> PartsRun:
    """Extract from every post of files; write parts in their format and ``manifest.json``.

    Parts in the order of their names have the results in the order of the input, each as
    ``jmere extract`` gives it. A post that kills its worker three times, or raises an error, has
    its line with the reason in ``failed/`` instead. ``memory://`` is read and written by this
    process alone; all else is read and written by the workers.

    Args:
        posts: A file or a pattern such as ``DIR/*.parquet``, also in a store (``s3://...``).
        output: The folder of the parts.
        address: Address of a running cluster; default: one on this machine, for this run.
        workers: Number of workers; default: one for each processor or GPU.
        loader: What each worker loads.
        columns: The columns of a table, and those to copy.
        rows: What a row of a table stands for.
        batch_size: Posts computed together.
        min_score: Least score of a quintuple.
        precision: Least score by the precision that it gave on the dev set.
        part_posts: About how many posts a part has.
        resume: Whether to continue an earlier run after its complete parts.
        on_problem: Told of the first problems of each part; the lines are left out. By default
            the first one ends the run.
        on_part: Told of each part that is complete.

    Raises:
        MissingExtraError: If Ray or fsspec is not installed.
        FileNotFoundError: If there are no such files, or no such model.
        ConnectionError: If there is no cluster at the address.
        ValueError: If the output is not a new folder, or the run to continue is another one.
        DataError: If a file is damaged; at the first bad line, unless ``on_problem`` continues.
    """
    numbers = {"workers": workers, "part_posts": part_posts, "batch_size": batch_size}
    for name, value in numbers.items():
        if value is not None and whole(value, name) < 1:
            raise ValueError(f"{name} must be at least 1, got {value}")
    ray_library("ray")  # before anything is written
    inputs = RunInputs.found(str(posts))
    if rows is not RowKind.POST and inputs.form == JSONL:
        raise ValueError("--rows is for tables: expected posts in *.parquet")
    job = PartJob(
        loader=(loader or ExtractorLoader()).within_folder().placed(),
        output=absolute(str(output)),
        form=inputs.form,
        columns=columns or Columns(),
        rows=rows,
        batch_size=batch_size,
        min_score=min_score,
        precision=precision,
        strict=on_problem is refuse,
    )
    run = _Run(inputs, job, address=address, workers=workers, part_posts=part_posts)
    with run.files.claimed():
        return run.computed(resume=resume, on_problem=on_problem, on_part=on_part)


class _Run:
    """One run: what is left to do, and the doing of it."""

    def __init__(
        self,
        inputs: RunInputs,
        job: PartJob,
        *,
        address: str | None,
        workers: int | None,
        part_posts: int | None,
    ) -> None:
        self.inputs, self.job, self.address, self.workers = inputs, job, address, workers
        self.part_posts = part_posts
        self.files = RunFiles(job.output)

    def computed(self, *, resume: bool, on_problem: OnProblem, on_part: OnPart) -> PartsRun:
        """Compute what is left; write the manifest and return its sums."""
        identity = run_identity(self.inputs, self.job)
        if resume and (manifest := self.files.read_manifest()) is not None:
            check_same_run(self.job.output, manifest["run"], identity)
            return PartsRun.of(manifest["parts"], kept=0, todo=0)
        begun = self.files.read_run() if resume else None
        if begun is None:
            self.files.check_unused()
            check_reachable(self.address)  # before anything is written
            size = self._part_size()
        else:
            check_same_run(self.job.output, begun["run"], identity)
            size = begun["part_size"]
        pieces = self.inputs.pieces(size)
        if begun is None:
            self.files.begin({"run": identity, "part_size": size})
        records = self.files.records()
        kept = sum(each["posts"] for each in records.values())
        todo = [piece for piece in pieces if piece.number not in records]
        for done in self._results(todo):
            self._keep(done)
            records[done.record["piece"]] = done.record
            for problem in done.problems:
                on_problem(problem)
            on_part(done.record)
        parts = [records[piece.number] for piece in pieces]
        result = PartsRun.of(parts, kept=kept, todo=len(todo))
        names = [f"part-{n:06d}.jsonl" for n, each in records.items() if _has_failures(each)]
        sums = {"posts": result.posts, "failed": result.failed, "bad": result.bad}
        self.files.finish({**sums, "run": identity, "parts": parts}, failures=names)
        return result

    def _part_size(self) -> int:
        workers = self.workers or (processors() if self.address is None else _CLUSTER)
        total = sum(self.inputs.sizes)
        return part_size(total, self.inputs.post_size, workers=workers, posts=self.part_posts)

    def _results(self, todo: Sequence[Piece]) -> Iterator[Done]:
        if not todo:
            return
        with connected(self.address, workers=self.workers) as ray:
            held = zip(self.inputs.files, self.inputs.contents, strict=True)
            contents = {file.name: ray.put(data) for file, data in held if data is not None}
            with Pool(ray, self.job, workers=self.workers, pieces=len(todo)) as pool:
                yield from pool.run(todo, contents)

    def _keep(self, done: Done) -> None:
        """Write what only this process can write, then note that the part is complete."""
        for name, data in done.held.items():
            write_file(self.job.output, name, data)
        self.files.note(done.record)


def _has_failures(record: Mapping[str, Any]) -> bool:
    return record["name"] is None or record["failed"] > 0
