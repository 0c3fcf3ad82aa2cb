import io
import json
from pathlib import Path
from typing import Any

import pytest

from jmere.errors import DataError, Problem
from jmere.records import SceneGraph, SceneObject, SceneRelation
from jmere.scenes.files.json_stream import members
from jmere.scenes.files.toolkit import read_info, toolkit_scenes

INFO: dict[str, Any] = {
    "idx_to_files": ["./images/17_06_1.jpg", "C:\\images\\b.jpg"],
    "ind_to_classes": ["__background__", "man", "trophy", "traffic_light"],
    "ind_to_predicates": ["__background__", "holding", "near"],
}
PREDICTION: dict[str, Any] = {
    "bbox": [[0, 0, 300, 600], [100.5, 200, 200, 300], [500, 0, 600, 100]],
    "bbox_labels": [1, 2, 3],
    "bbox_scores": [0.9, 0.8, 0.1],
    "rel_pairs": [[0, 2], [0, 1], [1, 0]],
    "rel_labels": [2, 1, 2],
    "rel_scores": [0.95, 0.7, 0.2],
    "rel_all_scores": [[0.0, 0.05, 0.95], [0.1, 0.7, 0.2], [0.5, 0.3, 0.2]],
}


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    predictions, info = tmp_path / "custom_prediction.json", tmp_path / "custom_data_info.json"
    predictions.write_text(json.dumps({"0": PREDICTION, "1": PREDICTION}))
    info.write_text(json.dumps(INFO))
    return predictions, info


def changed(files: tuple[Path, Path], **values: Any) -> tuple[Path, Path]:
    files[0].write_text(json.dumps({"0": {**PREDICTION, **values}, "1": PREDICTION}))
    return files


def test_the_surest_objects_keep_their_relations(files: tuple[Path, Path]):
    scenes = dict(toolkit_scenes(*files, objects=2))

    assert list(scenes) == ["17_06_1.jpg", "b.jpg"]
    assert scenes["17_06_1.jpg"] == SceneGraph(
        objects=(
            SceneObject("man", (0.0, 0.0, 300.0, 600.0), 0.9),
            SceneObject("trophy", (100.5, 200.0, 200.0, 300.0), 0.8),
        ),
        relations=(SceneRelation(0, "holding", 1, 0.7), SceneRelation(1, "near", 0, 0.2)),
    )


def test_objects_are_taken_by_score_wherever_they_stand(files: tuple[Path, Path]):
    scenes = dict(toolkit_scenes(*changed(files, bbox_scores=[0.9, 0.1, 0.8]), objects=2))
    assert [item.label for item in scenes["17_06_1.jpg"].objects] == ["man", "traffic light"]
    assert scenes["17_06_1.jpg"].relations == (SceneRelation(0, "near", 1, 0.95),)


def test_relations_are_cut_by_score_and_number(files: tuple[Path, Path]):
    sure = dict(toolkit_scenes(*files, min_score=0.5))["b.jpg"]
    assert [relation.score for relation in sure.relations] == [0.95, 0.7]
    surest = dict(toolkit_scenes(*changed(files, rel_scores=[0.1, 0.2, 0.9]), relations=1))
    assert [relation.score for relation in surest["17_06_1.jpg"].relations] == [0.9]


