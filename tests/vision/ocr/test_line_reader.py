import shutil
import socket
import sys
from difflib import SequenceMatcher
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

import drawn_pictures as draw
from jmere.errors import MissingExtraError
from jmere.records import Post
from jmere.scenes.sources import FromWords
from jmere.vision.detect.boxes import Selection, intersection_over_union
from jmere.vision.detect.detector import Detector, load_detector
from jmere.vision.ocr import line_reader
from jmere.vision.ocr.line_reader import LineReader, packaged_models
from jmere.vision.pixels import PixelScenes, VisionConfig


@pytest.fixture(scope="module")
def reader():
    pytest.importorskip("rapidocr", reason="needs the extra ocr")
    return LineReader.load()


def iou(one, other):
    boxes = (np.array([box], np.float32) for box in (one, other))
    return float(intersection_over_union(*boxes)[0, 0])


@pytest.mark.parametrize(
    ("picture", "lines"), [(draw.poster, draw.POSTER), (draw.screenshot, draw.SCREENSHOT)]
)
def test_drawn_lines_are_read_where_they_stand(reader, picture, lines):
    image = picture()
    scene = reader.detect(draw.pixels(image))
    assert [line.label for line in scene.objects] == [line[3] for line in lines]
    assert scene.size == image.size
    for found, line in zip(scene.objects, lines, strict=True):
        assert iou(found.box, draw.extent(line)) > 0.6
        assert 0.7 <= found.score <= 1


def test_a_jersey_has_a_name_and_a_number(reader):
    assert [line.label for line in reader.detect(draw.pixels(draw.jersey())).objects] == [
        "CURRY",
        "30",
    ]


def test_boxes_are_in_pixels_of_the_picture(reader):
    small = draw.poster()
    large = small.resize((1280, 960))
    first, second = (reader.detect(draw.pixels(image)) for image in (small, large))
    for one, other in zip(first.objects, second.objects, strict=True):
        assert iou([2 * side for side in one.box], other.box) > 0.8


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1), (40, 40)])
def test_a_picture_without_words_has_no_lines(reader, size):
    scene = reader.detect(np.full((*size, 3), 120, np.uint8))
    assert (scene.objects, scene.size) == ((), (size[1], size[0]))


def test_a_banner_is_read(reader):
    banner = draw.drawn((1600, 40), [(20, 6, 24, "Grace Hopper joins the US Navy")])
    [line] = reader.detect(draw.pixels(banner)).objects
    assert line.label == "Grace Hopper joins the US Navy"
    assert iou(line.box, draw.extent((20, 6, 24, line.label))) > 0.5


def test_a_line_read_twice_is_one_and_specks_are_none():
    square = [[0, 0], [100, 0], [100, 20], [0, 20]]
    shifted = [[2, 1], [101, 1], [101, 21], [2, 21]]
    below = [[0, 40], [100, 40], [100, 60], [0, 60]]
    found = SimpleNamespace(
        boxes=np.array([square, shifted, below, below, below], np.float32),
        txts=("Team News", "TEAM NEWS", "Team News", "A", "faint"),
        scores=(0.9, 0.95, 0.9, 0.99, 0.5),
    )
    given = LineReader(lambda _: found, selection=Selection(min_score=0.6), settings={})
    lines = given.detect(np.zeros((80, 120, 3), np.uint8)).objects
    assert [(line.label, line.box[1]) for line in lines] == [("TEAM NEWS", 1), ("Team News", 40)]


def test_it_is_a_detector_whose_lines_have_no_relations(reader):
    assert isinstance(reader, Detector)
    assert "PP-OCR" in str(reader.settings["models"])
    pixels = PixelScenes(VisionConfig(detector="ocr"))
    scene = pixels.scene(draw.poster())
    assert len(scene.objects) == 4
    assert scene.relations == ()
    assert PixelScenes(VisionConfig(detector="ocr")).scene(draw.poster()) == scene  # cached


def test_nothing_is_downloaded(monkeypatch, tmp_path):
    pytest.importorskip("rapidocr", reason="needs the extra ocr")

    def refuse(*_, **__):
        raise AssertionError("a connection is opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    for variable in ("JMERE_OFFLINE", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(variable, raising=False)
    assert len(LineReader.load().detect(draw.pixels(draw.poster())).objects) == 4

    package = tmp_path / "rapidocr"
    shutil.copytree(packaged_models()["Det"].parent, package / "models")
    spec = SimpleNamespace(origin=str(package / "__init__.py"))
    monkeypatch.setattr(line_reader, "find_spec", lambda _: spec)
    (model,) = (package / "models").glob("*_rec_*.onnx")
    model.write_bytes(b"no alphabet")
    with pytest.raises(FileNotFoundError, match=r"has no alphabet; .* \(none is downloaded\)"):
        LineReader.load()
    model.unlink()
    with pytest.raises(FileNotFoundError, match=r"no \*_rec_\*\.onnx; .* \(none is downloaded\)"):
        LineReader.load()


def test_without_the_library_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "rapidocr", None)
    with pytest.raises(MissingExtraError, match=r"needs: pip install 'jmere\[ocr\]'"):
        load_detector("ocr")


def test_it_takes_no_weights():
    pytest.importorskip("rapidocr", reason="needs the extra ocr")
    with pytest.raises(ValueError, match="has its own weights and no classes"):
        load_detector("ocr", weights="x.onnx")


def test_the_tallest_lines_are_objects_of_the_post(reader):
    source = FromWords(PixelScenes(VisionConfig(detector="ocr")))
    many = [(20, 20 + 40 * n, 12 + 4 * (n % 4), f"line number {n}") for n in range(8)]
    found, none = source.find([Post("t", image=draw.drawn((400, 380), many)), Post("u")])
    assert none is None
    assert len(found.scene.objects) == 5
    assert {"line number 3", "line number 7"} <= {thing.label for thing in found.scene.objects}


@pytest.mark.parametrize(
    ("name", "words"),
    [("twitter_19_31_16_77.jpg", {"Shiloh"}), ("twitter_19_31_17_0.jpg", {"Standard"})],
)
def test_words_of_real_pictures_are_read(shared, reader, name, words):
    with Image.open(shared / "images" / "posts" / name) as image:
        found = {line.label for line in reader.detect(draw.pixels(image)).objects}
    for word in words:
        assert max(SequenceMatcher(None, word, each).ratio() for each in found) > 0.8
