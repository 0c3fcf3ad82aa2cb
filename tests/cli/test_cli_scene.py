import json

import numpy as np
import pytest
from PIL import Image

from drawn_pictures import POSTER, poster
from jmere.cli import main


@pytest.fixture
def photo(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (240, 320, 3), dtype=np.uint8)
    path = tmp_path / "photo.png"
    Image.fromarray(pixels).save(path)
    return path


@pytest.fixture
def scene(tiny_detector):
    def call(*arguments):
        loose = ("--weights", tiny_detector, "--min-score", 0.05)
        return main(["scene", *map(str, (*arguments, *loose))])

    return call


def test_objects_and_relations_are_a_table(scene, photo, capsys):
    assert scene(photo) == 0
    table = capsys.readouterr().out
    assert table.startswith("object")
    assert "predicate" in table


def test_json_is_a_post_s_scene_graph(scene, photo, capsys):
    assert scene(photo, "--json") == 0
    value = json.loads(capsys.readouterr().out)
    assert value["size"] == [320, 240]
    assert {"label", "box", "score"} == value["objects"][0].keys()
    assert {"subject", "predicate", "object", "score"} == value["relations"][0].keys()


@pytest.mark.parametrize("name", ["overlay.png", "overlay.jpg"])
def test_it_is_drawn(scene, photo, tmp_path, name):
    assert scene(photo, "-o", tmp_path / name) == 0
    with Image.open(tmp_path / name) as drawn:
        assert drawn.width >= 320
        assert drawn.height >= 240


def test_no_more_objects_than_asked_for(scene, photo, capsys):
    assert scene(photo, "--json", "--objects", 2) == 0
    assert len(json.loads(capsys.readouterr().out)["objects"]) == 2


def test_a_picture_of_nothing_says_so(tiny_detector, photo, capsys):
    assert main(["scene", str(photo), "--weights", str(tiny_detector), "--min-score", "1"]) == 0
    assert capsys.readouterr().out == "no objects found\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.jpg"], "nowhere.jpg: no such file"),
        (["PHOTO", "-o", "overlay.txt"], "overlay.txt"),
        (["PHOTO", "--weights", "nowhere.onnx"], "nowhere.onnx: no such file"),
        (["PHOTO", "--weights", "PHOTO"], "not an ONNX network"),
        (["PHOTO", "--detector", "yolo"], "did you mean 'yolox'?"),
        (["PHOTO"], "put picodet_s_416_coco.onnx"),
        (["PHOTO", "--objects", "-1"], "'--objects'"),
    ],
)
def test_a_wrong_call_is_one_line(photo, tiny_detector, arguments, message, capsys):
    if "nowhere.jpg" in arguments:
        arguments = [*arguments, "--weights", str(tiny_detector)]
    assert main(["scene", *(str(photo) if a == "PHOTO" else a for a in arguments)]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_words_are_objects_on_request(scene, tmp_path, capsys):
    pytest.importorskip("rapidocr", reason="needs the extra ocr")
    path = tmp_path / "poster.png"
    poster().save(path)
    assert scene(path, "--json") == 0
    without = json.loads(capsys.readouterr().out)
    assert scene(path, "--json", "--ocr") == 0
    found = json.loads(capsys.readouterr().out)
    words = {thing["label"] for thing in found["objects"]} - {
        thing["label"] for thing in without["objects"]
    }
    assert words == {line[3] for line in POSTER}
    assert found["size"] == [640, 480]
