"""Parts of drawn scene graphs: labels, fonts, free space, layout and legend."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "labels": ("GroundedObject",),
        "legend": ("Legend", "LegendLine", "legend"),
        "sketch": ("Arrow", "Sketch", "Tag", "sketch"),
    },
)
