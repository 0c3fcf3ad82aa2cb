"""The way in for users: posts in, quintuples out."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice, repeat
from pathlib import Path
from typing import overload

from jmere.checks import instance, instances, number, whole
from jmere.errors import short_repr
from jmere.records import Extraction, Post, SceneGraph
from jmere.scenes.sources.from_pixels import PixelReader
from jmere.scenes.sources.search import SceneSource
from jmere.scenes.visual_config import VisualConfig
from jmere.tagger.picture_facts import begin_reading
from jmere.tagger.predict import begin_extraction
from jmere.tagger.scorer import Backend
from jmere.tagger.tagger import Tagger
from jmere.vision.pixels import PixelScenes, VisionConfig

PIXELS = VisionConfig()

_CHUNK = 8
"""Batches' worth of posts that are read ahead, so that posts of one length meet."""

_RAMP = (1, 1, 2, 4)
"""Batches' worth that are read ahead at the start of a stream; together one chunk."""


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

    def __init__(
        self,
        tagger: Tagger,
        *,
        alignment: bool = True,
        words: PixelScenes | None = None,
        names: float | None = None,
    ) -> None:
        if names is not None and not 0 <= number(names, "names") <= 1:
            raise ValueError(f"names: expected a score from 0 to 1, got {names}")
        if names is not None and tagger.names is None:
            raise ValueError("names: the model has no head for names; jmere build names trains one")
        self.tagger, self.alignment, self.words = tagger, alignment, words
        self.names = names

    @classmethod
    def from_pretrained(
        cls,
        name: str | Path = "default",
        *,
        backend: Backend = "auto",
        device: str = "cpu",
        alignment: bool = True,
        parser: str | None = None,
        visual: VisualConfig | None = None,
        sources: Iterable[SceneSource] = (),
        scenes: Mapping[str, SceneGraph] | None = None,
        images: str | Path | None = None,
        vision: VisionConfig | PixelReader | None = PIXELS,
        read_text: bool = False,
        names: float | None = None,
    ) -> Extractor:
        """Load a model: the bundled one, a folder's, or a hub id's.

        A post's picture is read where nothing else gives its scene graph: a path,
        the bytes of a file, a Pillow image or an array. What pictures need is loaded when
        the first one comes; where it is not here, posts go on without, and say so.

        Args:
            name: ``default``, a model folder or a hub id.
            backend: The engine: ``onnx``, ``torch``, or ``auto``: ONNX Runtime where the folder
                has a graph and the library is installed, else torch.
            device: Device of the torch engine: ``cpu``, ``cuda``, or ``auto``, a GPU where there
                is one.
            alignment: Whether words are matched with objects, which grounds entities in boxes;
                without it results come faster, alignments are 0, and no entity is said to be
                visible or not.
            parser: A spaCy model in place of the one the model was trained with.
            visual: Where scene graphs come from; by default the posts, their pictures and their
                alternative texts.
            sources: More sources of scene graphs, asked after those of ``visual``.
            scenes: Scene graphs by image file name, as ``jmere.read_scenes`` gives them, in place
                of ``visual.scenes``.
            images: The same as ``visual.images``: the folder of the posts' pictures, which their
                paths may then not leave.
            vision: Finer settings of how pictures are read, in place of ``visual.detector`` and
                ``visual.weights``, or a reader of them; ``None`` reads none.
            read_text: Whether the words in pictures are read for quintuples, too (extra ``ocr``).
                These have the source ``picture``, and their ends a box in place of offsets. The
                tallest lines become objects of the scene graph, as with ``visual.ocr``.
            names: The least score, from 0 to 1, of the ``names`` that results have: all names of
                the text, in a quintuple or not. By default results have none.

        Raises:
            FileNotFoundError: If there is no such model, or a file of it is missing.
            ValueError: If the folder holds no model of ours, or a damaged one, or there is no
                such device, or ``visual`` is damaged or asks for graphs of other posts, or
                ``names`` are asked for of a model that has no head for them.
            TypeError: If ``visual`` is no ``VisualConfig``.
            MissingExtraError: If OCR or a captioner is asked for whose library is not installed.
        """
        config = _visual(visual, images)
        if read_text:
            config = replace(config, ocr=True)
        words = config.words()
        tagger = Tagger.from_pretrained(name, parser=parser, backend=backend, device=str(device))
        objects = tagger.graphs.objects
        found = config.sources(
            tagger.prepare.parser,
            objects=objects,
            graphs=config.graphs(objects=objects) if scenes is None else scenes,
            pixels=_pixels(config, vision),
            words=words,
            captions=config.captions(),
            more=sources,
        )
        tagger.use_scenes(found)
        return cls(tagger, alignment=alignment, words=words if read_text else None, names=names)

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

    def stream(
        self, posts: Iterable[Post | str], *, batch_size: int = 64, ramp_up: bool = True
    ) -> Iterator[Extraction]:
        """The quintuples of each post, in order; some hundred posts are held at a time.

        An error in getting the next post is raised after the results of those before.

        Args:
            posts: The posts.
            batch_size: Maximum number of posts computed together.
            ramp_up: Whether the first results come after one batch. Otherwise posts are read ahead
                from the start as later on, so that a stream that is continued after some chunks
                (``chunk_size``) has the batches that it would have had.

        Raises:
            TypeError: If ``posts`` are no posts or strings, or only one.
            ValueError: If ``batch_size`` is not positive.
        """
        if whole(batch_size, "batch_size") < 1:
            raise ValueError(f"batch_size must be at least 1, got {batch_size}")
        return self._stream(_posts(posts), batch_size, ramp_up=ramp_up)

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
        return list(self._begin(given, graphs, batch_size)())

    def _stream(
        self, posts: Iterable[Post], batch_size: int, *, ramp_up: bool = True
    ) -> Iterator[Extraction]:
        """Prepare posts while the engine computes those before, if it has threads of its own."""
        ahead = 1 if self.tagger.scorer.pool else 0
        begun: deque[Callable[[], Iterator[Extraction]]] = deque()
        decoded: deque[Iterator[Extraction]] = deque()
        batches = repeat(1) if ahead else chain(_RAMP if ramp_up else (), repeat(_CHUNK))
        chunks = _chunks(posts, (count * batch_size for count in batches))
        error, first = None, ramp_up
        while True:
            try:
                chunk = next(chunks, None)
            except Exception as stopped:
                error, chunk = stopped, None
            if chunk is None:
                break
            begun.append(self._begin(chunk, None, batch_size))
            if first or len(begun) > ahead:
                decoded.append(begun.popleft()())
            if first or len(decoded) > ahead:
                yield from decoded.popleft()
            first = False
        for finish in begun:
            decoded.append(finish())
        for results in decoded:
            yield from results
        if error is not None:
            raise error

    def _begin(
        self, posts: Sequence[Post], scenes: Sequence[SceneGraph] | None, batch_size: int
    ) -> Callable[[], Iterator[Extraction]]:
        prepared = self.tagger.prepare(posts, scenes)
        finish = begin_extraction(
            self.tagger,
            prepared,
            batch_size=batch_size,
            alignment=self.alignment,
            names=self.names,
        )
        if self.words is None:
            return finish
        added = begin_reading(self.tagger, posts, self.words, batch_size=batch_size)
        return lambda: added(finish())


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


def _pixels(config: VisualConfig, vision: VisionConfig | PixelReader | None) -> PixelReader | None:
    """Return the reader of pictures; posts made in Python may name any file."""
    if vision is None or vision is PIXELS:
        return None if vision is None else config.pixels()
    if not isinstance(vision, VisionConfig):
        return vision
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


def _chunks(posts: Iterable[Post], sizes: Iterable[int]) -> Iterator[list[Post]]:
    """The posts in lists of these sizes; an error in getting one comes after those before it."""
    source = iter(posts)
    for size in sizes:
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
