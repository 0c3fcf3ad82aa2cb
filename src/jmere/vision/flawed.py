"""Scene graphs of pictures whose files are damaged."""

from __future__ import annotations

from typing import NamedTuple

from jmere.records import SceneGraph


class Flawed(NamedTuple):
    """A scene graph, and what is wrong with the file of the picture it was made of."""

    scene: SceneGraph
    warning: str
