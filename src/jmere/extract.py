"""The way in for users: posts in, quintuples out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import overload

import torch

from jmere.checks import instance, instances, whole
from jmere.errors import short_repr
from jmere.records import Extraction, Post, SceneGraph
from jmere.scenes.sources.search import SceneSource
from jmere.scenes.visual_config import VisualConfig
from jmere.tagger.predict import extract_prepared
from jmere.tagger.tagger import Tagger
from jmere.vision.pixels import PixelScenes, VisionConfig

PIXELS = VisionConfig()

_CHUNK = 8
"""Batches' worth of posts that are read ahead, so that posts of one length meet."""


def chunk_size(batch_size: int) -> int:
    """How many posts are read together; where a stream is continued, results stay the same."""
    return _CHUNK * batch_size


class Extractor:
    """Extracts quintuples from posts, one at a time or as a stream of any length.

    Example:
        >>> extractor = Extractor.from_pretrained()
        >>> result = extractor.extract("Stephen Curry leads the Golden State Warriors")
        >>> for found in result.quintuples:
        ...     print(found.head.text, found.relation, found.tail.text)
        Stephen Curry member_of Golden State Warriors
        >>> posts = [Post(id="1", text="Lionel Messi leaves Barcelona")]
        >>> [result.id for result in extractor.stream(posts)]
        ['1']
    """

    def __init__(self, tagger: Tagger) -> None:
        self.tagger = tagger

    @classmethod
    def from_pretrained(
        cls,
        name: str | Path = "default",
        *,
        device: str | torch.device = "cpu",
        parser: str | None = None,
        visual: VisualConfig | None = None,
        sources: Iterable[SceneSource] = (),
        scenes: Mapping[str, SceneGraph] | None = None,
        images: str | Path | None = None,
        vision: VisionConfig | None = PIXELS,
    ) -> Extractor:
        """Load a model: the bundled one, a folder's, or a hub id's.

        A post's picture is read where nothing else gives its scene graph: a path,
        the bytes of a file, a Pillow image or an array. What pictures need is loaded when
        the first one comes; where it is not here, posts go on without, and say so.

        Args:
            name: ``default``, a model folder or a hub id.
            device: Where to compute, such as ``cuda``.
            parser: A spaCy model in place of the one the model was trained with.
            visual: Where scene graphs come from; by default the posts, their pictures and their
                alternative texts.
            sources: More sources of scene graphs, asked after those of ``visual``.
            scenes: Scene graphs by image file name, as ``jmere.read_scenes`` gives them, in place
                of ``visual.scenes``.
            images: The same as ``visual.images``: the folder of the posts' pictures, which their
                paths may then not leave.
            vision: Finer settings of how pictures are read, in place of ``visual.detector`` and
                ``visual.weights``; ``None`` reads none.

        Raises:
            FileNotFoundError: If there is no such model, or a file of it is missing.
            ValueError: If the folder holds no model of ours, or a damaged one, or there is no
                such device, or ``visual`` is damaged or asks for graphs of other posts.
            TypeError: If ``visual`` is no ``VisualConfig``.
        """
        config = _visual(visual, images)
        tagger = Tagger.from_pretrained(name, parser=parser)
        try:
            tagger.network.to(device)
        except (RuntimeError, AssertionError) as error:
            reason = str(error).splitlines()[0]
            raise ValueError(f"device {str(device)!r} is not available: {reason}") from None
        objects = tagger.config.graphs.objects
        found = config.sources(
            tagger.prepare.parser,
            objects=objects,
            graphs=config.graphs(objects=objects) if scenes is None else scenes,
            pixels=_pixels(config, vision),
            more=sources,
        )
        tagger.use_scenes(found)
        return cls(tagger)

    @overload
    def __call__(  # type: ignore[overload-overlap]  # a string is an iterable, too
        self, posts: Post | str
    ) -> Extraction: ...

    @overload
    def __call__(self, posts: Iterable[Post | str]) -> list[Extraction]: ...

    def __call__(self, posts: Post | str | Iterable[Post | str]) -> Extraction | list[Extraction]:
        """Extract from one post or from a list of posts; a string is a post."""
        if isinstance(posts, Post | str):
            return self.extract(posts)
        return list(self.stream(posts))

    def extract(self, post: Post | str) -> Extraction:
        """The quintuples of one post; a string is a post.

        Faults of its data, such as a box that is not finite, are warnings of the result.

        Raises:
            TypeError: If it is neither.
        """
        return next(self._stream([_post(post, "post")], 1))

    def stream(self, posts: Iterable[Post | str], *, batch_size: int = 64) -> Iterator[Extraction]:
        """The quintuples of each post, in order; some hundred posts are held at a time.

        An error in getting the next post is raised after the results of those before.

        Raises:
            TypeError: If ``posts`` are no posts or strings, or only one.
            ValueError: If ``batch_size`` is not positive.
        """
        if whole(batch_size, "batch_size") < 1:
            raise ValueError(f"batch_size must be at least 1, got {batch_size}")
        return self._stream(_posts(posts), batch_size)

    def extract_with(
        self,
        posts: Iterable[Post | str],
        scenes: Iterable[SceneGraph],
        *,
        batch_size: int = 64,
    ) -> list[Extraction]:
        """The quintuples of each post, its visual graph given beside it.

        Raises:
            TypeError: If there is anything but posts, strings and graphs.
            ValueError: If there are more of one than of the other, or ``batch_size`` is not
                positive.
        """
        if whole(batch_size, "batch_size") < 1:
            raise ValueError(f"batch_size must be at least 1, got {batch_size}")
        given, graphs = list(_posts(posts)), instances(scenes, SceneGraph, "scenes")
        if len(given) != len(graphs):
            raise ValueError(
                f"{len(given)} posts, but {len(graphs)} scene graphs; expected one for each post"
            )
        return list(self._extract(given, graphs, batch_size))

    def _stream(self, posts: Iterable[Post], batch_size: int) -> Iterator[Extraction]:
        for chunk in _chunks(posts, chunk_size(batch_size)):
            yield from self._extract(chunk, None, batch_size)

    def _extract(
        self, posts: Sequence[Post], scenes: Sequence[SceneGraph] | None, batch_size: int
    ) -> Iterator[Extraction]:
        prepared = self.tagger.prepare(posts, scenes)
        return extract_prepared(self.tagger, prepared, batch_size=batch_size)


