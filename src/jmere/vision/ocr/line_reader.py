"""Lines of words in a picture, read by RapidOCR with the models of its package."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from jmere.errors import one_line, require
from jmere.records import Box, Pixels, SceneGraph, SceneObject
from jmere.vision.detect.boxes import Selection, intersection_over_union

OCR = "ocr"
"""Name of the reader among the detectors."""

MAX_LINES = 200
"""Maximum number of lines of a picture."""

_MIN_SCORE = 0.7
_MIN_LETTERS = 2
"""A line of fewer letters and digits is mostly no text: an arch read as A, a star."""

_MAX_SHAPE = 4
"""Maximum ratio of the sides of a picture that the engine is given."""

_SAME_IOU = 0.5
"""IoU from which two lines with the same words are one, read twice."""

_MODELS = {"Det": "*_det_*.onnx", "Cls": "*_cls_*.onnx", "Rec": "*_rec_*.onnx"}


class LineReader:
    """Reads the words of pictures; a detector whose objects are lines.

    The models come with the package ``rapidocr``; nothing is downloaded. Letters are Latin and
    Chinese.
    """

    def __init__(
        self, engine: Any, *, selection: Selection, settings: Mapping[str, object]
    ) -> None:
        """Store the engine; ``load`` makes one."""
        self._engine, self._selection, self.settings = engine, selection, settings
        self._one_at_a_time = Lock()  # the engine keeps options of a call

    @classmethod
    def load(
        cls,
        weights: str | None = None,
        *,
        classes: Sequence[str] | None = None,
        selection: Selection | None = None,
    ) -> LineReader:
        """Load the models of the package.

        Raises:
            MissingExtraError: If ``rapidocr`` is not installed.
            FileNotFoundError: If a model is not in its package; none is downloaded.
            ValueError: If there are weights or classes, which it has of its own, or the models
                cannot be loaded.
        """
        if weights is not None or classes is not None:
            raise ValueError("the detector 'ocr' has its own weights and no classes; give neither")
        rapidocr = require("rapidocr", "ocr", "reading words in pictures")
        models = packaged_models()
        try:
            engine = rapidocr.RapidOCR(params=_parameters(models))
            engine(np.zeros((32, 32, 3), np.uint8))  # loads the first model
        except Exception as error:  # of onnxruntime, omegaconf and its own
            raise ValueError(f"rapidocr: cannot be loaded ({one_line(error)})") from None
        chosen = (selection or Selection()).with_score(_MIN_SCORE)
        settings: dict[str, object] = {
            "detector": OCR,
            "models": [path.name for path in models.values()],
            "version": _version(),
            "min_score": chosen.threshold,
        }
        return cls(engine, selection=chosen, settings=settings)

    def detect(self, pixels: Pixels) -> SceneGraph:
        """Return the lines from top to bottom: objects with the words as label, box and score.

        Boxes are upright and in pixels of the picture. A line that is read twice is one object.
        """
        height, width = pixels.shape[:2]
        with self._one_at_a_time:
            found = self._engine(_padded(pixels[:, :, ::-1]))
        if found.boxes is None or found.txts is None:
            return SceneGraph(size=(width, height))
        lines = [
            SceneObject(" ".join(text.split()), _upright(corners, width, height), float(score))
            for corners, text, score in zip(found.boxes, found.txts, found.scores, strict=True)
            if float(score) >= self._selection.threshold and _is_text(text)
        ]
        return SceneGraph(tuple(_distinct(lines)[:MAX_LINES]), size=(width, height))


def packaged_models() -> dict[str, Path]:
    """Return the models that ``rapidocr`` brings: detection, direction and recognition.

    Raises:
        FileNotFoundError: If one is missing, or has no alphabet and would fetch one.
    """
    spec = find_spec("rapidocr")
    folder = Path((spec and spec.origin) or "rapidocr").parent / "models"
    found = {part: sorted(folder.glob(pattern)) for part, pattern in _MODELS.items()}
    for part, paths in found.items():
        if not paths:
            raise FileNotFoundError(
                f"{folder}: no {_MODELS[part]}; reinstall rapidocr, whose package brings its "
                "models (none is downloaded)"
            )
    models = {part: paths[0] for part, paths in found.items()}
    if b"character" not in models["Rec"].read_bytes():
        raise FileNotFoundError(
            f"{models['Rec']}: has no alphabet; install rapidocr 3.10 (none is downloaded)"
        )
    return models


def _parameters(models: Mapping[str, Path]) -> dict[str, object]:
    """Return the settings of the engine: a model that is given is never looked for elsewhere."""
    return {
        "Global.log_level": "critical",
        "EngineConfig.onnxruntime.intra_op_num_threads": 1,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        **{f"{part}.model_path": str(path) for part, path in models.items()},
    }


def _padded(pixels: Pixels) -> Pixels:
    """Return the picture, a narrow one with a margin at the right or below.

    The engine enlarges each picture until its shorter side is 736 pixels.
    """
    height, width = pixels.shape[:2]
    least = -(-max(height, width) // _MAX_SHAPE)
    margins = ((0, max(0, least - height)), (0, max(0, least - width)), (0, 0))
    return np.ascontiguousarray(np.pad(pixels, margins, mode="edge"))


def _version() -> str:
    from importlib.metadata import version

    return version("rapidocr")


def _upright(corners: Any, width: int, height: int) -> Box:
    """Return the upright box around four corners, inside the picture."""
    x, y = np.asarray(corners, np.float64).T
    return (
        float(x.min().clip(0, width)),
        float(y.min().clip(0, height)),
        float(x.max().clip(0, width)),
        float(y.max().clip(0, height)),
    )


def _is_text(text: str) -> bool:
    return sum(map(str.isalnum, text)) >= _MIN_LETTERS


def _distinct(lines: Sequence[SceneObject]) -> list[SceneObject]:
    """Return the lines without those that repeat a surer one at the same place."""
    kept: list[SceneObject] = []
    for line in sorted(lines, key=lambda each: -(each.score or 0)):
        if not any(_repeats(line, other) for other in kept):
            kept.append(line)
    return [line for line in lines if line in kept]


def _repeats(line: SceneObject, other: SceneObject) -> bool:
    if line.label.casefold() != other.label.casefold():
        return False
    boxes = (np.array([each.box], np.float32) for each in (line, other))
    return bool(intersection_over_union(*boxes)[0, 0] >= _SAME_IOU)
