"""Interface of detectors and the registry of their families."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, Protocol, runtime_checkable

import numpy as np

from jmere.errors import nearest, require
from jmere.pretrained.detectors import find_weights
from jmere.records import FloatArray, Pixels, SceneGraph, SceneObject
from jmere.vision.detect.boxes import Selection

_KINDS = {
    "picodet": "jmere.vision.detect.picodet:PicoDet",
    "yolox": "jmere.vision.detect.yolox:Yolox",
    "detr": "jmere.vision.detect.detr:Detr",
    "maskrcnn": "jmere.vision.detect.maskrcnn:MaskRcnn",
    "captioner": "jmere.vision.captioner:Captioner",
    "ocr": "jmere.vision.ocr.line_reader:LineReader",
}
"""Module and class of each family; other packages may register their own here."""

AUTO = "auto"
"""The kind that means PicoDet or YOLOX, whichever the weights are."""

_ONNX = ("the detector", "vision", ("onnx", "PIL.Image"))

_NEEDS = {
    **dict.fromkeys((AUTO, "picodet", "yolox"), _ONNX),
    "detr": ("the DETR detector", "detr", ("torch", "transformers", "PIL.Image")),
    "captioner": ("the captioner", "captioner", ("torch", "transformers", "PIL.Image")),
    "ocr": ("reading words in pictures", "ocr", ("rapidocr", "PIL.Image")),
    "maskrcnn": ("Mask R-CNN", "maskrcnn", ("torch", "torchvision", "PIL.Image")),
}
"""Name, extra and libraries of the families, looked for before the weights are."""


Size = tuple[int, int]
"""Width and height in pixels."""


@runtime_checkable
class Detector(Protocol):
    """Interface of object detectors; must be thread-safe."""

    @property
    def settings(self) -> Mapping[str, object]:
        """Return everything that affects the detections: weights and selection."""

    def detect(self, pixels: Pixels) -> SceneGraph:
        """Detect objects, sorted by descending score, without relations.

        Boxes are in pixels of the image; ``appearance`` has one row per object, from the
        network's feature maps.
        """


def scene_of(
    labels: Sequence[str], boxes: FloatArray, scores: FloatArray, size: Size, appearance: FloatArray
) -> SceneGraph:
    """Build a scene graph of objects without relations, from one row per object."""
    objects = tuple(
        SceneObject(label, (x0, y0, x1, y1), score)
        for label, (x0, y0, x1, y1), score in zip(
            labels, boxes.tolist(), scores.tolist(), strict=True
        )
    )
    return SceneGraph(objects, size=size, appearance=appearance.astype(np.float32, copy=False))


def load_detector(
    kind: str = AUTO,
    *,
    weights: str | None = None,
    classes: Sequence[str] | None = None,
    selection: Selection | None = None,
) -> Detector:
    """Load a detector.

    Args:
        kind: ``picodet`` or ``yolox`` (onnxruntime), ``auto`` (of these two the one that the
            weights are; without weights PicoDet), ``detr`` (its whole family, by transformers)
            or ``maskrcnn`` (torchvision); ``ocr`` (rapidocr), whose objects are lines of words.
        weights: A file or folder; or a name of ``jmere weights list`` for ``picodet`` and
            ``yolox``, a hub id for ``detr``. Absent, the kind's own default.
        classes: Names of the classes, in the network's order, where its file has none.
        selection: Which boxes become objects.

    Raises:
        ValueError: If there is no such kind, or the weights are not of it.
        FileNotFoundError: If the weights are not here and cannot be fetched.
        MissingExtraError: If the library of the kind is not installed.
    """
    if kind != AUTO and kind not in _KINDS:
        raise ValueError(f"unknown detector {kind!r}; {nearest(kind, (AUTO, *_KINDS))}")
    purpose, extra, libraries = _NEEDS.get(kind, (kind, kind, ()))
    for library in libraries:
        require(library, extra, purpose)
    if kind == AUTO:
        kind = _kind_of(weights)
    module, _, name = _KINDS[kind].partition(":")
    made: Any = getattr(import_module(module), name)
    detector: Detector = made.load(weights, classes=classes, selection=selection or Selection())
    return detector


def _kind_of(weights: str | None) -> str:
    """Return the family of an ONNX file: PicoDet has outputs for each level, YOLOX has one."""
    if weights is None:
        return "picodet"
    from jmere.vision.detect.onnx_network import read_network

    return "picodet" if len(read_network(find_weights(weights)).graph.output) > 1 else "yolox"
