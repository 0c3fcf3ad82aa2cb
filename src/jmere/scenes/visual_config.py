"""Where the scene graphs of posts come from, and which of them a model is shown."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from jmere.errors import nearest, short_repr
from jmere.records import SceneGraph
from jmere.scenes.combine import DEFAULT_OBJECTS
from jmere.scenes.control import VISUALS, Visual
from jmere.scenes.files.scene_files import read_scenes
from jmere.scenes.sources.described import Descriptions
from jmere.scenes.sources.from_caption import CaptionParser, FromCaption
from jmere.scenes.sources.from_files import FromFiles
from jmere.scenes.sources.from_pixels import FromPixels, PixelReader
from jmere.scenes.sources.from_words import FromWords
from jmere.scenes.sources.given import Given
from jmere.scenes.sources.search import SceneSource, SceneSources
from jmere.vision.captioner import CAPTIONER
from jmere.vision.ocr.line_reader import OCR
from jmere.vision.pixels import PixelScenes, VisionConfig


@dataclass(frozen=True, kw_only=True)
class VisualConfig:
    """Where the scene graphs of posts come from, and which of them a model is shown.

    The same settings are the part ``visual`` of a run file, options of the command line, and an
    argument of ``Extractor.from_pretrained``.

    Example:
        >>> from jmere import Extractor, Post
        >>> post = Post("Grace Hopper joins the US Navy", alt_text="a woman and a man on a ship")
        >>> for config in (VisualConfig(), VisualConfig(objects=2), VisualConfig(shown="none")):
        ...     scene = Extractor.from_pretrained(visual=config)(post).scene_graph
        ...     print([each.label for each in scene.objects])
        ['woman', 'man', 'ship']
        ['woman', 'man']
        []
    """

    scenes: str | Path | None = None
    """Scene graphs by image: the toolkit's folder, or a file in the authors' release form."""
    features: str | Path | None = None
    """Appearance vectors of the images of a release file (.npy, .npz, .h5)."""
    images: str | Path | None = None
    """Folder of the posts' pictures; the pixels are read where no other source has a graph."""
    detector: str | None = "auto"
    """Object detector for those pictures: picodet, yolox, detr, maskrcnn, or auto: PicoDet, unless
    the weights are YOLOX's; ``null`` detects nothing."""
    weights: str | Path | None = None
    """Detector weights: a file, a folder, a known name or a Hub id."""
    ocr: bool = False
    """Read the words in those pictures (extra ``ocr``); the tallest lines become objects."""
    captioner: str | None = None
    """Hub id or folder of a model that describes the pictures of posts without ``alt_text``."""
    objects: int | None = None
    """Maximum number of objects of a post (k); default: the model's, which is 10 unless it was
    trained with another number."""
    shown: Visual = "real"
    """Show the posts' own scene graphs, none, or other posts' (a control), in dev too."""

    def __post_init__(self) -> None:
        for name in ("scenes", "features", "images", "weights"):
            if isinstance(path := getattr(self, name), os.PathLike):
                object.__setattr__(self, name, os.fspath(path))
        if self.features is not None and self.scenes is None:
            raise ValueError("visual.features requires visual.scenes")
        if self.objects is not None and self.objects < 0:
            raise ValueError(f"visual.objects must not be negative, got {self.objects}")
        if self.shown not in VISUALS:
            known = nearest(str(self.shown), VISUALS)
            raise ValueError(f"visual.shown: unknown value {short_repr(self.shown)}; {known}")

    def within_folder(self) -> VisualConfig:
        """Return the config for posts of files, of which only pictures in a named folder are read.

        Without ``images`` it has no detector, no OCR and no captioner.
        """
        if self.images is not None:
            return self
        return replace(self, detector=None, ocr=False, captioner=None)

    def graphs(self, *, objects: int = DEFAULT_OBJECTS) -> Mapping[str, SceneGraph] | None:
        """Read the scene graphs of files, by image name.

        Args:
            objects: Maximum number of objects, if the config has none.

        Raises:
            FileNotFoundError: If a file is missing.
            DataError: If a file is in another form.
        """
        if self.scenes is None:
            return None
        return read_scenes(self.scenes, features=self.features, objects=self.limit(objects))

    def pixels(self) -> PixelScenes | None:
        """Return the reader of pictures, which loads its models with the first one."""
        if self.detector is None:
            return None
        weights = None if self.weights is None else str(self.weights)
        return PixelScenes(
            VisionConfig(detector=self.detector, weights=weights), folder=self.images
        )

    def words(self) -> PixelScenes | None:
        """Return the reader of the words in pictures, if the config has one; it is loaded.

        Raises:
            MissingExtraError: If ``rapidocr`` is not installed.
            FileNotFoundError: If its package lacks a model.
        """
        return self._loaded(OCR) if self.ocr else None

    def captions(self) -> PixelScenes | None:
        """Return the captioner, if the config has one; it is loaded.

        Raises:
            MissingExtraError: If transformers is not installed.
            FileNotFoundError: If there is no such model.
            ValueError: If it is no captioner.
        """
        return self._loaded(CAPTIONER, self.captioner) if self.captioner is not None else None

    def _loaded(self, kind: str, weights: str | None = None) -> PixelScenes:
        # Who asks for it by name hears at once that it is not here, not with every picture.
        reader = PixelScenes(VisionConfig(detector=kind, weights=weights), folder=self.images)
        reader.load()
        return reader

    def sources(
        self,
        parser: CaptionParser,
        *,
        objects: int,
        graphs: Mapping[str, SceneGraph] | None = None,
        pixels: PixelReader | None = None,
        words: PixelReader | None = None,
        captions: PixelReader | None = None,
        more: Iterable[SceneSource] = (),
    ) -> SceneSources:
        """Return the sources of scene graphs, in the order in which they are asked.

        Args:
            parser: Parser of alternative texts.
            objects: Maximum number of objects, if the config has none.
            graphs: Scene graphs by image name, as ``graphs()`` reads them.
            pixels: Reader of pictures, as ``pixels()`` returns it.
            words: Reader of the words in them, as ``words()`` returns it.
            captions: Captioner of posts without a description, as ``captions()`` returns it.
            more: Sources of others, which are asked last.
        """
        found: list[SceneSource] = [Given()]
        if graphs is not None:
            found.append(FromFiles(graphs))
        if pixels is not None:
            found.append(FromPixels(pixels))
        if words is not None:
            found.append(FromWords(words))
        found += [FromCaption(parser), *more]
        if self.shown == "none":
            return SceneSources([], objects=self.limit(objects))
        described = None if captions is None else Descriptions(captions)
        return SceneSources(found, objects=self.limit(objects), descriptions=described)

    def limit(self, objects: int) -> int:
        """Return the maximum number of objects: that of the config, else ``objects``."""
        return objects if self.objects is None else self.objects
