import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from jmere.records import SceneGraph, SceneObject
from jmere.vision.detect.boxes import Selection
from jmere.vision.flawed import Flawed
from jmere.vision.pixels import PixelScenes, VisionConfig

LOOSE = Selection(min_score=0.05, min_side=0.0)


class Counting:
    """A detector that sees one thing, named after the picture's first level of red."""

    def __init__(self) -> None:
        self.settings = {"detector": "counting"}
        self.seen = 0

    def detect(self, pixels):
        self.seen += 1
        label = f"red {pixels[0, 0, 0]}"
        return SceneGraph((SceneObject(label, (0, 0, 1, 1), 0.5),), size=(4, 3))


@pytest.fixture
def counting(monkeypatch):
    detector = Counting()
    monkeypatch.setattr("jmere.vision.pixels.load_detector", lambda *_, **__: detector)
    return detector


def save(folder, name, red):
    path = folder / name
    Image.new("RGB", (4, 3), (red, 0, 0)).save(path)
    return path


def labels(scenes):
    return [scene if isinstance(scene, Exception) else scene.objects[0].label for scene in scenes]


def test_pictures_keep_their_order_and_a_bad_one_its_reason(counting, tmp_path):
    paths = [save(tmp_path, f"{red}.png", red) for red in range(12)]
    paths[5].write_bytes(b"no picture")
    found = labels(PixelScenes(VisionConfig(cache=False)).scenes(paths))
    assert found[:5] + found[6:] == [f"red {n}" for n in (*range(5), *range(6, 12))]
    assert "5.png" in str(found[5])


def test_a_picture_seen_before_is_not_looked_at_again(counting, tmp_path):
    path = save(tmp_path, "a.png", 7)
    first, again = (PixelScenes().scene(path) for _ in range(2))
    assert first == again
    assert counting.seen == 1
    PixelScenes().scene(path.read_bytes())  # the same content
    assert counting.seen == 1
    PixelScenes(VisionConfig(cache=False)).scene(path)
    assert counting.seen == 2
    counting.settings = {"detector": "another"}
    PixelScenes().scene(path)
    assert counting.seen == 3


def test_paths_stay_inside_their_folder(counting, tmp_path):
    (tmp_path / "inside").mkdir()
    save(tmp_path, "a.png", 1)
    save(tmp_path / "inside", "b.png", 2)
    pixels = PixelScenes(folder=tmp_path / "inside")
    good, bad = labels(pixels.scenes(["b.png", "../a.png"]))
    assert good == "red 2"
    assert "is outside" in str(bad)


def test_nothing_is_loaded_before_a_picture_comes(tmp_path):
    missing = PixelScenes(VisionConfig(weights=str(tmp_path / "nowhere.onnx")))
    assert list(missing.scenes([])) == []
    picture = save(tmp_path, "a.png", 1)
    reasons = list(missing.scenes([picture, picture]))
    assert len(reasons) == 2
    assert all("nowhere.onnx: no such file" in str(reason) for reason in reasons)
    with pytest.raises(FileNotFoundError, match="no such file"):
        missing.scene(picture)


def test_known_weights_that_are_not_here_say_which_file_to_put_where(tmp_path):
    picture = save(tmp_path, "a.png", 1)
    with pytest.raises(FileNotFoundError, match=r"put picodet_s_416_coco.onnx .* into ") as caught:
        PixelScenes().scene(picture)
    assert "\n" not in str(caught.value)


def test_every_form_of_a_picture_is_one_picture(tiny_detector):
    pixels = np.random.default_rng(0).integers(0, 256, (48, 60, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    config = VisionConfig(weights=str(tiny_detector), selection=LOOSE)
    forms = [pixels, Image.fromarray(pixels), buffer.getvalue()]
    scenes = list(PixelScenes(config).scenes(forms))
    assert scenes[0].objects
    assert scenes[0] == scenes[1] == scenes[2]
    np.testing.assert_array_equal(scenes[0].appearance, scenes[2].appearance)


def test_relations_are_found_among_the_objects(tiny_detector):
    pixels = np.random.default_rng(0).integers(0, 256, (48, 60, 3), dtype=np.uint8)
    config = VisionConfig(weights=str(tiny_detector), selection=LOOSE, cache=False)
    scene = PixelScenes(config).scene(pixels)
    assert scene.relations
    other = PixelScenes(replace(config, unbiased=True)).scene(pixels)
    assert other.objects == scene.objects


def test_a_damaged_picture_that_has_pixels_is_seen_and_told_each_time(counting, tmp_path):
    stream, draw = io.BytesIO(), np.random.default_rng(0)
    pixels = draw.integers(0, 255, (32, 32, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(stream, "TIFF", compression="jpeg")
    path = tmp_path / "torn.tif"
    for _ in range(500):
        content = bytearray(stream.getvalue())
        content[draw.integers(len(content))] = draw.integers(256)
        path.write_bytes(content)
        (found,) = PixelScenes().scenes([path])
        if isinstance(found, Flawed):
            break
    else:
        pytest.skip("this libtiff makes no pixels of a damaged picture")
    assert found.scene.objects
    assert str(path) in found.warning
    assert list(PixelScenes().scenes([path])) == [found]
    assert PixelScenes().scene(path) == found.scene
