"""Scene graphs of alternative texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol, runtime_checkable

from jmere.records import Post, SceneGraph, TextGraph
from jmere.scenes.caption.caption_graph import scene_from_caption
from jmere.text.words import Words, split


@runtime_checkable
class CaptionParser(Protocol):
    """Turns texts into dependency graphs, many at once."""

    def parse(self, texts: list[Words], /) -> Sequence[TextGraph]:
        """Return the dependency graph of each text."""


class FromCaption:
    """What the ``alt_text`` of each post speaks of."""

    adds = True

    def __init__(self, parser: CaptionParser) -> None:
        """Store the parser of alternative texts."""
        self._parser = parser

    def gives(self, post: Post) -> bool:
        """Return whether the post has an alternative text."""
        return bool(post.alt_text and post.alt_text.strip())

    def find(self, posts: Sequence[Post], /) -> list[SceneGraph | None]:
        """Return the graph of each alternative text; all are parsed together."""
        found: list[SceneGraph | None] = [None] * len(posts)
        captions = {
            index: split(post.alt_text or "")
            for index, post in enumerate(posts)
            if self.gives(post)
        }
        if captions:
            graphs = self._parser.parse(list(captions.values()))
            for (index, caption), graph in zip(captions.items(), graphs, strict=True):
                found[index] = replace(scene_from_caption(caption, graph), caption=caption.text)
        return found
