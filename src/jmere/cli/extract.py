"""``jmere extract``: extract quintuples from one post or from a file of posts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jmere.cli import option_checks as checks
from jmere.cli.found import as_line, as_paragraph, as_table
from jmere.cli.options import (
    BackendOption,
    DetectorOption,
    DeviceOption,
    EngineOption,
    FeaturesOption,
    ImagesOption,
    ScenesOption,
    WeightsOption,
    inputs_of,
    visual_of,
)
from jmere.cli.table_options import ColumnsOption, KeepOption, RowsOption
from jmere.cli.tally import Counted, Tally
from jmere.data.tables.rows import RowKind
from jmere.errors import DataError, Problem
from jmere.files.inputs import check_inputs
from jmere.files.outputs import is_stream, keep_apart
from jmere.files.resumable import RESUMABLE, ResumableLines, StreamLines, is_resumable
from jmere.files.whole import written_whole
from jmere.records import Extraction, Post
from jmere.terminal import echo, progress

if TYPE_CHECKING:
    from jmere.data.tables.columns import Columns
    from jmere.extract import Extractor

NOTHING_READ = 1
"""Exit code of a run that could not read any post."""


def extract(
    posts: Annotated[
        Path | None,
        typer.Argument(help="Posts (.jsonl, .jsonl.gz, .csv, .tsv, .parquet); - is stdin."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="Output (.jsonl, .csv, .tsv, .parquet); default: stdout."
        ),
    ] = None,
    text: Annotated[
        str | None,
        typer.Option(help="Text of a single post, instead of a file.", callback=checks.text),
    ] = None,
    image: Annotated[Path | None, typer.Option(help="Image of that post.")] = None,
    alt_text: Annotated[
        str | None, typer.Option(help="Alternative text of that image.", callback=checks.text)
    ] = None,
    overlay: Annotated[
        Path | None, typer.Option(help="Draw the results on the image (PNG or JPEG).")
    ] = None,
    images: ImagesOption = None,
    detector: DetectorOption = "yolox",
    weights: WeightsOption = None,
    scenes: ScenesOption = None,
    features: FeaturesOption = None,
    model: Annotated[
        str, typer.Option("--model", "-m", help="Model folder, hub id or 'default'.")
    ] = "default",
    batch_size: Annotated[int, typer.Option(min=1, help="Posts computed together.")] = 64,
    min_score: Annotated[
        float, typer.Option(help="Drop quintuples below this score.", callback=checks.share)
    ] = 0.0,
    precision: Annotated[
        float | None,
        typer.Option(
            help="Keep results at or above the score that gave this precision on the dev set.",
            callback=checks.share,
        ),
    ] = None,
    columns: ColumnsOption = None,
    keep: KeepOption = None,
    rows: RowsOption = RowKind.POST,
    resume: Annotated[bool, typer.Option(help="Continue an interrupted run.")] = False,
    strict: Annotated[bool, typer.Option(help="Stop at the first bad line.")] = False,
    backend: EngineOption = BackendOption.AUTO,
    device: DeviceOption = "cpu",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Extract quintuples from a file of posts, or from one post given by --text."""
    if (posts is None) == (text is None):
        raise ValueError("give either a file of posts or --text")
    from jmere.data.tables.columns import Columns
    from jmere.data.tables.table_files import is_table, write_table

    named = Columns.parse(columns, keep)
    if resume:
        _check_resumable(output)
    if rows is not RowKind.POST and (output is None or not is_table(output)):
        raise ValueError("--rows is for tables: expected --output *.csv, *.tsv or *.parquet")
    if posts is not None:
        check_inputs(posts)
    if image is not None and not image.is_file():
        raise FileNotFoundError(f"{image}: no such image")
    if overlay is not None and image is None:
        raise ValueError("--overlay requires --image")
    keep_apart(
        {("--output" if output else "stdout,"): output or "/dev/stdout", "--overlay": overlay},
        [posts, image, features, weights, *inputs_of(model, scenes)],
    )
    from jmere.continuation import START, count_finished, identity_of, is_finished, remaining
    from jmere.extract import Extractor, chunk_size

    # Of a file of posts, only pictures in the folder that the user names are opened.
    visual = visual_of(
        scenes,
        features,
        images=images if text is None else None,
        detector=detector if image is not None or images is not None else None,
        weights=weights,
    )
    extractor = Extractor.from_pretrained(
        model, backend=backend.value, device=device, visual=visual
    )
    if precision is not None:
        min_score = max(min_score, extractor.tagger.decoder.min_score(precision))
    if text is not None:
        post = Post(text=text, id="post", image=image, alt_text=alt_text)
        _one(extractor, post, min_score, overlay=overlay, output=output, as_json=as_json)
        return
    assert posts is not None
    tally = Tally()
    options = {
        **({"columns": dict(named.fields)} if named.fields else {}),
        **({"keep": list(named.keep)} if named.keep else {}),
        "batch_size": batch_size,
        "min_score": min_score,
        "images": images,
        "detector": visual.detector,
        "weights": weights,
        "scenes": scenes,
        "features": features,
        "backend": backend.value,
        "device": device,
    }
    todo = _posts(posts, tally, strict=strict, columns=named)
    if resume and output is not None and is_finished(output):
        count = count_finished(output, todo)
        echo(f"{output}: is already complete ({count} posts); nothing to resume", err=True)
        return
    start = list(islice(todo, START))
    if not start:
        echo(f"jmere: {posts}: no post could be read{tally}; nothing was written", err=True)
        raise typer.Exit(NOTHING_READ)
    todo = chain(start, todo)

    def results(rest: Iterable[Post], kept: Callable[[], int] = lambda: 0) -> Iterator[Extraction]:
        given = tally.posts(rest, extractor.tagger.prepare.scenes)
        found = extractor.stream(given, batch_size=batch_size, ramp_up=kept() == 0)
        for each in progress(tally.results(found), "posts"):
            yield _sure(each, min_score)

    if output is None or is_stream(output):
        count = _print(results(todo), output, as_json=as_json)
        echo(f"{count} posts{tally}", err=True)
        return
    if is_table(output):
        counted = Counted(results(todo))
        write_table(output, counted, kind=rows)
        echo(f"{counted.count} posts{tally}", err=True)
        return
    lines = ResumableLines(
        output,
        identity_of(extractor, model, start=start, options=options),
        chunk=chunk_size(batch_size),
        resume=resume,
    )
    _write(lines, (as_line(each) for each in results(remaining(todo, lines), lambda: lines.kept)))
    kept = f", {lines.kept} of them kept" if lines.kept else ""
    echo(f"{lines.count} posts{kept}{tally}", err=True)


