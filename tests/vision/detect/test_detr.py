import json

import numpy as np
import pytest
import torch
from transformers import (
    AutoImageProcessor,
    AutoModelForObjectDetection,
    DetrConfig,
    DetrForObjectDetection,
    ResNetConfig,
    RTDetrConfig,
    RTDetrForObjectDetection,
    RTDetrResNetConfig,
)

from jmere.vision.detect.boxes import Selection
from jmere.vision.detect.detector import Detector, load_detector

ANY = Selection(min_score=0.0, min_side=0.0, nms_iou=1.0, cross_class_iou=1.0, objects=100)
WIDTHS = [8, 12, 16, 20]


def save_detr(folder):
    backbone = ResNetConfig(
        embedding_size=8, hidden_sizes=WIDTHS, depths=[1] * 4, layer_type="basic",
        out_features=["stage4"],
    )  # fmt: skip
    config = DetrConfig(
        use_timm_backbone=False, backbone=None, use_pretrained_backbone=False,
        backbone_config=backbone, d_model=16, encoder_layers=1, decoder_layers=1,
        encoder_attention_heads=2, decoder_attention_heads=2, encoder_ffn_dim=16,
        decoder_ffn_dim=16, num_queries=7, id2label={0: "man", 1: "bat", 2: "ball"},
    )  # fmt: skip
    DetrForObjectDetection(config).save_pretrained(folder)
    write_processor(folder, "DetrImageProcessor", {"shortest_edge": 64, "longest_edge": 128})


def save_rt_detr(folder):
    backbone = RTDetrResNetConfig(
        embedding_size=8, hidden_sizes=WIDTHS, depths=[1] * 4, layer_type="basic",
        out_features=["stage2", "stage3", "stage4"],
    )  # fmt: skip
    config = RTDetrConfig(
        backbone_config=backbone, encoder_hidden_dim=16, encoder_in_channels=WIDTHS[1:],
        encoder_ffn_dim=16, encoder_attention_heads=2, d_model=16, num_queries=7,
        decoder_in_channels=[16] * 3, decoder_ffn_dim=16, decoder_layers=1,
        decoder_attention_heads=2, num_denoising=0, id2label={0: "man", 1: "bat", 2: "ball"},
    )  # fmt: skip
    RTDetrForObjectDetection(config).save_pretrained(folder)
    write_processor(folder, "RTDetrImageProcessor", {"height": 64, "width": 64})


def write_processor(folder, kind, size):
    value = {"image_processor_type": kind, "size": size, "do_resize": True}
    (folder / "preprocessor_config.json").write_text(json.dumps(value), encoding="utf-8")


@pytest.fixture(scope="module", params=[save_detr, save_rt_detr])
def folder(request, tmp_path_factory):
    torch.manual_seed(0)
    made = tmp_path_factory.mktemp("detr")
    request.param(made)
    return made


def picture(height=60, width=90):
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_objects_are_those_of_the_network_alone(folder):
    detector = load_detector("detr", weights=str(folder), selection=ANY)
    assert isinstance(detector, Detector)
    scene = detector.detect(picture())

    network = AutoModelForObjectDetection.from_pretrained(folder).eval()
    processor = AutoImageProcessor.from_pretrained(folder, backend="pil")
    with torch.inference_mode():
        output = network(**processor(images=picture(), return_tensors="pt"))
    (reference,) = processor.post_process_object_detection(
        output, threshold=0.0, target_sizes=[(60, 90)]
    )
    boxes = reference["boxes"].numpy().clip(0, [90, 60, 90, 60])
    assert scene.objects
    for thing in scene.objects:
        same = np.abs(boxes - thing.box).max(axis=1) + np.abs(
            reference["scores"].numpy() - thing.score
        )
        row = int(same.argmin())
        assert same[row] < 1e-3
        assert thing.label == ("man", "bat", "ball")[int(reference["labels"][row])]


def test_appearance_is_pooled_from_the_backbone(folder):
    scene = load_detector("detr", weights=str(folder), selection=ANY).detect(picture())
    assert len(scene.appearance) == len(scene.objects)
    assert scene.appearance.shape[1] in (sum(WIDTHS), sum(WIDTHS[1:]), WIDTHS[-1])
    assert np.isfinite(scene.appearance).all()
    assert scene.appearance.std() > 0


def test_a_picture_after_another_is_seen_as_if_alone(folder):
    detector = load_detector("detr", weights=str(folder), selection=ANY)
    first = detector.detect(picture())
    detector.detect(picture(80, 40))
    again = detector.detect(picture())
    assert again.objects == first.objects
    np.testing.assert_array_equal(again.appearance, first.appearance)


def test_what_is_no_detector_is_one_line(tmp_path):
    with pytest.raises(FileNotFoundError, match="nobody/nothing: no detector found") as caught:
        load_detector("detr", weights="nobody/nothing")
    assert "\n" not in str(caught.value)
    (tmp_path / "config.json").write_text('{"model_type": "bert"}', encoding="utf-8")
    with pytest.raises(ValueError, match="not a detector of the DETR family") as caught:
        load_detector("detr", weights=str(tmp_path))
    assert "\n" not in str(caught.value)


def test_names_must_be_as_many_as_classes(folder):
    with pytest.raises(ValueError, match="has 3 classes, but 1 names"):
        load_detector("detr", weights=str(folder), classes=["one"])
