"""Scene graphs from pixels: objects by a detector, relations by pairs, both kept in a cache."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from jmere.errors import MissingExtraError
from jmere.records import SceneGraph
from jmere.vision.cache import SceneCache
from jmere.vision.detect.boxes import Selection
from jmere.vision.detect.detector import Detector, load_detector
from jmere.vision.flawed import Flawed
from jmere.vision.images import open_picture
from jmere.vision.read_ahead import processors, read_ahead
from jmere.vision.relate.relator import Relator

OF_A_PICTURE = (ValueError, OSError, MemoryError, RuntimeError)
"""What one picture may fail with, in being read or in a network, while the others go on."""


@dataclass(frozen=True, kw_only=True)
class VisionConfig:
    """How the scene graph of a picture is made."""

    detector: str = "yolox"
    """Kind of network: yolox, detr or maskrcnn."""
    weights: str | None = None
    """Its weights: a file, a folder, a known name or a hub id; the kind's own if absent."""
    classes: tuple[str, ...] | None = None
    """Names of its classes, where they are not COCO's and its files do not tell."""
    selection: Selection = field(default_factory=Selection)
    unbiased: bool = False
    """Relations by their pair's own evidence (Tang et al. 2020), not by what is common."""
    workers: int = 0
    """Pictures looked at side by side, each by one thread; 0 is as many as processors."""
    cache: bool = True
    """Keep scene graphs in files, by the picture's content and these settings."""


class LoadedVision(NamedTuple):
    """What is loaded once, when the first picture comes."""

    detector: Detector
    relator: Relator
    cache: SceneCache | None


class PixelScenes:
    """Makes scene graphs of pictures: files, bytes, Pillow's images or arrays.

    Detector and relations are loaded when the first picture comes, so that texts alone
    need neither weights nor the libraries of the extra ``vision``.
    """

    def __init__(
        self, config: VisionConfig | None = None, *, folder: str | Path | None = None
    ) -> None:
        """Set up; nothing is loaded yet.

        Args:
            config: How scene graphs are made.
            folder: Where relative paths start, which they may then not leave.
        """
        self.config, self.folder = config or VisionConfig(), folder
        self._parts: LoadedVision | Exception | None = None

    def load(self) -> LoadedVision:
        """Load what pictures need, once.

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
        relator = Relator.load(unbiased=config.unbiased)
        settings = {**detector.settings, **relator.settings}
        return LoadedVision(detector, relator, SceneCache(settings) if config.cache else None)

    def scene(self, picture: Any) -> SceneGraph:
        """The scene graph of one picture.

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
        """The scene graph of each picture in order, or why there is none.

        Some are read and looked at ahead, side by side. Where detector or relations cannot be
        loaded, that is why, unless the picture itself is at fault.
        """
        try:
            parts = self.load()
        except (OSError, ValueError, MissingExtraError) as error:
            yield from (self._fault(picture) or error for picture in pictures)
            return
        workers = self.config.workers or processors()
        for scene in read_ahead(lambda picture: self._see(picture, parts), pictures, workers):
            if isinstance(scene, Exception) and not isinstance(scene, OF_A_PICTURE):
                raise scene
            yield scene

    def _fault(self, picture: Any) -> Exception | None:
        try:
            open_picture(picture, folder=self.folder)
        except (*OF_A_PICTURE, MissingExtraError) as error:
            return error
        return None

    def _see(self, picture: Any, parts: LoadedVision) -> SceneGraph | Flawed:
        opened = open_picture(picture, folder=self.folder)
        scene = None if parts.cache is None else parts.cache.get(opened.digest)
        if scene is None:
            decoded = opened.decode()
            scene = parts.relator.relate(parts.detector.detect(decoded.pixels))
            if decoded.complaints:  # not kept, so that the next run says so too
                return Flawed(scene, f"{opened.name}: {'; '.join(decoded.complaints)}")
            if parts.cache is not None:
                parts.cache.put(opened.digest, scene)
        return scene
