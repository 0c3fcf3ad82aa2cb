"""Which visual graph a post gets."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Protocol, runtime_checkable

import numpy as np

from jmere.records import Post, SceneGraph, TextGraph
from jmere.text.words import Words, split
from jmere.vision.caption import scene_from_caption
from jmere.vision.select import top_objects


@runtime_checkable
class CaptionParser(Protocol):
    """Turns texts into dependency graphs, many at once."""

    def parse(self, texts: list[Words], /) -> Sequence[TextGraph]:
        """The dependency graph of each text."""


class SceneSources:
    """Finds the visual graph of a post in the first source that has one.

    1. The ``scene_graph`` given in the post.
    2. ``files``, by the file name of the post's image.
    3. The post's ``alt_text``, read by the parser.

    A post with none of these gets a graph without objects, and needs no special case.
    """

    def __init__(
        self,
        parser: CaptionParser,
        *,
        files: Mapping[str, SceneGraph] | None = None,
        objects: int = 10,
    ) -> None:
        """Set up the sources.

        Args:
            parser: Parses alt texts.
            files: Graphs of images by file name, from ``toolkit_scenes`` or ``release_scenes``.
            objects: Most objects of a graph; see ``top_objects`` for which are kept.
        """
        if objects < 0:
            raise ValueError(f"the number of objects must not be negative, got {objects}")
        self._parser = parser
        self._files = files or {}
        self._objects = objects

    def scenes(self, posts: Sequence[Post]) -> list[SceneGraph]:
        """The visual graph of each post; all alt texts go to the parser together."""
        found = [self._ready(post) for post in posts]
        waiting = [place for place, scene in enumerate(found) if scene is None]
        captions = [split(posts[place].alt_text or "") for place in waiting]
        for place, scene in zip(waiting, self._read(captions), strict=True):
            found[place] = scene
        return [top_objects(scene or SceneGraph(), self._objects) for scene in found]

    def _ready(self, post: Post) -> SceneGraph | None:
        """The graph that needs no parser, or ``None`` where the alt text has to tell."""
        if post.scene_graph is not None:
            return post.scene_graph
        if isinstance(post.image, str | os.PathLike):
            scene = self._files.get(PurePath(post.image).name)
            if scene is not None:
                return scene
        return None if (post.alt_text or "").strip() else SceneGraph()

    def _read(self, captions: list[Words]) -> list[SceneGraph]:
        graphs = self._parser.parse(captions) if captions else []
        return [
            scene_from_caption(caption, graph)
            for caption, graph in zip(captions, graphs, strict=True)
        ]


def shuffled(scenes: Sequence[SceneGraph], generator: np.random.Generator) -> list[SceneGraph]:
    """The graphs of other posts: how much a model looks at its pictures.

    Each graph with objects goes to another post that had one, along one random
    cycle, so none stays where it was (a single one has nowhere to go, and stays).
    Posts without objects stay without.
    """
    places = [place for place, scene in enumerate(scenes) if scene.objects]
    cycle = generator.permutation(places)
    result = list(scenes)
    for source, target in zip(cycle, np.roll(cycle, 1), strict=True):
        result[int(target)] = scenes[int(source)]
    return result
