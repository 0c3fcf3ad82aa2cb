"""Posts are read for a model: words, pieces, text graph and visual graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from jmere.records import Link, Mention, Post, SceneGraph, TextGraph
from jmere.scenes.sources import SceneSources
from jmere.text.parser import Parser
from jmere.text.pieces import SPECIAL, Pieces, PieceTokenizer
from jmere.text.words import Words, post_words

LONGEST_LABEL = 8
"""Word pieces of an object's label that are read."""

SPECIAL_PIECES = 2
"""Pieces that the tokenizer adds around a text."""

SENTENCE_ENDS = frozenset(".!?…")

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


Dev = Sequence[tuple[Post, Sequence[PreparedPost]]]
"""Posts with their annotation, and each one's windows, of which there is mostly one."""


@dataclass(frozen=True)
class Preparer:
    """Reads posts, many at a time, so that parser and tokenizer work on batches."""

    parser: Parser
    pieces: PieceTokenizer
    scenes: SceneSources
    longest: int
    """Most pieces of a post that the encoder takes, special ones included."""

    def __call__(
        self,
        posts: Sequence[Post],
        words: Sequence[Words] | None = None,
        scenes: Sequence[SceneGraph] | None = None,
    ) -> list[PreparedPost]:
        """Prepare posts; ``words`` and ``scenes`` may be given where they are known.

        Raises:
            ValueError: If a post has more pieces than the encoder takes.
        """
        words = [post_words(post) for post in posts] if words is None else words
        scenes = self.scenes.scenes(posts) if scenes is None else scenes
        pieces = self.pieces.split([w.words for w in words])
        for post, split in zip(posts, pieces, strict=True):
            if len(split.ids) > self.longest:
                raise ValueError(
                    f"post {post.id!r} has {len(split.ids)} word pieces, "
                    f"but the encoder takes at most {self.longest}"
                )
        graphs = self.parser.parse(words)
        labels = self._label_pieces(scenes)
        return [
            PreparedPost(w, p, graph, scene, label, *gold_of(post, w))
            for post, w, p, graph, scene, label in zip(
                posts, words, pieces, graphs, scenes, labels, strict=True
            )
        ]

    def windows(self, words: Words) -> list[Words]:
        """Cut a text into stretches that the encoder takes, at ends of sentences where it can.

        Offsets stay those of the whole text. A text that fits is returned as it is.
        """
        # A piece holds a byte or more, or all of a word, so most texts need no look at theirs.
        if sum(len(word.encode()) + 1 for word in words.words) + SPECIAL_PIECES <= self.longest:
            return [words]
        sizes = [0] * len(words)
        for word in self.pieces.split([words.words])[0].words:
            if word != SPECIAL:
                sizes[word] += 1
        cuts = [0]
        while cuts[-1] < len(words):
            cuts.append(self._cut(words, sizes, cuts[-1]))
        return [words.window(start, end) for start, end in pairwise(cuts)] or [words]

    def _cut(self, words: Words, sizes: Sequence[int], start: int) -> int:
        """Where the window that begins at ``start`` ends."""
        room = self.longest - SPECIAL_PIECES
        end = start
        while end < len(words) and sizes[end] <= room:
            room -= sizes[end]
            end += 1
        if end == len(words):
            return end
        sentence_ends = (
            place
            for place in range(end, (start + end) // 2, -1)
            if words.words[place - 1][-1:] in SENTENCE_ENDS
        )
        return next(sentence_ends, max(end, start + 1))

    def _label_pieces(self, scenes: Sequence[SceneGraph]) -> list[tuple[tuple[int, ...], ...]]:
        names = dict.fromkeys(o.label.replace("_", " ") for s in scenes for o in s.objects)
        pieces = dict(zip(names, self.pieces.labels(list(names)), strict=True))
        return [
            tuple(pieces[o.label.replace("_", " ")][:LONGEST_LABEL] for o in scene.objects)
            for scene in scenes
        ]


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
