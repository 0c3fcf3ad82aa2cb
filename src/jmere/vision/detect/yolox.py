"""YOLOX (Ge et al. 2021, arXiv 2107.08430) from any ONNX export, with onnxruntime."""

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
from jmere.vision.detect.detector import Size, scene_of
from jmere.vision.detect.onnx_network import open_session
from jmere.vision.detect.pooling import pool_boxes
from jmere.vision.detect.pyramid import YoloxExport, open_pyramid
from jmere.vision.detect.resize import resize

DEFAULT = "yolox-nano"
GRAY = 114
"""Padding value of YOLOX's training images."""
ANY_SIDE = 640
"""Input size for exports with a dynamic input."""


class Yolox:
    """YOLOX network with its class names."""

    def __init__(
        self,
        session: Any,
        opened: YoloxExport,
        *,
        classes: Sequence[str],
        selection: Selection,
        settings: Mapping[str, object],
    ) -> None:
        self.session, self.opened = session, opened
        self.classes, self.selection = tuple(classes), selection
        self.settings = settings
        entry = session.get_inputs()[0]
        self.input: str = entry.name
        height, width = entry.shape[2:]
        self.height = height if isinstance(height, int) else ANY_SIDE
        self.width = width if isinstance(width, int) else ANY_SIDE
        self.number = np.float16 if entry.type == "tensor(float16)" else np.float32

    @classmethod
    def load(
        cls,
        weights: str | None,
        *,
        classes: Sequence[str] | None,
        selection: Selection,
    ) -> Yolox:
        """Load an export; see ``load_detector``."""
        path = find_weights(weights or DEFAULT)
        opened = open_pyramid(path)
        session = open_session(opened.model, path)
        width = session.get_outputs()[0].shape[-1]
        names = class_names(path, width - 5 if isinstance(width, int) else None, classes)
        settings = {
            "detector": "yolox",
            "weights": sha256_of(path),
            "classes": names,
            **asdict(selection),
        }
        return cls(session, opened, classes=names, selection=selection, settings=settings)

    def prepare(self, pixels: Pixels) -> NDArray[Any]:
        """Resize an image to the input, keeping its aspect ratio, padded at the bottom right.

        Channels are BGR and values 0 to 255, as in YOLOX's training.
        """
        height, width = pixels.shape[:2]
        scale = self._scale((width, height))
        small = resize(pixels, max(1, int(width * scale)), max(1, int(height * scale)))
        values = np.full((1, 3, self.height, self.width), GRAY, self.number)
        values[0, :, : small.shape[0], : small.shape[1]] = small[:, :, ::-1].transpose(2, 0, 1)
        return values

    def detect(self, pixels: Pixels) -> SceneGraph:
        """Detect objects; see ``Detector``."""
        size = pixels.shape[1], pixels.shape[0]
        names = [self.opened.output, *self.opened.levels]
        outputs = self.session.run(names, {self.input: self.prepare(pixels)})
        rows, *maps = (each[0].astype(np.float32, copy=False) for each in outputs)
        corners, scores, classes = self._candidates(rows, maps)
        scale = np.float32(self._scale(size))
        boxes, kept = self.selection.choose(corners / scale, scores, classes, size)
        frame = np.array([self.width, self.height] * 2, np.float32)
        return scene_of(
            [self.classes[classes[row]] for row in kept],
            boxes,
            scores[kept],
            size,
            pool_boxes(maps, boxes * scale / frame),
        )

    def _scale(self, size: Size) -> float:
        return min(self.width / size[0], self.height / size[1])

    def _candidates(
        self, rows: FloatArray, maps: Sequence[FloatArray]
    ) -> tuple[FloatArray, FloatArray, NDArray[np.int64]]:
        """Return boxes in pixels of the input, scores and classes of candidate objects."""
        # Only a row whose objectness passes can have a score that does.
        likely = np.flatnonzero(rows[:, 4] >= self.selection.threshold)
        found = rows[likely]
        place = found[:, :4] if self.opened.decoded else self._placed(found, likely, maps)
        classes = found[:, 5:].argmax(axis=1)
        scores = found[:, 4] * found[np.arange(len(found)), 5 + classes]
        reach = place[:, 2:] / 2
        corners = np.concatenate([place[:, :2] - reach, place[:, :2] + reach], axis=1)
        return corners, scores, classes

    def _placed(
        self, raw: FloatArray, rows: NDArray[np.intp], maps: Sequence[FloatArray]
    ) -> FloatArray:
        """Convert cell-relative predictions to centres and sides in pixels of the input."""
        ends = np.cumsum([each.shape[1] * each.shape[2] for each in maps])
        level = np.searchsorted(ends, rows, side="right")
        cell = rows - np.concatenate([[0], ends])[level]
        columns = np.array([each.shape[2] for each in maps])[level]
        stride = (self.width / columns).astype(np.float32)[:, None]
        corner = np.stack([cell % columns, cell // columns], axis=1).astype(np.float32)
        with np.errstate(over="ignore"):
            sides = np.exp(raw[:, 2:4]) * stride
        placed: FloatArray = np.concatenate([(raw[:, :2] + corner) * stride, sides], axis=1)
        return placed