def _visual(visual: VisualConfig | None, images: str | Path | None) -> VisualConfig:
    """Return the config with the folder of pictures, if that is given beside it."""
    config = VisualConfig() if visual is None else instance(visual, VisualConfig, "visual")
    if images is not None:
        config = replace(config, images=images)
    if config.shown == "shuffled":
        raise ValueError(
            "visual.shown: 'shuffled' is a control for training and evaluation; "
            "to extract: real or none"
        )
    return config


def _pixels(config: VisualConfig, vision: VisionConfig | None) -> PixelScenes | None:
    """Return the reader of pictures; posts made in Python may name any file."""
    if vision is None or vision is PIXELS:
        return None if vision is None else config.pixels()
    return PixelScenes(vision, folder=config.images)


def _post(post: object, where: str) -> Post:
    """A post, or the post of a string."""
    if isinstance(post, Post):
        return post
    if not isinstance(post, str):
        raise TypeError(f"{where}: expected a Post or a string, got {short_repr(post)}")
    return Post(text=post)


def _posts(posts: object) -> Iterator[Post]:
    """The posts of an iterable of posts and strings."""
    if isinstance(posts, str | bytes | Mapping) or not isinstance(posts, Iterable):
        raise TypeError(f"posts: expected several, such as a list, got {short_repr(posts)}")
    return (_post(post, f"posts[{place}]") for place, post in enumerate(posts))


def _chunks(posts: Iterable[Post], size: int) -> Iterator[list[Post]]:
    """The posts in lists of ``size``; an error in getting one comes after those before it."""
    source = iter(posts)
    while True:
        chunk, error = [], None
        try:
            for post in islice(source, size):
                chunk.append(post)  # noqa: PERF402  (what came before an error is kept)
        except Exception as stopped:
            error = stopped
        if chunk:
            yield chunk
        if error is not None:
            raise error
        if len(chunk) < size:
            return
