"""Scene graphs of damaged image files."""

from __future__ import annotations

from typing import NamedTuple

from jmere.records import SceneGraph


class Flawed(NamedTuple):
    """A scene graph with the problems of its image file."""

    scene: SceneGraph
    warning: str
