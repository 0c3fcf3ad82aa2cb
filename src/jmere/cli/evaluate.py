"""``jmere evaluate`` and ``jmere score``: scores of a model, or of any system's predictions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from jmere.cli.bad_lines import BadLines
from jmere.cli.options import (
    BackendOption,
    CaptionerOption,
    DetectorOption,
    DeviceOption,
    EngineOption,
    FeaturesOption,
    ImagesOption,
    OcrOption,
    ScenesOption,
    Shown,
    ShownOption,
    WeightsOption,
    inputs_of,
    visual_of,
)
from jmere.data.jsonl import read_posts
from jmere.data.predictions import read_predictions, write_predictions
from jmere.errors import DataError
from jmere.evaluation import tables as write
from jmere.evaluation.bootstrap import Comparison, compare, comparison_to_json
from jmere.evaluation.readings import as_reading
from jmere.evaluation.reliability import Bin, reliability, scored
from jmere.evaluation.scores import Gold, Scores, read_gold, score_against
from jmere.files.inputs import check_inputs
from jmere.files.outputs import keep_apart
from jmere.records import Post
from jmere.terminal import echo, json_line

ReadingOption = Annotated[
    str, typer.Option(help="Matching criterion: directed, undirected or surface.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
TablesOption = Annotated[bool, typer.Option("--tables", help="Add scores per relation and type.")]


def evaluate(
    model: Annotated[str, typer.Argument(help="Model folder, Hub id or 'default'.")],
    data: Annotated[Path, typer.Argument(help="Gold posts (JSON Lines).")],
    reading: ReadingOption = "directed",
    visual: ShownOption = Shown.REAL,
    scenes: ScenesOption = None,
    features: FeaturesOption = None,
    images: ImagesOption = None,
    detector: DetectorOption = "auto",
    weights: WeightsOption = None,
    ocr: OcrOption = False,
    captioner: CaptionerOption = None,
    tables: TablesOption = False,
    reliable: Annotated[
        bool,
        typer.Option("--reliability", help="Add a reliability table and the calibration error."),
    ] = False,
    predictions: Annotated[
        Path | None, typer.Option(help="Write the predictions, for jmere score.")
    ] = None,
    batch_size: Annotated[int, typer.Option(min=1, help="Batch size in posts.")] = 64,
    backend: EngineOption = BackendOption.AUTO,
    device: DeviceOption = "cpu",
    seed: Annotated[int, typer.Option(min=0, help="Seed of the shuffle.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Evaluate a model: P/R/F1 of quintuples (JMERE) and of entities (MNER)."""
    keep_apart(
        {"--predictions": predictions},
        [data, features, weights, *inputs_of(model, scenes)],
    )
    kind = as_reading(reading)
    from jmere.evaluation.gold import extract_gold
    from jmere.extract import Extractor

    config = visual_of(
        scenes,
        features,
        images=images,
        detector=detector,
        weights=weights,
        ocr=ocr,
        captioner=captioner,
    )
    extractor = Extractor.from_pretrained(
        model, backend=backend.value, device=device, visual=config.within_folder()
    )
    posts = _annotated(read_posts(data, tags=extractor.tagger.tags), data)
    if visual is not Shown.NONE:
        pictures = extractor.tagger.prepare.scenes.pictures_without_graph(posts)
        if pictures:
            typer.echo(
                f"{pictures} posts name a picture, but no post has a visual graph; what gives "
                "one: --scenes, --images, or the posts' alt_text or scene_graph",
                err=True,
            )
    found = extract_gold(extractor, posts, visual=visual.value, seed=seed, batch_size=batch_size)
    warnings = [warning for each in found for warning in each.warnings]
    if warnings:
        echo(f"{len(warnings)} warnings, the first: {warnings[0]}", err=True)
    if predictions is not None:
        write_predictions(predictions, found)
    scores = score_against(read_gold(posts, kind), found)
    bins = reliability(*scored(posts, found, kind)) if reliable else None
    echo(report(scores, tables=tables, bins=bins, as_json=as_json))


def score(
    gold: Annotated[Path, typer.Argument(help="Gold posts (JSON Lines).")],
    predicted: Annotated[Path, typer.Argument(help="Predictions of a system (JSON Lines).")],
    reading: ReadingOption = "directed",
    tables: TablesOption = False,
    against: Annotated[
        Path | None, typer.Option(help="Predictions of a second system, for a significance test.")
    ] = None,
    all_entities: Annotated[
        bool | None,
        typer.Option(
            "--all-entities/--quintuple-entities",
            help="Whether MNER's gold has the entities outside quintuples too "
            "(by default only where the gold has no quintuple at all).",
        ),
    ] = None,
    strict: Annotated[bool, typer.Option(help="Stop at the first bad line.")] = False,
    resamples: Annotated[int, typer.Option(min=1, help="Number of bootstrap resamples.")] = 10_000,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the bootstrap.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Score predictions: P/R/F1 of quintuples (JMERE) and of entities (MNER).

    The undirected reading is the one of the paper's tables. With --against, the F1 difference is
    tested by a paired bootstrap over posts. Bad lines are reported and skipped; their posts
    count as predicted empty.
    """
    check_inputs(gold, predicted, *([] if against is None else [against]))
    posts = _annotated(read_posts(gold), gold)
    answers = read_gold(posts, as_reading(reading), all_entities=all_entities)
    scores = _score_file(answers, predicted, strict=strict)
    comparison = other = None
    if against is not None:
        other = _score_file(answers, against, strict=strict)
        comparison = compare(scores, other, resamples=resamples, seed=seed)
    echo(report(scores, other, comparison, tables=tables, as_json=as_json))


def report(
    scores: Scores,
    other: Scores | None = None,
    comparison: Comparison | None = None,
    *,
    tables: bool = False,
    bins: Sequence[Bin] | None = None,
    as_json: bool = False,
) -> str:
    """Format a system's scores and, optionally, the difference from another system."""
    if as_json:
        value = write.scores_to_json(scores, tables=tables)
        if bins is not None:
            value["reliability"] = write.reliability_to_json(bins)
        if other is not None and comparison is not None:
            value["against"] = write.scores_to_json(other)
            value["difference"] = comparison_to_json(comparison)
        return json_line(value)
    parts = [write.scores_text(scores)]
    if tables:
        parts.append(write.breakdown(scores))
    if bins is not None:
        parts.append(write.reliability_text(bins))
    if other is not None and comparison is not None:
        parts += ["against", write.scores_text(other), write.comparison_text(comparison)]
    return "\n\n".join(parts)


def _annotated(posts: Iterable[Post], path: Path) -> list[Post]:
    """Read the posts of a file; at least one must have gold annotation."""
    read = list(posts)
    if not any(post.quintuples or post.entities for post in read):
        raise ValueError(f"{path}: none of its {len(read)} posts has gold quintuples or entities")
    return read


def _score_file(gold: Gold, path: Path, *, strict: bool) -> Scores:
    bad = BadLines(path, strict=strict)
    try:
        predictions = read_predictions(path, on_problem=bad.tell)
        scores = score_against(gold, bad.checked(predictions))
    except DataError:
        raise
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    if scores.missing:
        echo(
            f"{path}: {scores.missing} of {scores.posts} gold posts have no prediction "
            "and count as predicted empty",
            err=True,
        )
    return scores
