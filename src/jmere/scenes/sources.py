"""Which visual graph a post gets."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any, Literal, NamedTuple, Protocol, runtime_checkable

import numpy as np

from jmere.data.mend import mended_scene
from jmere.records import Post, SceneGraph, TextGraph
from jmere.scenes.caption.caption_graph import scene_from_caption
from jmere.scenes.combine import join_graphs, top_objects
from jmere.text.words import Words, split
from jmere.vision.flawed import Flawed

Visual = Literal["real", "none", "shuffled"]
"""Which graphs a model is shown: the posts' own, none at all, or those of other posts."""


@runtime_checkable
class CaptionParser(Protocol):
    """Turns texts into dependency graphs, many at once."""

    def parse(self, texts: list[Words], /) -> Sequence[TextGraph]:
        """The dependency graph of each text."""


@runtime_checkable
class PixelReader(Protocol):
    """Turns pictures into scene graphs, many one after another."""

    def scenes(self, pictures: Sequence[Any], /) -> Iterator[SceneGraph | Flawed | Exception]:
        """The scene graph of each picture, or why there is none."""


class SceneResult(NamedTuple):
    """The visual graph of a post, and what went wrong with it or its picture."""

    scene: SceneGraph
    warnings: tuple[str, ...] = ()


class SceneSources:
    """Finds the visual graph of a post in the first source that has one.

    1. The ``scene_graph`` given in the post.
    2. ``files``, by the file name of the post's image.
    3. The pixels of the post's image, and its ``alt_text``, read by the parser: one of
       them, or both joined.

    A post with none of these gets a graph without objects, and needs no special case. So
    does one whose picture cannot be read; its sight says why. Boxes, scores and the like that
    no graph can have are left out (``jmere.data.mend``), with a warning.
    """

    def __init__(
        self,
        parser: CaptionParser,
        *,
        files: Mapping[str, SceneGraph] | None = None,
        pixels: PixelReader | None = None,
        objects: int = 10,
    ) -> None:
        """Set up the sources.

        Args:
            parser: Parses alt texts.
            files: Graphs of images by file name, from ``toolkit_scenes`` or ``release_scenes``.
            pixels: Reads pictures; without it, no picture is looked at.
            objects: Most objects of a graph; see ``top_objects`` for which are kept.
        """
        if objects < 0:
            raise ValueError(f"the number of objects must not be negative, got {objects}")
        self._parser = parser
        self._files = files or {}
        self._pixels = pixels
        self._objects = objects

    def scenes(self, posts: Sequence[Post]) -> list[SceneGraph]:
        """The visual graph of each post."""
        return [sight.scene for sight in self.look(posts)]

    def look(self, posts: Sequence[Post]) -> list[SceneResult]:
        """The visual graph of each post; all alt texts go to the parser together."""
        found = [self._ready(post) for post in posts]
        waiting = [place for place, scene in enumerate(found) if scene is None]
        seen = self._see([posts[place] for place in waiting])
        described = self._read([posts[place] for place in waiting])
        warnings: dict[int, str] = {}
        for place, pixels, words in zip(waiting, seen, described, strict=True):
            if isinstance(pixels, Exception):
                warnings[place] = f"picture not looked at: {pixels}"
                found[place] = words
            else:
                if isinstance(pixels, Flawed):
                    warnings[place] = f"damaged picture: {pixels.warning}"
                    pixels = pixels.scene
                found[place] = join_graphs(top_objects(pixels, self._room(words)), words)
        sights = []
        for place, given in enumerate(found):
            scene, faults = mended_scene(given or SceneGraph())
            told = (warnings[place], *faults) if place in warnings else tuple(faults)
            sights.append(SceneResult(top_objects(scene, self._objects), told))
        return sights

    def pictures_without_graph(self, posts: Sequence[Post]) -> int:
        """How many posts name a picture, if nothing gives any post a graph; else 0."""
        named = sum(post.image is not None for post in posts)
        return 0 if any(map(self.gives, posts)) else named

    def gives(self, post: Post) -> bool:
        """Whether a source has the post's graph, be it an empty one."""
        looks = self._pixels is not None and post.image is not None
        described = bool(post.alt_text and post.alt_text.strip())
        return looks or described or self._ready(post) is not None

    def _room(self, described: SceneGraph) -> int:
        """How many objects seen leave room for those described, but half of all at least.

        What somebody says of a picture matters more than the least sure of what is seen.
        """
        return max(self._objects - len(described.objects), self._objects // 2)

    def _ready(self, post: Post) -> SceneGraph | None:
        """The graph that is there already, or ``None`` where picture and alt text must tell."""
        if post.scene_graph is not None:
            return post.scene_graph
        if isinstance(post.image, str | os.PathLike):
            return self._files.get(PurePath(post.image).name)
        return None

    def _see(self, posts: Sequence[Post]) -> list[SceneGraph | Flawed | Exception]:
        """What the pixels of each post's picture show; nothing where it has none."""
        seen: list[SceneGraph | Flawed | Exception] = [SceneGraph()] * len(posts)
        places = [place for place, post in enumerate(posts) if post.image is not None]
        if self._pixels is not None and places:
            found = self._pixels.scenes([posts[place].image for place in places])
            for place, scene in zip(places, found, strict=True):
                seen[place] = scene
        return seen

    def _read(self, posts: Sequence[Post]) -> list[SceneGraph]:
        """What each post's alt text speaks of."""
        read = [SceneGraph()] * len(posts)
        captions = {
            place: split(post.alt_text)
            for place, post in enumerate(posts)
            if post.alt_text and post.alt_text.strip()
        }
        if captions:
            graphs = self._parser.parse(list(captions.values()))
            for (place, caption), graph in zip(captions.items(), graphs, strict=True):
                read[place] = scene_from_caption(caption, graph)
        return read


def apply_visual_control(
    scenes: Sequence[SceneGraph], visual: Visual, *, seed: int
) -> list[SceneGraph]:
    """The graphs of posts as a model is to be shown them; ``seed`` is the shuffling's."""
    if visual == "none":
        return [SceneGraph()] * len(scenes)
    if visual == "shuffled":
        return shuffled(scenes, np.random.default_rng(seed))
    return list(scenes)


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
