"""Annotated words that are rewritten and joined; annotation and teachers' opinions move along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from jmere.inputs.prepare import PreparedPost, TeacherProbabilities
from jmere.records import Link, Mention, Post, SceneGraph
from jmere.tags import NONE
from jmere.text.words import join

NEW = -1
"""Origin of a word that was not in the text before."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Words with annotation in word offsets, and what else a post to learn from has.

    Example:
        >>> text = Passage(("Ann", "wins"), mentions=(Mention(0, 1, "per"),))
        >>> text.rewritten(("#", "Ann", "wins"), (NEW, 0, 1)).mentions
        (Mention(start=1, end=2, type='per'),)
    """

    words: tuple[str, ...]
    mentions: tuple[Mention, ...] = ()
    """Entities beside those of the links."""
    links: tuple[Link, ...] = ()
    scene: SceneGraph = field(default_factory=SceneGraph)
    views: tuple[SceneGraph, ...] = ()
    """Scene graphs of further descriptions."""
    annotated: bool = True
    taught: TeacherProbabilities | None = None

    @classmethod
    def of(cls, post: PreparedPost) -> Passage:
        """Return the text of a prepared post."""
        return cls(
            words=post.words.words,
            mentions=post.mentions,
            links=post.links,
            scene=post.scene,
            views=post.views,
            annotated=post.annotated,
            taught=post.taught,
        )

    def entities(self) -> tuple[Mention, ...]:
        """Return all entities, those of links included, in text order."""
        ends = (end for link in self.links for end in (link.head, link.tail))
        return tuple(sorted({*ends, *self.mentions}))

    def rewritten(self, words: Sequence[str], origins: Sequence[int]) -> Passage:
        """Return the text in other words.

        Args:
            words: The new words.
            origins: For each, the index of the old word it stands for, or ``NEW``. An entity
                whose words are no longer side by side is dropped with its links.
        """
        mentions = [_moved(mention, origins) for mention in self.mentions]
        links = [
            (_moved(link.head, origins), _moved(link.tail, origins), link) for link in self.links
        ]
        return replace(
            self,
            words=tuple(words),
            mentions=tuple(mention for mention in mentions if mention is not None),
            links=tuple(
                replace(link, head=head, tail=tail)
                for head, tail, link in links
                if head is not None and tail is not None
            ),
            taught=None if self.taught is None else _taught(self.taught, origins),
        )

    def post(self, name: str) -> Post:
        """Return an annotated post of these words."""
        words = join(self.words)
        return Post(
            tokens=self.words,
            id=name,
            scene_graph=self.scene,
            quintuples=tuple(words.quintuple(link) for link in self.links),
            entities=tuple(words.entity(mention) for mention in self.mentions),
        )


def join_texts(texts: Sequence[Passage], separators: Sequence[str]) -> Passage:
    """Join texts into one.

    It has the scene graph of the first text with a picture, and is annotated if all are.
    Teachers' opinions are kept if every text has one; between two texts they are none.

    Args:
        texts: One or more.
        separators: The word between each two; a blank one stands for none.

    Example:
        >>> one = Passage(("Ann", "wins"), mentions=(Mention(0, 1, "per"),))
        >>> two = join_texts([one, one], ["."])
        >>> two.words, [mention.start for mention in two.mentions]
        (('Ann', 'wins', '.', 'Ann', 'wins'), [0, 3])
    """
    words: list[str] = []
    origins: list[int] = []
    start = 0
    for number, text in enumerate(texts):
        if number and separators[number - 1].strip():
            words.append(separators[number - 1])
            origins.append(NEW)
        words += text.words
        origins += range(start, start + len(text.words))
        start += len(text.words)
    return _side_by_side(texts).rewritten(words, origins)


def _side_by_side(texts: Sequence[Passage]) -> Passage:
    starts = np.cumsum([0, *(len(text.words) for text in texts)]).tolist()
    shifted = list(zip(texts, starts, strict=False))
    return Passage(
        words=tuple(word for text in texts for word in text.words),
        mentions=tuple(_shift(each, at) for text, at in shifted for each in text.mentions),
        links=tuple(
            replace(link, head=_shift(link.head, at), tail=_shift(link.tail, at))
            for text, at in shifted
            for link in text.links
        ),
        scene=next((text.scene for text in texts if not text.scene.is_blank), texts[0].scene),
        annotated=all(text.annotated for text in texts),
        taught=_blocks([text.taught for text in texts], starts),
    )


def _shift(mention: Mention, by: int) -> Mention:
    return Mention(mention.start + by, mention.end + by, mention.type)


def _moved(mention: Mention, origins: Sequence[int]) -> Mention | None:
    places = [
        place for place, origin in enumerate(origins) if mention.start <= origin < mention.end
    ]
    if not places or places[-1] - places[0] + 1 != len(places):
        return None
    return Mention(places[0], places[-1] + 1, mention.type)


def _taught(taught: TeacherProbabilities, origins: Sequence[int]) -> TeacherProbabilities:
    """Rearrange opinions; a new word has no tag."""
    index = np.array(origins)
    moved: TeacherProbabilities = taught[np.ix_(index, index)]
    new = index == NEW
    below = (index[:, None] == index) & np.tri(len(index), k=-1, dtype=np.bool_)
    nothing = new[:, None] | new | below
    moved[nothing] = 0
    moved[nothing, NONE] = 1
    return moved


def _blocks(
    taught: Sequence[TeacherProbabilities | None], starts: Sequence[int]
) -> TeacherProbabilities | None:
    """Return opinions of texts side by side, or ``None`` if one has none."""
    grids = [grid for grid in taught if grid is not None]
    if len(grids) < len(taught):
        return None
    blocks = np.zeros((starts[-1], starts[-1], grids[0].shape[-1]), np.float16)
    blocks[..., NONE] = 1
    for grid, start in zip(grids, starts, strict=False):
        blocks[start : start + len(grid), start : start + len(grid)] = grid
    return blocks
