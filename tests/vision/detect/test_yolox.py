import numpy as np
import onnx
import onnxruntime
import pytest
from PIL import Image

from jmere.vision.detect.boxes import Selection
from jmere.vision.detect.coco import COCO
from jmere.vision.detect.detector import Detector, load_detector
from jmere.vision.detect.pyramid import open_pyramid
from tiny_yolox import SIDE, WIDTHS, cells, write_yolox

ANY = Selection(min_score=0.05, min_side=0.0, objects=100)


def picture(height=48, width=80, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def candidates(path, pixels, *, side, grid):
    """Boxes, scores and classes by the network alone and the plainest arithmetic."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    height, width = pixels.shape[:2]
    scale = min(side / height, side / width)
    small = plain_resize(pixels, int(height * scale), int(width * scale))
    canvas = np.full((side, side, 3), 114, np.float32)
    canvas[: small.shape[0], : small.shape[1]] = small
    (rows,) = session.run(None, {"images": canvas[None, :, :, ::-1].transpose(0, 3, 1, 2)})
    found = []
    for (x, y, stride), row in zip(grid, rows[0], strict=True):
        centre_x, centre_y = (row[0] + x) * stride, (row[1] + y) * stride
        wide, high = np.exp(row[2]) * stride, np.exp(row[3]) * stride
        box = np.array(
            [centre_x - wide / 2, centre_y - high / 2, centre_x + wide / 2, centre_y + high / 2]
        )
        kind = int(row[5:].argmax())
        limits = np.array([width, height, width, height])
        found.append(((box / scale).clip(0, limits), float(row[4] * row[5 + kind]), kind))
    return found


def plain_resize(pixels, height, width):
    """Bilinear, in real numbers; within half a level of the bytes a detector is given."""
    old_height, old_width = pixels.shape[:2]
    out = np.zeros((height, width, 3))
    for row in range(height):
        y = np.clip((row + 0.5) * old_height / height - 0.5, 0, old_height - 1)
        for column in range(width):
            x = np.clip((column + 0.5) * old_width / width - 0.5, 0, old_width - 1)
            top, left = int(y), int(x)
            bottom, right = min(top + 1, old_height - 1), min(left + 1, old_width - 1)
            upper = pixels[top, left] * (1 - x + left) + pixels[top, right] * (x - left)
            lower = pixels[bottom, left] * (1 - x + left) + pixels[bottom, right] * (x - left)
            out[row, column] = upper * (1 - y + top) + lower * (y - top)
    return out.round()


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return write_yolox(tmp_path_factory.mktemp("yolox") / "tiny.onnx")


@pytest.fixture
def detector(tiny):
    return load_detector(weights=str(tiny), selection=ANY)


def test_it_is_a_detector(detector):
    assert isinstance(detector, Detector)


def test_objects_are_those_of_the_network_alone(tiny):
    # Both sides of this picture are the network's, so nothing is resized.
    pixels = picture(SIDE, SIDE)
    scene = load_detector(weights=str(tiny), selection=ANY).detect(pixels)
    reference = candidates(tiny, pixels, side=SIDE, grid=cells())
    assert len(scene.objects) > 5
    for thing in scene.objects:
        nearest = min(
            (np.abs(box - thing.box).max() + abs(score - thing.score) + (COCO[kind] != thing.label))
            for box, score, kind in reference
        )
        assert nearest < 1e-3
    best = max(score for box, score, _ in reference if (box[2:] - box[:2]).min() > 0.01)
    assert scene.objects[0].score == pytest.approx(best, abs=1e-3)


def test_an_export_that_decodes_sees_the_same(tiny, tmp_path):
    decoded = write_yolox(tmp_path / "decoded.onnx", decoded=True)
    first, second = (
        load_detector(weights=str(path), selection=ANY).detect(picture())
        for path in (tiny, decoded)
    )
    assert [o.label for o in first.objects] == [o.label for o in second.objects]
    for one, other in zip(first.objects, second.objects, strict=True):
        np.testing.assert_allclose(one.box, other.box, atol=1e-3)
    np.testing.assert_allclose(first.appearance, second.appearance, atol=1e-5)


def test_the_pyramid_is_what_the_stems_read(tiny):
    opened = open_pyramid(tiny)
    session = onnxruntime.InferenceSession(opened.model, providers=["CPUExecutionProvider"])
    values = np.random.default_rng(0).random((1, 3, SIDE, SIDE), np.float32)
    shapes = [each.shape for each in session.run(list(opened.levels), {"images": values})]
    sides = (8, 4, 2)
    assert shapes == [(1, width, side, side) for width, side in zip(WIDTHS, sides, strict=True)]
    assert not opened.decoded


def test_appearance_is_pooled_from_the_pyramid(detector):
    scene = detector.detect(picture())
    assert scene.appearance.shape == (len(scene.objects), sum(WIDTHS))
    assert scene.appearance.dtype == np.float32


def test_a_gray_picture_looks_alike_wherever_the_box_is(detector):
    scene = detector.detect(np.full((SIDE, SIDE, 3), 200, np.uint8))
    np.testing.assert_allclose(
        scene.appearance, np.broadcast_to(scene.appearance[0], scene.appearance.shape), rtol=1e-4
    )


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (3, 4000), (64, 64), (200, 90)])
def test_a_picture_of_any_shape_is_seen(detector, size):
    scene = detector.detect(picture(*size))
    assert scene.size == (size[1], size[0])
    for thing in scene.objects:
        x0, y0, x1, y1 = thing.box
        assert 0 <= x0 < x1 <= size[1]
        assert 0 <= y0 < y1 <= size[0]


def test_boxes_are_in_pixels_of_the_picture(detector):
    small = picture(32, 32)
    large = small.repeat(2, axis=0).repeat(2, axis=1)
    # At 64 x 64 the large one goes in as it is, and the small one is blown up to it.
    first, second = detector.detect(small), detector.detect(large)
    assert first.size == (32, 32)
    assert max(o.box[2] for o in first.objects) <= 32 < max(o.box[2] for o in second.objects)


def test_settings_tell_networks_and_choices_apart(tiny, tmp_path):
    other = write_yolox(tmp_path / "other.onnx", seed=1)
    settings = [
        load_detector(weights=str(tiny)).settings,
        load_detector(weights=str(tiny)).settings,
        load_detector(weights=str(other)).settings,
        load_detector(weights=str(tiny), selection=ANY).settings,
    ]
    assert settings[0] == settings[1]
    assert len({str(sorted(each.items())) for each in settings}) == 3


def test_classes_may_be_ones_own(tmp_path):
    path = write_yolox(tmp_path / "two.onnx", classes=2)
    with pytest.raises(ValueError, match=r"two\.onnx: has 2 classes, but 80 names are known"):
        load_detector(weights=str(path))
    detector = load_detector(weights=str(path), classes=["cup", "jug"], selection=ANY)
    assert {o.label for o in detector.detect(picture()).objects} <= {"cup", "jug"}


def test_what_is_no_yolox_is_one_line(tmp_path):
    noise = tmp_path / "noise.onnx"
    noise.write_bytes(b"\x00\xff not a network" * 9)
    with pytest.raises(ValueError, match=r"noise\.onnx: not an ONNX network") as caught:
        load_detector(weights=str(noise))
    assert "\n" not in str(caught.value)

    plain = tmp_path / "plain.onnx"
    value = onnx.helper.make_tensor_value_info
    node = onnx.helper.make_node("Relu", ["images"], ["output"])
    graph = onnx.helper.make_graph(
        [node], "g", [value("images", 1, [1, 3, 8, 8])], [value("output", 1, [1, 3, 8, 8])]
    )
    onnx.save(onnx.helper.make_model(graph), str(plain))
    with pytest.raises(ValueError, match=r"plain\.onnx: no YOLOX head found"):
        load_detector(weights=str(plain))


def test_an_unknown_kind_names_the_nearest():
    with pytest.raises(ValueError, match="unknown detector 'yolo'; did you mean 'yolox'"):
        load_detector("yolo")


@pytest.fixture(scope="module")
def nano(shared):
    return shared / "models" / "yolox_nano.onnx"


def photo(shared, name):
    return np.asarray(Image.open(shared / "images" / name).convert("RGB"))


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("pets.jpg", ["dog", "dog"]),
        ("astronaut.jpg", ["person"]),
        ("coffee.jpg", ["cup", "dining table"]),
        ("grace_hopper.jpg", ["person", "tie"]),
        ("rocket.jpg", []),
    ],
)
def test_photographs_show_what_they_show(shared, nano, name, labels):
    scene = load_detector(weights=str(nano)).detect(photo(shared, name))
    assert [thing.label for thing in scene.objects] == labels
    assert scene.appearance.shape == (len(labels), 64 + 128 + 256)


def test_a_real_network_agrees_with_a_plain_reading_of_it(shared, nano):
    pixels = photo(shared, "pets.jpg")
    grid = [(x, y, s) for s in (8, 16, 32) for y in range(416 // s) for x in range(416 // s)]
    # This picture is 512 x 430; at 416 x 416 nothing needs to be resized.
    pixels = np.ascontiguousarray(pixels[:416, 50:466])
    reference = candidates(nano, pixels, side=416, grid=grid)
    scene = load_detector(weights=str(nano)).detect(pixels)
    assert len(scene.objects) == 2
    for thing in scene.objects:
        assert any(
            np.abs(box - thing.box).max() < 1e-3
            and abs(score - thing.score) < 1e-3
            and COCO[kind] == thing.label
            for box, score, kind in reference
        )
