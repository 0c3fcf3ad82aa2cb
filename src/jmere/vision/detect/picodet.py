"""PicoDet (Yu et al. 2021, arXiv 2111.00902) from an ONNX export without NMS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jmere.files.whole import sha256_of
from jmere.pretrained.detectors import find_weights
from jmere.records import FloatArray, Pixels, SceneGraph
from jmere.vision.detect.boxes import Selection
from jmere.vision.detect.coco import class_names
from jmere.vision.detect.detector import scene_of
from jmere.vision.detect.onnx_network import open_session
from jmere.vision.detect.picodet_export import PicoDetExport, open_picodet
from jmere.vision.detect.pooling import pool_boxes
from jmere.vision.detect.resize import resize

PICODET = "picodet-s"
"""Name of the default weights."""

_MIN_SCORE = 0.4
"""Default minimum score: below it, many boxes are wrong (docs/results/detectors.md)."""

_MEAN = np.array([0.485, 0.456, 0.406], np.float32) * 255
_SPREAD = np.array([0.229, 0.224, 0.225], np.float32) * 255
"""Mean and standard deviation of ImageNet's channels, red first, as in PicoDet's training."""


class PicoDet:
    """PicoDet network with its class names."""

    def __init__(
        self,
        session: Any,
        opened: PicoDetExport,
        *,
        classes: Sequence[str],
        selection: Selection,
        settings: Mapping[str, object],
    ) -> None:
        self.session, self.opened = session, opened
        self.classes, self.selection = tuple(classes), selection
        self.settings = settings

    @classmethod
    def load(
        cls,
        weights: str | None,
        *,
        classes: Sequence[str] | None,
        selection: Selection,
    ) -> PicoDet:
        """Load an export; see ``load_detector``."""
        path = find_weights(weights or PICODET)
        selection = selection.with_score(_MIN_SCORE)
        opened = open_picodet(path)
        names = class_names(path, opened.classes, classes)
        settings = {
            "detector": "picodet",
            "weights": sha256_of(path),
            "classes": names,
            **asdict(selection),
        }
        session = open_session(opened.model, path)
        return cls(session, opened, classes=names, selection=selection, settings=settings)

    def prepare(self, pixels: Pixels) -> FloatArray:
        """Resize an image to the input, both axes apart, and normalise its channels.

        PicoDet is trained on images stretched to the input, without padding.
        """
        width, height = self.opened.size
        small = (resize(pixels, width, height) - _MEAN) / _SPREAD
        return np.ascontiguousarray(small.transpose(2, 0, 1)[None], np.float32)

    def detect(self, pixels: Pixels) -> SceneGraph:
        """Detect objects; see ``Detector``."""
        size = pixels.shape[1], pixels.shape[0]
        opened = self.opened
        names = [*opened.scores, *opened.boxes, *opened.maps]
        outputs = [
            each[0] for each in self.session.run(names, {opened.input: self.prepare(pixels)})
        ]
        levels = len(opened.scores)
        corners, scores, classes = self._candidates(outputs[:levels], outputs[levels : 2 * levels])
        frame = np.array(opened.size * 2, np.float32)
        picture = np.array(size * 2, np.float32)
        boxes, kept = self.selection.choose(corners / frame * picture, scores, classes, size)
        return scene_of(
            [self.classes[classes[row]] for row in kept],
            boxes,
            scores[kept],
            size,
            pool_boxes(outputs[2 * levels :], boxes / picture),
        )

    def _candidates(
        self, scores: Sequence[FloatArray], boxes: Sequence[FloatArray]
    ) -> tuple[FloatArray, FloatArray, NDArray[np.int64]]:
        """Return corners in pixels of the input, scores and classes of candidate objects."""
        corners, best, kinds = [], [], []
        for stride, score, box in zip(self.opened.strides, scores, boxes, strict=True):
            top = score.max(axis=1)
            rows = np.flatnonzero(top >= self.selection.threshold)
            reach = _expected(box[rows].reshape(len(rows), 4, box.shape[1] // 4)) * stride
            columns = -(-self.opened.size[0] // stride)
            centre = (np.stack([rows % columns, rows // columns], axis=1) + 0.5) * stride
            corners.append(np.concatenate([centre - reach[:, :2], centre + reach[:, 2:]], axis=1))
            best.append(top[rows])
            kinds.append(score[rows].argmax(axis=1))
        return (
            np.concatenate(corners).astype(np.float32),
            np.concatenate(best),
            np.concatenate(kinds),
        )


def _expected(logits: FloatArray) -> FloatArray:
    """Return the mean of each distribution over 0, 1, 2, ... (Li et al. 2020, equation 6)."""
    shares = np.exp(logits - logits.max(axis=2, keepdims=True))
    shares /= shares.sum(axis=2, keepdims=True)
    mean: FloatArray = shares @ np.arange(logits.shape[2], dtype=np.float32)
    return mean
