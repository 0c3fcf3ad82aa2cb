"""The parts of a drawn scene graph: words, letters, room, where all goes, and the legend."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "labels": ("GroundedObject",),
        "legend": ("Legend", "LegendLine", "legend"),
        "sketch": ("Arrow", "Sketch", "Tag", "sketch"),
    },
)
