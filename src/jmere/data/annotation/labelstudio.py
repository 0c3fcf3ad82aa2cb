"""Label Studio: JSON tasks with annotations or predictions of typed spans and relations.

Label Studio counts offsets in characters (Unicode code points), as Python does; older releases
counted UTF-16 units. A result says its text, so that both are recognised.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from pathlib import Path

from jmere.data.annotation.labelstudio_config import LABEL, PICTURE, TEXT, label_config
from jmere.data.annotation.labelstudio_results import read_results
from jmere.data.annotation.marks import Marks, marked_post, marks_of, other_fields
from jmere.data.fields import RecordError, list_of, text_of
from jmere.data.readers.lines import report_faults
from jmere.data.readers.literals import sources
from jmere.errors import OnProblem, refuse, short_repr
from jmere.files.whole import written_whole
from jmere.records import Extraction, Post

_MAX_LENGTH = 1 << 24
"""Maximum length of a task, in characters."""

MORE_ANNOTATIONS = "further annotations of a task were dropped; one of each was read"
"""Tally key of ``read_labelstudio``."""


class Role(str, Enum):
    """What the records of a file are to Label Studio: gold annotations or predictions."""

    AUTO = "auto"
    ANNOTATIONS = "annotations"
    PREDICTIONS = "predictions"


def write_labelstudio(
    path: str | Path,
    posts: Iterable[Post | Extraction],
    *,
    config: str | Path | None = None,
    model_version: str = "jmere",
    image_prefix: str | None = None,
    types: Iterable[str] = (),
    relations: Iterable[str] = (),
    tally: Counter[str] | None = None,
) -> int:
    """Write tasks for import into Label Studio, atomically; return their number.

    A ``Post`` becomes a task with an annotation, an ``Extraction`` a task with a prediction,
    which Label Studio shows as pre-annotation with its scores.

    Args:
        path: JSON file to write.
        posts: Posts and results.
        config: File for the labelling configuration; by default ``path`` with the suffix
            ``.xml``.
        model_version: Name of the model that made the results.
        image_prefix: What leads to the pictures as URLs, such as
            ``/data/local-files/?d=pictures/``; ``None`` shows no pictures.
        types: Entity types of the configuration, before those that occur.
        relations: Relations of the configuration, before those that occur.
        tally: Counter of what cannot be written.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "tasks.json"
        >>> write_labelstudio(path, [Post("Bonn wins", id="1")])
        1
        >>> [post.text for post in read_labelstudio(path)]
        ['Bonn wins']
    """
    kinds, names = dict.fromkeys(types), dict.fromkeys(relations)
    count, alt_text = 0, False
    with written_whole(path) as stream:
        for count, post in enumerate(posts, start=1):
            marks = marks_of(post, tally)
            kinds.update(dict.fromkeys(each.type for each in marks.entities))
            names.update(dict.fromkeys(each.name for each in marks.relations))
            task = _task(post, marks, count, model_version, image_prefix)
            alt_text = alt_text or getattr(post, "alt_text", None) is not None
            stream.write("[\n" if count == 1 else ",\n")
            json.dump(task, stream, ensure_ascii=False)
        stream.write("\n]\n" if count else "[]\n")
    with written_whole(config_path(path) if config is None else config) as stream:
        stream.write(
            label_config(kinds, names, picture=image_prefix is not None, alt_text=alt_text)
        )
    return count


def config_path(path: str | Path) -> Path:
    """Return where the labelling configuration is written by default."""
    return Path(path).with_suffix(".xml")


def read_labelstudio(
    path: str | Path,
    *,
    predictions: bool = False,
    tally: Counter[str] | None = None,
    on_problem: OnProblem = refuse,
) -> Iterator[Post]:
    """Read posts from tasks: a JSON list, as Label Studio exports it, or one task per line.

    Of several annotations of a task, the ground truth is read or, without one, the first that
    was not cancelled. The id is ``data.id`` or, without one, the task's.

    Args:
        path: JSON file.
        predictions: Whether tasks without an annotation take their first prediction.
        tally: Counter of dropped items.
        on_problem: Called for every problem; the task is then skipped.

    Raises:
        FileNotFoundError: If the file does not exist.
        DataError: At the first problem, unless ``on_problem`` continues.
    """
    tally = Counter() if tally is None else tally
    for index, source in enumerate(sources(path, max_length=_MAX_LENGTH)):
        post = None
        try:
            post = _post(source.value(), index, predictions, tally)
        except RecordError as error:
            messages = [f"task {index}: {message}" for message in error.messages]
            report_faults(path, source.line, messages, on_problem)
        if post is not None:
            yield post


def _task(
    post: Post | Extraction, marks: Marks, number: int, model: str, prefix: str | None
) -> dict[str, object]:
    others = other_fields(post)
    data = {**({} if post.id is None else {"id": post.id}), TEXT: post.text, **others}
    if prefix is not None:
        data[PICTURE] = f"{prefix}{others['image']}" if "image" in others else ""
    results = _results(post.text, marks, f"{number}:{post.id}")
    if isinstance(post, Extraction):
        prediction: dict[str, object] = {"model_version": model, "result": results}
        scores = [each.score for each in marks.relations if each.score is not None]
        if scores:
            prediction["score"] = sum(scores) / len(scores)
        return {"data": data, "predictions": [prediction]}
    return {"data": data, "annotations": [{"result": results}]}


def _results(text: str, marks: Marks, seed: str) -> list[dict[str, object]]:
    names = [_name(f"{seed}:{index}") for index in range(len(marks.entities))]
    results: list[dict[str, object]] = [
        {
            "id": name,
            "from_name": LABEL,
            "to_name": TEXT,
            "type": "labels",
            "value": {
                "start": entity.start,
                "end": entity.end,
                "text": text[entity.start : entity.end],
                "labels": [entity.type],
            },
        }
        for name, entity in zip(names, marks.entities, strict=True)
    ]
    # Label Studio keeps one relation for each ordered pair of spans, with several labels.
    pairs: dict[tuple[int, int], dict[str, float | None]] = {}
    for each in marks.relations:
        pairs.setdefault((each.head, each.tail), {}).setdefault(each.name, each.score)
    for (head, tail), labels in pairs.items():
        relation: dict[str, object] = {
            "from_id": names[head],
            "to_id": names[tail],
            "type": "relation",
            "direction": "right",
            "labels": list(labels),
        }
        scores = [score for score in labels.values() if score is not None]
        results.append({**relation, "score": max(scores)} if scores else relation)
    return results


def _name(seed: str) -> str:
    return hashlib.sha256(seed.encode()).hexdigest()[:10]


def _post(value: object, index: int, predictions: bool, tally: Counter[str]) -> Post:
    if not isinstance(value, dict) or not isinstance(value.get("data"), dict):
        raise RecordError(f"expected a task, an object with 'data', got {short_repr(value)}")
    data = value["data"]
    if TEXT not in data:
        raise RecordError(f"data: missing {TEXT!r}; it has {short_repr(list(data))}")
    text = text_of(data[TEXT])
    spans, relations = read_results(_chosen(value, predictions, tally), text, tally)
    name = data.get("id", value.get("id"))
    return marked_post(f"task-{index}" if name is None else name, text, spans, relations, data)


def _chosen(task: Mapping[str, object], predictions: bool, tally: Counter[str]) -> list[object]:
    """Return the results of the annotation, or prediction, of a task that counts."""
    found = [each for each in list_of(task.get("annotations") or []) if isinstance(each, dict)]
    valid = [each for each in found if not each.get("was_cancelled")]
    truth = [each for each in valid if each.get("ground_truth")]
    if len(valid) > 1:
        tally[MORE_ANNOTATIONS] += len(valid) - 1
    chosen = [*truth, *valid]
    if not chosen and predictions:
        given = list_of(task.get("predictions") or [])
        chosen = [each for each in given if isinstance(each, dict)]
    return list_of(chosen[0].get("result") or []) if chosen else []
