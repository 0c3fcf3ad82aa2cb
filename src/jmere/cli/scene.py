"""``jmere scene``: detect objects and relations in an image."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jmere.cli import option_checks as checks
from jmere.cli.options import DetectorOption, OcrOption, WeightsOption
from jmere.files.outputs import keep_apart
from jmere.records import SceneGraph
from jmere.terminal import aligned, echo, json_line


def scene(
    image: Annotated[Path, typer.Argument(help="Image: JPEG, PNG, GIF, WebP, TIFF, ...")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Draw the scene graph on the image (PNG or JPEG)."),
    ] = None,
    detector: DetectorOption = "auto",
    weights: WeightsOption = None,
    ocr: OcrOption = False,
    objects: Annotated[int, typer.Option(min=0, help="Most objects.")] = 10,
    min_score: Annotated[
        float | None,
        typer.Option(
            help="Minimum score of an object, 0 to 1; default: 0.4 for PicoDet, else 0.3.",
            callback=checks.share,
        ),
    ] = None,
    unbiased: Annotated[
        bool, typer.Option(help="Use the pair's own evidence, without frequency bias.")
    ] = False,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Do not read or write the cache.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of a table.")] = False,
) -> None:
    """Print the scene graph of an image, and optionally draw it."""
    from jmere.data.scene_json import scene_graph_to_json
    from jmere.scenes.combine import join_graphs
    from jmere.show.overlay import check_overlay, write_overlay
    from jmere.vision.detect.boxes import Selection
    from jmere.vision.images import read_picture
    from jmere.vision.pixels import PixelScenes, VisionConfig

    keep_apart({"--output": output}, [image, weights])
    if output is not None:
        check_overlay(output)
    config = VisionConfig(
        detector=detector,
        weights=weights,
        selection=Selection(objects=objects, min_score=min_score),
        unbiased=unbiased,
        cache=not no_cache,
    )
    found = PixelScenes(config).scene(image)
    if ocr:
        words = PixelScenes(VisionConfig(detector="ocr", cache=not no_cache)).scene(image)
        found = join_graphs(found, words)
    if output is not None:
        write_overlay(output, read_picture(image).pixels, found)
    if as_json:
        echo(json_line(scene_graph_to_json(found)))
        return
    echo(_table(found))


def _table(scene: SceneGraph) -> str:
    if not scene.objects:
        return "no objects found"
    names = [f"{number} {thing.label}" for number, thing in enumerate(scene.objects)]
    objects = [
        (name, _figure(thing.score), *(f"{side:.0f}" for side in thing.box or ()))
        for name, thing in zip(names, scene.objects, strict=True)
    ]
    relations = [
        (names[each.subject], each.predicate, names[each.object], _figure(each.score))
        for each in scene.relations
    ]
    parts = [aligned(("object", "score", "x0", "y0", "x1", "y1"), objects)]
    if relations:
        parts.append(aligned(("subject", "predicate", "object", "score"), relations))
    return "\n\n".join(parts)


def _figure(score: float | None) -> str:
    return "" if score is None else f"{score:.2f}"