def _print(results: Iterable[Extraction], output: Path | None, *, as_json: bool) -> int:
    """Print each result, or write it to a stream, as soon as it is ready; return the count."""
    count = 0
    if output is None:
        for count, found in enumerate(results, start=1):  # noqa: B007
            echo(as_line(found) if as_json else as_paragraph(found))
        return count
    with StreamLines(output) as stream:
        for found in results:
            stream.write(as_line(found))
        return stream.count


def _write(lines: ResumableLines, results: Iterable[str]) -> None:
    """Write each result as soon as it is ready; on interruption, report how to resume."""
    try:
        with lines:
            if lines.notice is not None:
                echo(f"jmere: {lines.notice}", err=True)
            for line in results:
                lines.write(line)
    except KeyboardInterrupt:
        if lines.count:
            how = "; the same command with --resume continues" * is_resumable(lines.output)
            echo(f"jmere: interrupted, {lines.count} posts in {lines.part}{how}", err=True)
        raise


def _check_resumable(output: Path | None) -> None:
    if output is None:
        raise ValueError("--resume requires --output, the file to continue")
    if not is_resumable(output) or is_stream(output):
        raise ValueError(
            f"--resume supports only *{RESUMABLE} files, not {output}; a table is written whole at "
            "the end: extract to .jsonl, then jmere data export csv or parquet"
        )


def _posts(path: Path, tally: Tally, *, strict: bool, columns: Columns) -> Iterator[Post]:
    from jmere.data.jsonl import read_posts
    from jmere.data.tables.table_files import is_table, read_table

    def tell(problem: Problem) -> None:
        if strict:
            raise DataError(problem)
        tally.bad += 1
        echo(f"jmere: {problem}; skipped", err=True)

    if is_table(path):
        yield from read_table(path, columns=columns, on_problem=tell)
        return
    if columns.fields:
        raise ValueError(f"--columns is for tables (.csv, .tsv, .parquet), not {path}")
    yield from read_posts(path, gold=False, keep=columns.keep, on_problem=tell)


def _one(
    extractor: Extractor,
    post: Post,
    min_score: float,
    *,
    overlay: Path | None,
    output: Path | None,
    as_json: bool,
) -> None:
    """Extract from the post of ``--text``, print or write the result, and draw it."""
    found = _sure(extractor.extract(post), min_score)
    for warning in found.warnings:
        echo(f"jmere: {warning}", err=True)
    if overlay is not None:
        _draw(overlay, post.image, found)
    if output is None:
        echo(as_line(found) if as_json else as_table(found))
        return
    with written_whole(output) as stream:
        stream.write(as_line(found) + "\n")


def _sure(found: Extraction, least: float) -> Extraction:
    sure = tuple(each for each in found.quintuples if (each.score or 0.0) >= least)
    return replace(found, quintuples=sure)


def _draw(output: Path, image: Path, found: Extraction) -> None:
    from jmere.show.overlay import write_overlay
    from jmere.vision.images import read_picture

    named = [(each.entity.text, each.object, each.probability) for each in found.groundings]
    write_overlay(output, read_picture(image).pixels, found.scene_graph, grounding=named)
