"""Scene graphs in the format of the JMERE authors' EEGA inputs.

A file has, for each post, the output of the scene-graph toolkit's notebook: a list of class
names ``bbox_labels`` and a list of strings ``rel_labels`` such as ``0_man => holding =>
2_trophy``; and, separately, an array of 10 x 4096 features.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from jmere.data.fields import RecordError, list_of, name_of
from jmere.data.scene_json import scene_graph_from_json
from jmere.errors import DataError, OnProblem, Problem, refuse, short_repr
from jmere.files.inputs import opened
from jmere.files.json_values import decode_stream, parse_json
from jmere.records import FloatArray, SceneGraph
from jmere.scenes.files.bare_boxes import scene_of_boxes
from jmere.scenes.files.entries import plain_name, quotable, reported, values_of
from jmere.scenes.files.features import PICKLES, appearance_of

_RELATION = re.compile(r"\s*(\d{1,6})_(\S.*?)\s*=>\s*(\S.*?)\s*=>\s*(\d{1,6})_(\S.*?)\s*", re.ASCII)

_MAX_BYTES = 1 << 30
"""Maximum file size; the file is held in memory."""

End = tuple[int, str]
"""Index of an object in its list, and its class name."""


def parse_relation(text: str) -> tuple[End, str, End]:
    """Parse subject, predicate and object of ``12_traffic_light => on => 10_street``.

    Raises:
        ValueError: If the text has another form.

    Example:
        >>> parse_relation("12_traffic_light => on => 10_street")
        ((12, 'traffic_light'), 'on', (10, 'street'))
    """
    match = _RELATION.fullmatch(text)
    if match is None:
        expected = "expected a form like '0_man => holding => 2_trophy'"
        raise RecordError(f"relation {short_repr(text)}: {expected}")
    subject, subject_name, predicate, target, target_name = match.groups()
    return (int(subject), subject_name), predicate, (int(target), target_name)


def release_scenes(
    path: str | Path,
    *,
    images: Sequence[str] | None = None,
    features: Mapping[str, FloatArray] | None = None,
    on_problem: OnProblem = refuse,
) -> Iterator[tuple[str, SceneGraph]]:
    """Yield image name and scene graph of each entry of a JSON file.

    The file is an object from image name to entry, or a list with the entries of
    ``images``. An entry has ``bbox_labels`` and ``rel_labels``, and may have ``bbox``
    and ``bbox_scores`` as the toolkit writes them. Where a name in a relation has an
    underscore, so may the class name, or a space. An entry that is a list has boxes alone
    (``jmere.scenes.files.bare_boxes``).

    Args:
        path: The JSON file.
        images: Names of the images of a list, in its order.
        features: Vectors of the objects of each image (``read_features``), by the
            image's name, its stem, or its index in the file.
        on_problem: Told of each entry that can't be read, which is then left out.

    Raises:
        DataError: If the file isn't in this form, or is a pickle.
    """
    path = Path(path)
    try:
        entries = _entries(path, images)
    except DataError:
        raise
    except (ValueError, RecursionError) as error:
        raise DataError(Problem(str(path), None, str(error))) from None
    for index, (image, entry) in enumerate(entries):
        with reported(path, image, on_problem):
            rows = None if features is None else appearance_of(features, image, index)
            yield image, _scene(entry, rows)


def _entries(path: Path, images: Sequence[str] | None) -> list[tuple[str, object]]:
    if path.suffix.lower() in PICKLES:
        file, stem = quotable(path)
        raise ValueError(
            "is a pickle, which can run any code when read. If you trust it, convert it once: "
            f"python -c \"import json, pickle; v = pickle.load(open('{file}', 'rb')); "
            f"json.dump(v, open('{stem}.json', 'w'), default=lambda x: x.tolist())\""
        )
    with opened(path) as stream:
        value = parse_json(decode_stream(stream, max_bytes=_MAX_BYTES))
    if isinstance(value, dict):
        return list(value.items())
    entries = list_of(value)
    if images is None:
        raise ValueError("is a list, which names no image; give the images' names in its order")
    if len(images) != len(entries):
        raise ValueError(f"has {len(entries)} entries for {len(images)} images")
    return list(zip(images, entries, strict=True))


def _scene(entry: object, appearance: FloatArray | None) -> SceneGraph:
    """Build a scene graph; everything but the relation strings is checked by ``scene_json``."""
    if isinstance(entry, list):
        return scene_of_boxes(entry)
    labels = [name_of(label) for label in values_of(entry, "bbox_labels")]
    texts = [name_of(text) for text in values_of(entry, "rel_labels")]
    objects: list[dict[str, object]] = [{"label": plain_name(label)} for label in labels]
    for theirs, ours in (("bbox", "box"), ("bbox_scores", "score")):
        for item, value in zip(objects, _beside(entry, theirs, len(labels)), strict=False):
            item[ours] = value
    relations = [_relation(text, labels) for text in texts]
    scene = scene_graph_from_json({"objects": objects, "relations": relations})
    try:
        return replace(scene, appearance=appearance)
    except ValueError as error:
        raise RecordError(str(error)) from None


def _beside(entry: object, key: str, length: int) -> list[object]:
    """Return an optional list with one value per label; empty if absent."""
    known = isinstance(entry, dict) and key in entry
    return values_of(entry, key, length) if known else []


def _relation(text: str, labels: Sequence[str]) -> dict[str, object]:
    subject, predicate, target = parse_relation(text)
    for index, label in (subject, target):
        if index < len(labels) and plain_name(labels[index]) != plain_name(label):
            raise RecordError(
                f"relation {short_repr(text)} calls object {index} {short_repr(label)}, "
                f"but bbox_labels calls it {short_repr(labels[index])}"
            )
    return {"subject": subject[0], "predicate": plain_name(predicate), "object": target[0]}
