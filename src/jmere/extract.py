"""The way in for users: posts in, quintuples out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

import torch

from jmere.predict import extraction, predict
from jmere.records import Extraction, Post, SceneGraph
from jmere.tagger import Tagger
from jmere.text.words import words_of
from jmere.vision.pixels import PixelScenes, VisionConfig
from jmere.vision.sources import Sight

PIXELS = VisionConfig()

CHUNK = 8
"""Batches' worth of posts that are read ahead, so that posts of one length meet."""


def chunk_size(batch_size: int) -> int:
    """How many posts are read together; where a stream is continued, results stay the same."""
    return CHUNK * batch_size


class Extractor:
    """Extracts quintuples from posts, one at a time or as a stream of any length."""

    def __init__(self, tagger: Tagger) -> None:
        self.tagger = tagger

    @classmethod
    def from_pretrained(
        cls,
        name: str | Path = "default",
        *,
        device: str | torch.device = "cpu",
        parser: str | None = None,
        scenes: Mapping[str, SceneGraph] | None = None,
        images: str | Path | None = None,
        vision: VisionConfig | None = PIXELS,
    ) -> Extractor:
        """Load a model: the bundled one, a folder's, or a hub id's.

        A post's picture is looked at where nothing else gives its visual graph: a path,
        the bytes of a file, a Pillow image or an array. What pictures need is loaded when
        the first one comes; where it is not here, posts go on without, and say so.

        Args:
            name: ``default``, a model folder or a hub id.
            device: Where to compute, such as ``cuda``.
            parser: A spaCy model in place of the one the model was trained with.
            scenes: Visual graphs by image file name (``jmere.vision.files.read_scenes``).
            images: Folder of the posts' pictures, which their paths may then not leave.
            vision: How pictures are looked at; ``None`` leaves them alone.

        Raises:
            FileNotFoundError: If there is no such model, or a file of it is missing.
            ValueError: If the folder holds no model of ours, or a damaged one, or there is no
                such device.
        """
        tagger = Tagger.from_pretrained(name, parser=parser)
        try:
            tagger.network.to(device)
        except (RuntimeError, AssertionError) as error:
            reason = str(error).splitlines()[0]
            raise ValueError(f"device {str(device)!r} is not to be had: {reason}") from None
        pixels = None if vision is None else PixelScenes(vision, folder=images)
        tagger.use_scenes(scenes, pixels=pixels)
        return cls(tagger)

    def extract(self, post: Post) -> Extraction:
        """The quintuples of one post."""
        return next(self.stream([post], batch_size=1))

    def stream(self, posts: Iterable[Post], *, batch_size: int = 64) -> Iterator[Extraction]:
        """The quintuples of each post, in order; some hundred posts are held at a time.

        Raises:
            ValueError: If ``batch_size`` is not positive.
        """
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, got {batch_size}")
        posts = iter(posts)
        while chunk := list(islice(posts, chunk_size(batch_size))):
            yield from self._extract(chunk, None, batch_size)

    def extract_with(
        self, posts: Sequence[Post], scenes: Sequence[SceneGraph], *, batch_size: int = 64
    ) -> list[Extraction]:
        """The quintuples of each post, its visual graph given beside it."""
        return list(self._extract(posts, scenes, batch_size))

    def _extract(
        self, posts: Sequence[Post], scenes: Sequence[SceneGraph] | None, batch_size: int
    ) -> Iterator[Extraction]:
        prepare = self.tagger.prepare
        texts = [prepare.windows(words_of(post)) for post in posts]
        sights = prepare.scenes.look(posts) if scenes is None else [Sight(each) for each in scenes]
        owners = [index for index, windows in enumerate(texts) for _ in windows]
        ready = prepare(
            [posts[index] for index in owners],
            words=[window for windows in texts for window in windows],
            scenes=[sights[index].scene for index in owners],
        )
        found = iter(predict(self.tagger, ready, batch_size=batch_size))
        for post, windows, sight in zip(posts, texts, sights, strict=True):
            warnings = [] if sight.warning is None else [sight.warning]
            yield extraction(post, list(islice(found, len(windows))), warnings=warnings)
