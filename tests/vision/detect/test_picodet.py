import numpy as np
import onnxruntime
import pytest
from PIL import Image

from jmere.cli import main
from jmere.pretrained.detectors import registry
from jmere.vision.detect.boxes import Selection
from jmere.vision.detect.coco import COCO
from jmere.vision.detect.detector import Detector, load_detector
from jmere.vision.detect.picodet import PicoDet
from jmere.vision.detect.yolox import Yolox
from tiny_picodet import SIDE, STRIDES, WIDTH, write_picodet

ANY = Selection(min_score=0.05, min_side=0.0, objects=300, nms_iou=1, cross_class_iou=1)
MEAN, SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def picture(height=48, width=80, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def candidates(path, pixels, *, side):
    """Boxes, scores and classes by the network alone and the plainest arithmetic."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    assert pixels.shape == (side, side, 3)  # nothing to resize
    values = np.zeros((1, 3, side, side), np.float32)
    for channel in range(3):
        values[0, channel] = (pixels[:, :, channel] / 255 - MEAN[channel]) / SPREAD[channel]
    outputs = session.run(None, {session.get_inputs()[0].name: values})
    levels = len(outputs) // 2
    found = []
    for level, stride in enumerate(STRIDES):
        columns = int(np.ceil(side / stride))
        for cell, (scores, box) in enumerate(
            zip(outputs[level][0], outputs[levels + level][0], strict=True)
        ):
            kind = int(scores.argmax())
            if scores[kind] < 0.05:
                continue
            x, y = (cell % columns + 0.5) * stride, (cell // columns + 0.5) * stride
            left, top, right, bottom = (
                sum(n * np.exp(v) for n, v in enumerate(sides)) / sum(np.exp(v) for v in sides)
                for sides in box.reshape(4, -1)
            )
            corners = np.array([x - left * stride, y - top * stride])
            corners = np.r_[corners, x + right * stride, y + bottom * stride]
            found.append((corners.clip(0, side), float(scores[kind]), kind))
    return found


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return write_picodet(tmp_path_factory.mktemp("picodet") / "tiny.onnx")


@pytest.fixture(scope="module")
def real(shared):
    return shared / "models" / "picodet_s_416_coco.onnx"


def assert_all_alike(scene, reference):
    """Each object is one of the reference, and each of the reference is an object."""
    assert len(scene.objects) == len(reference) > 5
    free = list(reference)
    for thing in scene.objects:
        off = [
            max(np.abs(box - thing.box).max(), abs(score - thing.score), COCO[kind] != thing.label)
            for box, score, kind in free
        ]
        assert min(off) < 1e-3
        del free[int(np.argmin(off))]


def test_objects_are_those_of_a_plain_reading(tiny):
    pixels = picture(SIDE, SIDE)
    scene = load_detector("picodet", weights=str(tiny), selection=ANY).detect(pixels)
    reference = [
        each
        for each in candidates(tiny, pixels, side=SIDE)
        if (each[0][2:] - each[0][:2]).min() >= 1e-3
    ]
    assert_all_alike(scene, reference)


def test_a_real_network_agrees_with_a_plain_reading_of_it(shared, real):
    pixels = np.asarray(Image.open(shared / "images" / "pets.jpg").convert("RGB"))
    pixels = np.ascontiguousarray(pixels[:416, 50:466])
    reference = candidates(real, pixels, side=416)
    sure = [each for each in reference if each[1] >= 0.3]
    loose = Selection(min_score=0.3, min_side=0.0, objects=300, nms_iou=1, cross_class_iou=1)
    scene = load_detector("picodet", weights=str(real), selection=loose).detect(pixels)
    assert_all_alike(scene, sure)
    kept = load_detector("picodet", weights=str(real)).detect(pixels)
    assert [thing.label for thing in kept.objects][:2] == ["dog", "dog"]


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("pets.jpg", {"dog"}),
        ("astronaut.jpg", {"person"}),
        ("coffee.jpg", {"cup", "dining table"}),
        ("grace_hopper.jpg", {"person", "tie"}),
        ("hot_dog.jpg", {"hot dog", "dining table"}),
    ],
)
def test_photographs_show_what_they_show(shared, real, name, labels):
    pixels = np.asarray(Image.open(shared / "images" / name).convert("RGB"))
    scene = load_detector("picodet", weights=str(real)).detect(pixels)
    assert {thing.label for thing in scene.objects} == labels
    assert scene.appearance.shape == (len(scene.objects), 4 * 96)


def test_boxes_are_in_pixels_of_the_picture(tiny):
    detector = load_detector("picodet", weights=str(tiny), selection=ANY)
    pixels = picture(SIDE, SIDE)
    wide = pixels.repeat(3, axis=1)
    square, stretched = detector.detect(pixels), detector.detect(wide)
    assert (square.size, stretched.size) == ((SIDE, SIDE), (3 * SIDE, SIDE))
    # The wide picture is pressed back to the input, so that both axes are scaled apart.
    assert max(thing.box[2] for thing in square.objects) <= SIDE
    assert max(thing.box[2] for thing in stretched.objects) > 2 * SIDE
    assert max(thing.box[3] for thing in stretched.objects) <= SIDE


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (64, 64), (200, 90)])
def test_a_picture_of_any_shape_is_seen(tiny, size):
    detector = load_detector("picodet", weights=str(tiny), selection=ANY)
    assert isinstance(detector, Detector)
    scene = detector.detect(picture(*size))
    assert scene.size == (size[1], size[0])
    assert scene.appearance.shape == (len(scene.objects), WIDTH * len(STRIDES))
    for thing in scene.objects:
        x0, y0, x1, y1 = thing.box
        assert 0 <= x0 < x1 <= size[1]
        assert 0 <= y0 < y1 <= size[0]


def test_the_minimum_score_is_its_own_unless_given(tiny, tiny_detector):
    given = Selection(min_score=0.1)
    for weights, default in ((tiny, 0.4), (tiny_detector, 0.3)):
        assert load_detector(weights=str(weights)).selection.threshold == default
        assert load_detector(weights=str(weights), selection=given).selection.threshold == 0.1
    found = load_detector(weights=str(tiny)).detect(picture()).objects
    assert min(thing.score for thing in found) >= 0.4


def test_a_picture_of_nothing_has_no_objects(tiny):
    detector = load_detector("picodet", weights=str(tiny), selection=Selection(min_score=1.0))
    scene = detector.detect(picture())
    assert (scene.objects, scene.appearance.shape) == ((), (0, WIDTH * len(STRIDES)))


def test_the_weights_say_which_detector_it_is(tiny, tiny_detector):
    assert isinstance(load_detector(weights=str(tiny)), PicoDet)
    assert isinstance(load_detector(weights=str(tiny_detector)), Yolox)
    with pytest.raises(ValueError, match="no YOLOX head found"):
        load_detector("yolox", weights=str(tiny))
    with pytest.raises(ValueError, match="no PicoDet head found"):
        load_detector("picodet", weights=str(tiny_detector))


def test_classes_may_be_ones_own(tmp_path):
    path = write_picodet(tmp_path / "two.onnx", classes=2)
    with pytest.raises(ValueError, match=r"two\.onnx: has 2 classes, but 80 names are known"):
        load_detector(weights=str(path))
    detector = load_detector(weights=str(path), classes=["cup", "jug"], selection=ANY)
    assert {thing.label for thing in detector.detect(picture()).objects} <= {"cup", "jug"}


def test_a_network_without_boxes_is_refused(tmp_path):
    path = write_picodet(tmp_path / "scores.onnx", pairs=False)
    with pytest.raises(ValueError, match=r"scores\.onnx: no PicoDet head found"):
        load_detector("picodet", weights=str(path))


def test_the_published_file_is_known(shared, monkeypatch, capsys):
    weights = registry()["picodet-s"]
    assert weights.licence == "Apache-2.0"
    assert "picodet-onnxruntime/dfe4d6cd0a18cd4126ee381e81df8a0b1e6ad97b" in weights.address
    path = shared / "models" / "picodet_s_416_coco.onnx"
    assert path.stat().st_size == weights.size
    monkeypatch.setenv("JMERE_WEIGHTS", str(shared / "models"))
    assert main(["weights", "path", "picodet-s"]) == 0
    assert capsys.readouterr().out == f"{path}\n"
