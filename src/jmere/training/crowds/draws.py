"""The texts of an epoch: posts varied, and some of them joined, drawn by seed and epoch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import cycle, islice

import numpy as np

from jmere.inputs.prepare import PreparedPost, Preparer, windows_of
from jmere.records import Post
from jmere.text.words import join as join_words
from jmere.training.crowds.crowd_config import JoinConfig, VaryConfig
from jmere.training.crowds.texts import Passage, join_texts
from jmere.training.crowds.variations import vary
from jmere.training.views import draw_view


class DrawnTexts:
    """Texts to learn from, drawn anew in every epoch from the same posts.

    Every epoch has as many texts, and reads each post about once. What an epoch draws depends
    on the seed and its number only, so a resumed run sees the same texts.
    """

    def __init__(
        self,
        posts: Sequence[PreparedPost],
        prepare: Preparer,
        *,
        join: JoinConfig,
        vary: VaryConfig,
        seed: int,
    ) -> None:
        self._prepare, self._seed = prepare, seed
        self._join, self._vary = join, vary
        texts = [Passage.of(post) for post in posts]
        # Only what is annotated alike can be joined.
        self._pools = [
            pool
            for annotated in (True, False)
            if (pool := [text for text in texts if text.annotated == annotated])
        ]

    def __call__(self, epoch: int) -> list[PreparedPost]:
        """Return the prepared texts of an epoch."""
        draw = np.random.default_rng((self._seed, epoch))
        crowds = [crowd for pool in self._pools for crowd in self._crowds(pool, draw)]
        return self._prepared([self._fitting(crowd) for crowd in crowds])

    def _crowds(self, pool: Sequence[Passage], draw: np.random.Generator) -> list[list[Passage]]:
        """Return the texts of each crowd, after its separator as a text of its own."""
        sizes = crowd_sizes(len(pool), self._join)
        order = iter(cycle(draw.permutation(len(pool)).tolist()))
        crowds = []
        for size in draw.permutation(np.array(sizes)).tolist():
            separator = str(draw.choice(self._join.separators))
            members = [self._varied(pool, index, draw) for index in islice(order, size)]
            crowds.append([Passage((separator,)), *members])
        return crowds

    def _varied(self, pool: Sequence[Passage], index: int, draw: np.random.Generator) -> Passage:
        text = vary(pool[index], self._vary, draw)
        scene = draw_view((text.scene, *text.views), self._vary.no_picture, draw)
        if draw.random() < self._vary.scenes:
            scene = pool[int(draw.integers(len(pool)))].scene
        return replace(text, scene=scene)

    def _fitting(self, crowd: Sequence[Passage]) -> Passage:
        """Join a crowd; one that the encoder does not take loses its last posts."""
        (separator,), members = crowd[0].words, list(crowd[1:])
        while True:
            text = join_texts(members, [separator] * (len(members) - 1))
            if len(members) == 1 or len(self._prepare.windows(join_words(text.words))) == 1:
                return text
            members.pop()

    def _prepared(self, texts: Sequence[Passage]) -> list[PreparedPost]:
        posts = [Post(tokens=text.words) for text in texts]
        scenes = [text.scene for text in texts]
        ready = windows_of(self._prepare(posts, scenes, on_long="raise"))
        return [
            replace(
                post,
                mentions=text.mentions,
                links=text.links,
                annotated=text.annotated,
                taught=text.taught,
            )
            for post, text in zip(ready, texts, strict=True)
        ]


def crowd_sizes(posts: int, config: JoinConfig) -> list[int]:
    """Return the number of posts of each text of an epoch, which reads each post about once.

    Example:
        >>> crowd_sizes(7, JoinConfig(share=0.5, most=3))
        [1, 1, 2, 3]
    """
    mean = 1 - config.share + config.share * (2 + config.most) / 2
    texts = max(1, round(posts / mean))
    joined = round(texts * config.share)
    return [1] * (texts - joined) + [2 + n % (config.most - 1) for n in range(joined)]
