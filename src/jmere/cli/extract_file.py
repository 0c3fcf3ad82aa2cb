"""Extraction from a file of posts to the screen, a stream, a table or JSON Lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from jmere.cli.bad_lines import NOTHING_READ
from jmere.cli.found import as_line, as_paragraph
from jmere.cli.tally import Counted, Tally
from jmere.continuation import START, count_finished, identity_of, is_finished, remaining
from jmere.data.jsonl import read_posts
from jmere.data.predictions import at_least
from jmere.data.tables.columns import Columns
from jmere.data.tables.rows import RowKind
from jmere.data.tables.table_files import is_table, read_table, write_table
from jmere.errors import DataError, Problem
from jmere.extract import chunk_size
from jmere.files.outputs import is_stream
from jmere.files.resumable import ResumableLines, StreamLines, discard_state, is_resumable
from jmere.records import Extraction, Post
from jmere.terminal import echo, progress

if TYPE_CHECKING:
    from jmere.extract import Extractor


def options_of(
    run: Mapping[str, Any], loaded: Mapping[str, Any], paths: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the options that change results, for the state file of a run.

    Args:
        run: Options of the run.
        loaded: Options that the extractor was loaded with.
        paths: Those that name files, as the user gave them.
    """
    columns, visual = run["columns"], loaded["visual"]
    return {
        **({"columns": dict(columns.fields)} if columns.fields else {}),
        **({"keep": list(columns.keep)} if columns.keep else {}),
        **{name: run[name] for name in ("batch_size", "min_score")},
        **{name: getattr(visual, name) for name in ("detector", "ocr", "captioner")},
        **{name: loaded[name] for name in ("read_text", "backend", "device")},
        **({"names": loaded["names"]} if loaded["names"] is not None else {}),
        **paths,
    }


@dataclass(frozen=True, kw_only=True)
class FileRun:
    """One run over a file of posts."""

    extractor: Extractor
    model: str
    posts: Path
    output: Path | None
    """Output file; the screen where absent."""
    columns: Columns
    rows: RowKind
    """Rows of a table: one per post or per quintuple."""
    batch_size: int
    min_score: float
    strict: bool
    resume: bool
    as_json: bool
    options: Mapping[str, Any]
    """Options that change results, which a continued run must share."""
    tally: Tally = field(default_factory=Tally)

    def run(self) -> None:
        """Extract from every post, write the results and report the counts.

        Raises:
            typer.Exit: If no post could be read.
        """
        todo = self._read()
        if self.resume and self.output is not None and is_finished(self.output):
            count = count_finished(self.output, todo)
            discard_state(self.output)
            told = f"{self.output}: is already complete ({count} posts); nothing to resume"
            echo(told, err=True)
            return
        start = list(islice(todo, START))
        if not start:
            told = f"jmere: {self.posts}: no post could be read{self.tally}; nothing was written"
            echo(told, err=True)
            raise typer.Exit(NOTHING_READ)
        self._write(chain(start, todo), start)

    def _read(self) -> Iterator[Post]:
        if is_table(self.posts):
            yield from read_table(self.posts, columns=self.columns, on_problem=self._tell)
            return
        if self.columns.fields:
            raise ValueError(f"--columns is for tables (.csv, .tsv, .parquet), not {self.posts}")
        keep = self.columns.keep
        yield from read_posts(self.posts, gold=False, keep=keep, on_problem=self._tell)

    def _tell(self, problem: Problem) -> None:
        if self.strict:
            raise DataError(problem)
        self.tally.bad += 1
        echo(f"jmere: {problem}; skipped", err=True)

    def _write(self, todo: Iterator[Post], start: list[Post]) -> None:
        kept = ""
        if self.output is None or is_stream(self.output):
            count = self._print(self._results(todo))
        elif is_table(self.output):
            counted = Counted(self._results(todo))
            write_table(self.output, counted, kind=self.rows)
            count = counted.count
        else:
            lines = self._write_lines(self.output, todo, start)
            count = lines.count
            kept = f", {lines.kept} of them kept" if lines.kept else ""
        echo(f"{count} posts{kept}{self.tally}", err=True)

    def _results(
        self, posts: Iterable[Post], kept: Callable[[], int] = lambda: 0
    ) -> Iterator[Extraction]:
        given = self.tally.posts(posts, self.extractor.tagger.prepare.scenes)
        found = self.extractor.stream(given, batch_size=self.batch_size, ramp_up=kept() == 0)
        for each in progress(self.tally.results(found), "posts"):
            yield at_least(each, self.min_score)

    def _print(self, results: Iterable[Extraction]) -> int:
        """Print each result, or write it to a stream, as soon as it is ready; return the count."""
        count = 0
        if self.output is None:
            for count, found in enumerate(results, start=1):  # noqa: B007
                echo(as_line(found) if self.as_json else as_paragraph(found))
            return count
        with StreamLines(self.output) as stream:
            for found in results:
                stream.write(as_line(found))
            return stream.count

    def _write_lines(self, output: Path, todo: Iterator[Post], start: list[Post]) -> ResumableLines:
        """Write each result as soon as it is ready; on interruption, report how to resume."""
        identity = identity_of(self.extractor, self.model, start=start, options=self.options)
        chunk = chunk_size(self.batch_size)
        lines = ResumableLines(output, identity, chunk=chunk, resume=self.resume)
        try:
            with lines:
                if lines.notice is not None:
                    echo(f"jmere: {lines.notice}", err=True)
                for each in self._results(remaining(todo, lines), lambda: lines.kept):
                    lines.write(as_line(each))
        except KeyboardInterrupt:
            if lines.count:
                how = "; the same command with --resume continues" * is_resumable(output)
                echo(f"jmere: interrupted, {lines.count} posts in {lines.part}{how}", err=True)
            raise
        except OSError as error:
            ours = error.filename in (str(lines.part), str(lines.state))
            if ours and lines.count and is_resumable(output):
                told = f"{error.filename}: {error.strerror}; {lines.count} posts are kept there, "
                raise OSError(f"{told}and the same command with --resume continues") from None
            raise
        return lines
