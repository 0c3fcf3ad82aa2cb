"""``jmere extract``: extract quintuples from one post or from a file of posts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jmere.cli import option_checks as checks
from jmere.cli.found import as_line, as_table
from jmere.cli.options import (
    BackendOption,
    CaptionerOption,
    DetectorOption,
    DeviceOption,
    EngineOption,
    FeaturesOption,
    ImagesOption,
    NamesOption,
    OcrOption,
    ScenesOption,
    WeightsOption,
    inputs_of,
    visual_of,
)
from jmere.cli.runner_options import (
    AddressOption,
    PartPostsOption,
    Runner,
    RunnerOption,
    WorkersOption,
    check_runner,
    refuse_with_ray,
)
from jmere.cli.table_options import ColumnsOption, KeepOption, RowsOption
from jmere.data.predictions import at_least
from jmere.data.tables.rows import RowKind
from jmere.files.inputs import check_inputs
from jmere.files.outputs import is_stream, keep_apart
from jmere.files.resumable import RESUMABLE, is_resumable
from jmere.files.whole import written_whole
from jmere.records import Extraction, Post
from jmere.terminal import echo

if TYPE_CHECKING:
    from jmere.extract import Extractor


def extract(
    posts: Annotated[
        str | None,
        typer.Argument(help="Posts (.jsonl, .jsonl.gz, .csv, .tsv, .parquet); - is stdin."),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="PATH",
            help="Output (.jsonl, .csv, .tsv, .parquet); default: stdout.",
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
    detector: DetectorOption = "auto",
    weights: WeightsOption = None,
    ocr: OcrOption = False,
    read_text: Annotated[
        bool,
        typer.Option("--read-text", help="Read quintuples in the pictures' words, too; has --ocr."),
    ] = False,
    captioner: CaptionerOption = None,
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
    names: NamesOption = None,
    columns: ColumnsOption = None,
    keep: KeepOption = None,
    rows: RowsOption = RowKind.POST,
    resume: Annotated[bool, typer.Option(help="Continue an interrupted run.")] = False,
    strict: Annotated[bool, typer.Option(help="Stop at the first bad line.")] = False,
    backend: EngineOption = BackendOption.AUTO,
    device: DeviceOption = "cpu",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
    engine: RunnerOption = Runner.LOCAL,
    address: AddressOption = None,
    workers: WorkersOption = None,
    part_posts: PartPostsOption = None,
) -> None:
    """Extract quintuples from a file of posts, or from one post given by --text."""
    if (posts is None) == (text is None):
        raise ValueError("give either a file of posts or --text")
    from jmere.data.tables.columns import Columns

    cluster = {"address": address, "workers": workers, "part_posts": part_posts}
    check_runner(engine, cluster)
    has_pictures = (images if text is None else image) is not None
    _refuse({"--read-text": read_text, "--ocr": ocr, "--captioner": captioner}, has_pictures)
    if engine is Runner.LOCAL:
        source, target = _checked(posts, output, rows=rows, image=image, overlay=overlay)
        _check_names(names, target)
        if resume:
            _check_resumable(target)
        keep_apart(
            {("--output" if output else "stdout,"): target or "/dev/stdout", "--overlay": overlay},
            [source, image, features, weights, *inputs_of(model, scenes)],
        )
    # Of a file of posts, only pictures in the folder that the user names are opened.
    visual = visual_of(
        scenes,
        features,
        images=images if text is None else None,
        detector=detector if has_pictures else None,
        weights=weights,
        ocr=ocr or read_text,
        captioner=captioner,
    )
    loaded: dict[str, Any] = {"backend": backend.value, "device": device, "visual": visual}
    loaded["read_text"] = read_text
    run: dict[str, Any] = {
        "columns": Columns.parse(columns, keep),
        "rows": rows,
        "batch_size": batch_size,
        "min_score": min_score,
        "strict": strict,
        "resume": resume,
    }
    if engine is Runner.RAY:
        refused = {"--text": text, "--overlay": overlay, "--json": as_json}
        refuse_with_ray({**refused, "--names": names is not None}, posts, output)
        from jmere.cli.extract_ray import extract_parts

        run |= {**cluster, "model": model, "loaded": loaded, "precision": precision}
        extract_parts(str(posts), str(output), **run)
        return
    from jmere.extract import Extractor

    loaded["names"] = names
    extractor = Extractor.from_pretrained(model, **loaded)
    if precision is not None:
        run["min_score"] = max(min_score, extractor.tagger.decoder.min_score(precision))
    if text is not None:
        post = Post(text=text, id="post", image=image, alt_text=alt_text)
        _one(extractor, post, run["min_score"], overlay=overlay, output=target, as_json=as_json)
        return
    from jmere.cli.extract_file import FileRun, options_of

    named = {"images": images, "weights": weights, "scenes": scenes, "features": features}
    assert source is not None
    FileRun(
        extractor=extractor,
        model=model,
        posts=source,
        output=target,
        as_json=as_json,
        options=options_of(run, loaded, named),
        **run,
    ).run()


def _checked(
    posts: str | None,
    output: str | None,
    *,
    rows: RowKind,
    image: Path | None,
    overlay: Path | None,
) -> tuple[Path | None, Path | None]:
    """Return the files of posts and results; raise if they cannot be read or written."""
    source, target = (None if path is None else Path(path) for path in (posts, output))
    from jmere.data.tables.table_files import is_table

    if rows is not RowKind.POST and (target is None or not is_table(target)):
        raise ValueError("--rows is for tables: expected --output *.csv, *.tsv or *.parquet")
    _check_inputs(source, image, overlay)
    return source, target


def _check_inputs(posts: Path | None, image: Path | None, overlay: Path | None) -> None:
    if posts is not None:
        check_inputs(posts)
    if image is not None and not image.is_file():
        raise FileNotFoundError(f"{image}: no such image")
    if overlay is not None and image is None:
        raise ValueError("--overlay requires --image")


def _refuse(options: dict[str, object], has_pictures: bool) -> None:
    """Raise if an option is given that needs pictures, and there are none."""
    for option, given in options.items():
        if given and not has_pictures:
            raise ValueError(f"{option} requires --image, or --images for a file of posts")


def _check_names(names: float | None, output: Path | None) -> None:
    from jmere.data.tables.table_files import is_table

    if names is not None and output is not None and is_table(output):
        raise ValueError("--names is for JSON: expected --output *.jsonl, or no table")


def _check_resumable(output: Path | None) -> None:
    if output is None:
        raise ValueError("--resume requires --output, the file to continue")
    if not is_resumable(output) or is_stream(output):
        raise ValueError(
            f"--resume supports only *{RESUMABLE} files, not {output}; a table is written whole at "
            "the end: extract to .jsonl, then jmere data export csv or parquet"
        )


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
    found = at_least(extractor.extract(post), min_score)
    for warning in found.warnings:
        echo(f"jmere: {warning}", err=True)
    if overlay is not None:
        _draw(overlay, post.image, found)
    if output is None:
        echo(as_line(found) if as_json else as_table(found))
        return
    with written_whole(output) as stream:
        stream.write(as_line(found) + "\n")


def _draw(output: Path, image: Path, found: Extraction) -> None:
    from jmere.show.overlay import write_overlay
    from jmere.vision.images import read_picture

    named = [(each.entity.text, each.object, each.probability) for each in found.groundings]
    write_overlay(output, read_picture(image).pixels, found.scene_graph, grounding=named)
