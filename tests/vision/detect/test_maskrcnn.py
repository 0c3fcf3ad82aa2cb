import numpy as np
import pytest
import torch

from jmere.errors import MissingExtraError
from jmere.vision.detect.boxes import Selection
from jmere.vision.detect.detector import Detector, load_detector

ANY = Selection(min_score=0.0, min_side=0.0, nms_iou=1.0, cross_class_iou=1.0, objects=5)


@pytest.fixture(scope="module")
def models():
    try:
        import torchvision.models.detection as models
    except (ImportError, RuntimeError) as error:  # it breaks beside a torch of another build
        pytest.skip(f"needs torchvision ({error})")
    return models


@pytest.fixture(scope="module")
def weights(models, tmp_path_factory):
    torch.manual_seed(0)
    network = models.maskrcnn_resnet50_fpn_v2(weights=None, weights_backbone=None, num_classes=4)
    path = tmp_path_factory.mktemp("maskrcnn") / "weights.pth"
    torch.save(network.state_dict(), path)
    return path


@pytest.fixture(scope="module")
def detector(weights):
    names = ["__background__", "man", "bat", "ball"]
    made = load_detector("maskrcnn", weights=str(weights), classes=names, selection=ANY)
    made.network.transform.min_size = (96,)  # so that a test takes a second
    return made


def picture():
    return np.random.default_rng(0).integers(0, 256, (60, 90, 3), dtype=np.uint8)


def test_objects_are_those_of_the_network_alone(detector):
    assert isinstance(detector, Detector)
    scene = detector.detect(picture())
    with torch.inference_mode():
        (found,) = detector.network([torch.from_numpy(picture().transpose(2, 0, 1)) / 255])
    assert len(scene.objects) == 5
    for row, thing in enumerate(scene.objects):
        np.testing.assert_allclose(thing.box, found["boxes"][row], atol=1e-3)
        assert thing.score == pytest.approx(float(found["scores"][row]), abs=1e-3)
        assert thing.label == detector.classes[found["labels"][row]]


def test_appearance_is_what_the_box_head_makes_of_a_box(detector):
    scene = detector.detect(picture())
    assert scene.appearance.shape == (5, 1024)
    assert scene.appearance.std() > 0


def test_other_weights_are_one_line(models, tmp_path):
    torch.save({"layer": torch.zeros(1)}, tmp_path / "other.pth")
    with pytest.raises(ValueError, match="not weights of this network") as caught:
        load_detector("maskrcnn", weights=str(tmp_path / "other.pth"))
    assert "\n" not in str(caught.value)
    with pytest.raises(FileNotFoundError, match="no such weights file"):
        load_detector("maskrcnn", weights=str(tmp_path / "nowhere.pth"))


def test_without_its_library_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "torchvision", None)
    monkeypatch.setitem(__import__("sys").modules, "torchvision.models.detection", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'jmere\[maskrcnn\]'"):
        load_detector("maskrcnn")
