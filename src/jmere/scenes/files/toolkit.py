"""Scene graphs from Scene-Graph-Benchmark.pytorch.

The toolkit (github.com/KaihuaTang/Scene-Graph-Benchmark.pytorch, "SGDet on Custom Images")
writes ``custom_prediction.json``, an object from image numbers to boxes and relations, and
``custom_data_info.json``, which defines the numbers.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from jmere.data.fields import RecordError, integer_of, list_of, name_of
from jmere.data.scene_json import scene_graph_from_json
from jmere.errors import DataError, OnProblem, Problem, refuse, short_repr
from jmere.files.json_values import parse_json, read_text
from jmere.records import Box, SceneGraph
from jmere.scenes.combine import DEFAULT_OBJECTS, top_objects
from jmere.scenes.files.entries import plain_name, reported, values_of
from jmere.scenes.files.json_stream import members

_MAX_BYTES = 1 << 28
"""Maximum size of the info file."""

_Size = tuple[int, int]
"""Width and height in pixels."""


@dataclass(frozen=True, slots=True)
class ToolkitInfo:
    """Names behind the numbers of a prediction."""

    classes: tuple[str, ...]
    predicates: tuple[str, ...]
    images: tuple[str, ...]
    """File names of the images, without folders."""


def read_info(path: str | Path) -> ToolkitInfo:
    """Read ``custom_data_info.json``.

    Raises:
        DataError: If it lacks a list of names, or two images share a file name.
    """
    try:
        value = parse_json(read_text(path, max_bytes=_MAX_BYTES))
        images = tuple(re.split(r"[/\\]", file)[-1] for file in _names(value, "idx_to_files"))
        if len(set(images)) < len(images):
            twice = next(image for image in images if images.count(image) > 1)
            raise RecordError(f"idx_to_files: two images are called {short_repr(twice)}")
        return ToolkitInfo(
            classes=_names(value, "ind_to_classes"),
            predicates=_names(value, "ind_to_predicates"),
            images=images,
        )
    except (ValueError, RecursionError) as error:
        raise DataError(Problem(str(path), None, str(error))) from None


def toolkit_scenes(
    predictions: str | Path,
    info: str | Path,
    *,
    objects: int = DEFAULT_OBJECTS,
    relations: int = 20,
    min_score: float = 0.0,
    sizes: Mapping[str, _Size] | None = None,
    on_problem: OnProblem = refuse,
) -> Iterator[tuple[str, SceneGraph]]:
    """File name and scene graph of each image, read one image at a time.

    The toolkit's boxes are in pixels of the image as it resized it: the shorter
    side to 600, or the longer to 1000 where that is less. ``sizes`` gives the
    images' true sizes and brings the boxes back to them; without a true size the
    boxes stay as they are and ``SceneGraph.size`` is absent.

    Args:
        predictions: ``custom_prediction.json``; it may be larger than memory.
        info: ``custom_data_info.json`` of the same run.
        objects: Maximum number of objects per image, by score.
        relations: Maximum number of relations among them, by score.
        min_score: Minimum score of a relation.
        sizes: True size of the images by file name.
        on_problem: Told of each image that can't be read, which is then left out.

    Raises:
        DataError: If a file isn't in the toolkit's form.
    """
    known = read_info(info)
    for key, value in _predictions(predictions):
        with reported(predictions, key, on_problem):
            image = _image(key, known)
            scene = top_objects(_scene(value, known), objects)
            scene = _top_relations(scene, relations, min_score)
            yield image, _in_true_pixels(scene, (sizes or {}).get(image))


def _predictions(path: str | Path) -> Iterator[tuple[str, object]]:
    with Path(path).open(encoding="utf-8") as stream:
        try:
            yield from members(stream)
        except ValueError as error:
            raise DataError(Problem(str(path), None, str(error))) from None


def _scene(prediction: object, info: ToolkitInfo) -> SceneGraph:
    """Build a scene graph of all objects and relations, checked by ``scene_json``."""
    labels = _named(prediction, "bbox_labels", info.classes)
    pairs = [list_of(pair) for pair in values_of(prediction, "rel_pairs")]
    if any(len(pair) != 2 for pair in pairs):
        raise RecordError("rel_pairs: expected pairs of objects")
    predicates = _named(prediction, "rel_labels", info.predicates, len(pairs))
    boxes = values_of(prediction, "bbox", len(labels))
    scores = values_of(prediction, "bbox_scores", len(labels))
    relation_scores = values_of(prediction, "rel_scores", len(pairs))
    return scene_graph_from_json(
        {
            "objects": [
                {"label": label, "box": box, "score": score}
                for label, box, score in zip(labels, boxes, scores, strict=True)
            ],
            "relations": [
                {"subject": subject, "predicate": predicate, "object": target, "score": score}
                for (subject, target), predicate, score in zip(
                    pairs, predicates, relation_scores, strict=True
                )
            ],
        }
    )


def _top_relations(scene: SceneGraph, count: int, min_score: float) -> SceneGraph:
    sure = [relation for relation in scene.relations if (relation.score or 0.0) >= min_score]
    best = heapq.nlargest(count, sure, key=lambda relation: relation.score or 0.0)
    return replace(scene, relations=tuple(best))


def _in_true_pixels(scene: SceneGraph, size: _Size | None) -> SceneGraph:
    if size is None:
        return scene
    width, height = size
    scale = max(min(size) / 600, max(size) / 1000)

    def scaled(corners: Box) -> Box:
        limits = (width, height, width, height)
        x0, y0, x1, y1 = (
            float(min(side * scale, limit)) for side, limit in zip(corners, limits, strict=True)
        )
        return x0, y0, x1, y1

    objects = (replace(item, box=item.box and scaled(item.box)) for item in scene.objects)
    return replace(scene, objects=tuple(objects), size=size)


def _image(key: str, info: ToolkitInfo) -> str:
    if not (re.fullmatch("[0-9]{1,9}", key) and int(key) < len(info.images)):
        raise RecordError(f"idx_to_files has {len(info.images)} images, and none of this number")
    return info.images[int(key)]


def _names(value: object, key: str) -> tuple[str, ...]:
    return tuple(name_of(item) for item in values_of(value, key))


def _named(value: object, key: str, names: tuple[str, ...], length: int | None = None) -> list[str]:
    """Return the names of a list of numbers."""
    numbers = [integer_of(number) for number in values_of(value, key, length)]
    for number in numbers:
        if not 0 <= number < len(names):
            raise RecordError(f"{key}: there is no name for {number} among {len(names)}")
    return [plain_name(names[number]) for number in numbers]
