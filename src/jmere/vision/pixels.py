"""Scene graphs from pixels: detected objects and predicted relations, cached."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from jmere.errors import MissingExtraError
from jmere.records import SceneGraph
from jmere.vision.cache import SceneCache
from jmere.vision.captioner import CAPTIONER
from jmere.vision.detect.boxes import Selection
from jmere.vision.detect.detector import Detector, load_detector
from jmere.vision.flawed import Flawed
from jmere.vision.images import open_picture
from jmere.vision.ocr.line_reader import OCR
from jmere.vision.read_ahead import processors, read_ahead
from jmere.vision.relate.relator import Relator

IMAGE_ERRORS = (ValueError, OSError, MemoryError, RuntimeError)
"""Errors of a single image, in reading or inference; other images continue."""


@dataclass(frozen=True, kw_only=True)
class VisionConfig:
    """Configuration of scene graphs from pixels."""

    detector: str = "auto"
    """Detector: picodet, yolox, detr, maskrcnn, or auto: PicoDet,
    unless the weights are YOLOX's."""
    weights: str | None = None
    """Weights: a file, a folder, a known name or a Hub id; default: those of the detector."""
    classes: tuple[str, ...] | None = None
    """Class names, if they are not COCO's and the weights do not name them."""
    selection: Selection = field(default_factory=Selection)
    relations: bool = True
    """Predict relations between the objects; never between lines of words."""
    unbiased: bool = False
    """Predict relations by the pair's own evidence (Tang et al. 2020), without frequency bias."""
    workers: int = 0
    """Number of images processed in parallel, one thread each; 0 means one per processor."""
    cache: bool = True
    """Cache scene graphs on disk, by image content and settings."""


class LoadedVision(NamedTuple):
    """Loaded detector, relation classifier and cache."""

    detector: Detector
    relator: Relator | None
    cache: SceneCache | None


class PixelScenes:
    """Scene graphs of images: files, bytes, Pillow images or arrays.

    Detector and relation classifier are loaded with the first image, so text alone needs neither
    weights nor the extra ``vision``.
    """

    def __init__(
        self, config: VisionConfig | None = None, *, folder: str | Path | None = None
    ) -> None:
        """Store the configuration; nothing is loaded yet.

        Args:
            config: Configuration of the scene graphs.
            folder: Base folder of relative paths; they may not leave it.
        """
        self.config, self.folder = config or VisionConfig(), folder
        self._parts: LoadedVision | Exception | None = None

    def load(self) -> LoadedVision:
        """Load detector, relations and cache, once.

        Raises:
            FileNotFoundError: If weights are not here and cannot be fetched.
            MissingExtraError: If a library is not installed.
            ValueError: If the weights are not of the detector.
        """
        if self._parts is None:
            try:
                self._parts = self._load()
            except (OSError, ValueError, MissingExtraError) as error:
                self._parts = error
        if isinstance(self._parts, Exception):
            raise self._parts
        return self._parts

    def _load(self) -> LoadedVision:
        config = self.config
        detector = load_detector(
            config.detector,
            weights=config.weights,
            classes=config.classes,
            selection=config.selection,
        )
        relates = config.relations and config.detector not in (OCR, CAPTIONER)
        relator = Relator.load(unbiased=config.unbiased) if relates else None
        settings = {
            "detector": detector.settings,
            "relator": None if relator is None else relator.settings,
        }
        return LoadedVision(detector, relator, SceneCache(settings) if config.cache else None)

    def scene(self, picture: Any) -> SceneGraph:
        """Return the scene graph of one image.

        Raises:
            ImageError: If it cannot be read.
            FileNotFoundError: If it, or the detector's weights, are not here.
            MissingExtraError: If a library is not installed.
        """
        (scene,) = self.scenes([picture])
        if isinstance(scene, Flawed):
            return scene.scene
        if isinstance(scene, Exception):
            raise scene
        return scene

    def scenes(self, pictures: Iterable[Any]) -> Iterator[SceneGraph | Flawed | Exception]:
        """Yield the scene graph of each image in order, or the error.

        Images are read and processed ahead, in parallel. If detector or relations cannot be
        loaded, that is the error, unless the image itself is unreadable.
        """
        try:
            parts = self.load()
        except (OSError, ValueError, MissingExtraError) as error:
            yield from (self._fault(picture) or error for picture in pictures)
            return
        workers = self.config.workers or processors()
        for scene in read_ahead(lambda picture: self._see(picture, parts), pictures, workers):
            if isinstance(scene, Exception) and not isinstance(scene, IMAGE_ERRORS):
                raise scene
            yield scene

    def _fault(self, picture: Any) -> Exception | None:
        try:
            open_picture(picture, folder=self.folder)
        except (*IMAGE_ERRORS, MissingExtraError) as error:
            return error
        return None

    def _see(self, picture: Any, parts: LoadedVision) -> SceneGraph | Flawed:
        opened = open_picture(picture, folder=self.folder)
        scene = None if parts.cache is None else parts.cache.get(opened.digest)
        if scene is None:
            decoded = opened.decode()
            scene = parts.detector.detect(decoded.pixels)
            if parts.relator is not None:
                scene = parts.relator.relate(scene)
            if decoded.complaints:  # not kept, so that the next run says so too
                return Flawed(scene, f"{opened.name}: {'; '.join(decoded.complaints)}")
            if parts.cache is not None:
                parts.cache.put(opened.digest, scene)
        return scene