def test_true_sizes_bring_boxes_back(files: tuple[Path, Path]):
    scenes = dict(toolkit_scenes(*files, sizes={"b.jpg": (1200, 1200)}))
    assert scenes["b.jpg"].size == (1200, 1200)
    assert scenes["b.jpg"].objects[2].box == (1000, 0, 1200, 200)
    assert scenes["17_06_1.jpg"].size is None
    wide = dict(toolkit_scenes(*files, sizes={"b.jpg": (2000, 500)}))["b.jpg"]
    assert wide.objects[1].box == (201, 400, 400, 500)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"bbox_labels": [1, 2, 4]}, "bbox_labels: there is no name for 4 among 4"),
        ({"bbox_labels": [1, 2, -1]}, "bbox_labels: there is no name for -1"),
        ({"bbox_labels": "man"}, "a list 'bbox_labels'"),
        ({"bbox_scores": [1.0]}, "bbox_scores: expected 3 values, got 1"),
        ({"bbox_scores": [1.0, float("nan"), 0]}, r"objects\[1\].*finite"),
        ({"bbox": [[0, 0, 1], [0, 0, 1, 1], [0, 0, 1, 1]]}, r"objects\[0\].*x0, y0, x1, y1"),
        ({"rel_pairs": [[0, 1], [0, 7], [1, 0]]}, r"relations\[1\].*7"),
        ({"rel_pairs": [[0, 1], [0], [1, 0]]}, "rel_pairs: expected pairs"),
        ({"rel_labels": [1, 2, 3]}, "rel_labels: there is no name for 3"),
    ],
)
def test_a_faulty_image_is_named_and_the_others_are_read(
    files: tuple[Path, Path], values: dict[str, Any], message: str
):
    changed(files, **values)
    with pytest.raises(DataError, match=rf"custom_prediction.json: image '0': .*{message}"):
        list(toolkit_scenes(*files))

    problems: list[Problem] = []
    scenes = dict(toolkit_scenes(*files, on_problem=problems.append))
    assert list(scenes) == ["b.jpg"]
    assert len(problems) == 1


def test_an_image_that_the_info_does_not_know_is_a_problem(files: tuple[Path, Path]):
    files[0].write_text(json.dumps({"2": PREDICTION}))
    with pytest.raises(DataError, match="image '2': idx_to_files has 2 images"):
        list(toolkit_scenes(*files))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "character 0: expected '{', got the end of the file"),
        ("[]", r"expected '{', got '\['"),
        ('{"0": {"bbox": [', "character 1: expected a whole 'name: value'"),
        ('{"0": 1', "expected a whole 'name: value'"),
        ('{"0": {}} {}', "expected the end of the file"),
        ('{"0": ' + "[" * 200_000, "character 1: nested too deeply"),
    ],
)
def test_what_is_no_json_object_is_refused(files: tuple[Path, Path], text: str, message: str):
    files[0].write_text(text)
    with pytest.raises(DataError, match=message):
        list(toolkit_scenes(*files, on_problem=lambda problem: None))


@pytest.mark.parametrize(
    ("info", "message"),
    [
        ({**INFO, "ind_to_classes": {}}, "a list 'ind_to_classes'"),
        ({**INFO, "idx_to_files": ["a/1.jpg", "b/1.jpg"]}, "two images are called '1.jpg'"),
        ({**INFO, "ind_to_predicates": [1]}, "expected a string, got 1"),
        ([], "expected an object"),
    ],
)
def test_a_faulty_info_is_refused(tmp_path: Path, info: Any, message: str):
    path = tmp_path / "custom_data_info.json"
    path.write_text(json.dumps(info))
    with pytest.raises(DataError, match=f"custom_data_info.json: .*{message}"):
        read_info(path)


class OneByOne(io.StringIO):
    """A stream that gives few characters at a time and remembers how many it gave."""

    def read(self, size: int | None = -1, /) -> str:
        return super().read(7)


@pytest.mark.parametrize(
    "value",
    [{}, {"a": 1}, {"a": {"b": [1.5, "}"]}, "c": 12345678901234, "\u00e9\n": None, "": []}],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_members_are_those_of_the_whole_object(value: dict[str, Any], indent: int | None):
    text = json.dumps(value, indent=indent)
    assert dict(members(OneByOne(text))) == value


def test_a_member_is_read_before_the_next_one_is():
    stream = io.StringIO('{"a": 1, ' + " " * 3_000_000 + '"b": 2}')
    reader = members(stream)
    assert next(reader) == ("a", 1)
    assert stream.tell() < 3_000_000
    assert list(reader) == [("b", 2)]
