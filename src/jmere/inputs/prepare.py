"""Posts are read for a model: words, pieces, text graph and visual graph."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from jmere.data.mend import mended_post, mended_scene
from jmere.inputs.context import ContextWriter
from jmere.inputs.windows import cut_into_windows
from jmere.records import Link, Mention, Post, SceneGraph, TextGraph
from jmere.scenes.sources.search import SceneResult, SceneSources
from jmere.text.parser import Parser
from jmere.text.pieces import Pieces, PieceTokenizer
from jmere.text.words import Words, post_words

CHUNK = 512
"""Posts that are parsed at a time."""

LONGEST_LABEL = 8
"""Word pieces of an object's label that are read."""

OnLong = Literal["windows", "raise", "drop"]
"""A post with more pieces than the encoder takes is cut into windows, refused or left out."""

TeacherProbabilities = NDArray[np.float16]
"""Words x words x tags: what models hold for true of a post, as shares of each pair's tags."""


@dataclass(frozen=True, slots=True)
class PreparedPost:
    """A post read, split, parsed and with its scene graph: all that batching needs."""

    words: Words
    pieces: Pieces
    graph: TextGraph
    scene: SceneGraph
    label_pieces: tuple[tuple[int, ...], ...]
    """Word pieces of each object's label."""
    mentions: tuple[Mention, ...] = ()
    """Gold entities beside those of the links; empty when predicting."""
    links: tuple[Link, ...] = ()
    annotated: bool = True
    """Whether links and mentions are all there are, so that the rest is none."""
    taught: TeacherProbabilities | None = None
    """Other models' probabilities, words x words x tags, to be learned too."""
    context: tuple[int, ...] = ()
    """Pieces behind those of the post: what is known of the picture, special pieces included."""
    views: tuple[SceneGraph, ...] = ()
    """Scene graphs of further descriptions; training draws one of these and ``scene`` per epoch."""

    @property
    def length(self) -> int:
        """Return the number of pieces that the encoder reads."""
        return len(self.pieces.ids) + len(self.context)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A post, its scene graph, and the stretches of its text that a model reads one by one."""

    post: Post
    scene: SceneGraph
    windows: tuple[PreparedPost, ...]
    """One for most posts; several for a text that is longer than the encoder takes."""
    warnings: tuple[str, ...] = ()
    """Problems of the post, its picture and its scene graph."""


def windows_of(prepared: Iterable[Prepared]) -> list[PreparedPost]:
    """Return the windows of all posts, in order."""
    return [window for each in prepared for window in each.windows]


@dataclass(frozen=True)
class Preparer:
    """Reads posts, many at a time, so that parser and tokenizer work on batches."""

    parser: Parser
    pieces: PieceTokenizer
    scenes: SceneSources
    longest: int
    """Maximum number of pieces of a post that the encoder takes, special ones included."""
    context: ContextWriter | None = None
    """Writes what is known of the picture behind the post, in the room that the post leaves."""

    def __call__(
        self,
        posts: Sequence[Post],
        scenes: Sequence[SceneGraph] | None = None,
        *,
        on_long: OnLong = "windows",
    ) -> list[Prepared]:
        """Prepare posts: mend them, find their scene graphs, cut long texts and parse all.

        Args:
            posts: Any number of posts; several hundred are parsed at a time.
            scenes: Their scene graphs, where they are known.
            on_long: What becomes of a post with more pieces than the encoder takes.

        Raises:
            ValueError: If there is one and ``on_long`` is ``raise``.
        """
        prepared: list[Prepared] = []
        for start in range(0, len(posts), CHUNK):
            part = slice(start, start + CHUNK)
            prepared += self._chunk(posts[part], None if scenes is None else scenes[part], on_long)
        return prepared

    def windows(self, words: Words) -> list[Words]:
        """Cut a text into stretches that the encoder takes; see ``cut_into_windows``."""
        return cut_into_windows(words, self.pieces, self.longest)

    def reread(self, windows: Sequence[PreparedPost]) -> list[PreparedPost | None]:
        """Prepare for this model what was prepared for another one, without annotation.

        Returns:
            The same words and scene graphs; ``None`` for more pieces than this encoder takes.
        """
        fitting = [len(self.windows(each.words)) == 1 for each in windows]
        kept = [each for each, fits in zip(windows, fitting, strict=True) if fits]
        read = iter(self._read([each.words for each in kept], [each.scene for each in kept]))
        return [next(read) if fits else None for fits in fitting]

    def with_scenes(
        self, posts: Sequence[PreparedPost], scenes: Sequence[SceneGraph]
    ) -> list[PreparedPost]:
        """Return prepared posts with other scene graphs, and contexts of these."""
        labels = self._label_pieces(scenes)
        shown = [
            replace(post, scene=scene, label_pieces=own)
            for post, scene, own in zip(posts, scenes, labels, strict=True)
        ]
        return self._in_context(shown)

    def _chunk(
        self, given: Sequence[Post], scenes: Sequence[SceneGraph] | None, on_long: OnLong
    ) -> list[Prepared]:
        mended = [mended_post(post) for post in given]
        if scenes is None:
            described = self.scenes.described([post for post, _ in mended])
            mended = [(post, told) for post, (_, told) in zip(described, mended, strict=True)]
        texts = [self._windows(post, on_long) for post, _ in mended]
        found = self._scenes([post for post, _ in mended], scenes)
        kept = [index for index, windows in enumerate(texts) if windows]
        read = iter(
            self._read(
                [window for index in kept for window in texts[index]],
                [found[index].scene for index in kept for _ in texts[index]],
            )
        )
        return [
            Prepared(
                post,
                found[index].scene,
                tuple(_annotated(next(read), post) for _ in texts[index]),
                (*post.warnings, *faults, *found[index].warnings),
            )
            for index, (post, faults) in enumerate(mended)
            if texts[index]
        ]

    def _windows(self, post: Post, on_long: OnLong) -> list[Words]:
        """Return the windows of a post: none where it is too long and left out."""
        words = post_words(post)
        windows = self.windows(words)
        if len(windows) == 1 or on_long == "windows":
            return windows
        if on_long == "drop":
            return []
        count = len(self.pieces.split([words.words])[0].ids)
        raise ValueError(
            f"post {post.id!r} has {count} word pieces, "
            f"but the encoder takes at most {self.longest}"
        )

    def _scenes(
        self, posts: Sequence[Post], scenes: Sequence[SceneGraph] | None
    ) -> list[SceneResult]:
        if scenes is None:
            return self.scenes.look(posts)
        return [SceneResult(scene, tuple(told)) for scene, told in map(mended_scene, scenes)]

    def _read(self, words: Sequence[Words], scenes: Sequence[SceneGraph]) -> list[PreparedPost]:
        pieces = self.pieces.split([each.words for each in words])
        graphs = self.parser.parse(words)
        labels = self._label_pieces(scenes)
        prepared = [
            PreparedPost(*parts)
            for parts in zip(words, pieces, graphs, scenes, labels, strict=True)
        ]
        return self._in_context(prepared)

    def _in_context(self, prepared: list[PreparedPost]) -> list[PreparedPost]:
        if self.context is None:
            return prepared
        contexts = self.context(
            [each.scene for each in prepared],
            [self.longest - len(each.pieces.ids) for each in prepared],
        )
        return [
            replace(each, context=context) for each, context in zip(prepared, contexts, strict=True)
        ]

    def _label_pieces(self, scenes: Sequence[SceneGraph]) -> list[tuple[tuple[int, ...], ...]]:
        names = dict.fromkeys(o.label.replace("_", " ") for s in scenes for o in s.objects)
        pieces = dict(zip(names, self.pieces.labels(list(names)), strict=True))
        return [
            tuple(pieces[o.label.replace("_", " ")][:LONGEST_LABEL] for o in scene.objects)
            for scene in scenes
        ]


def _annotated(window: PreparedPost, post: Post) -> PreparedPost:
    mentions, links = gold_of(post, window.words)
    return replace(window, mentions=mentions, links=links) if mentions or links else window


def gold_of(post: Post, words: Words) -> tuple[tuple[Mention, ...], tuple[Link, ...]]:
    """Gold mentions and links of a post, in words; what falls inside a word is left out.

    ``jmere data validate`` lists what is left out.
    """
    mentions = (words.mention(entity) for entity in post.entities)
    links = (words.link(quintuple) for quintuple in post.quintuples)
    return (
        tuple(mention for mention in mentions if mention is not None),
        tuple(link for link in links if link is not None),
    )
