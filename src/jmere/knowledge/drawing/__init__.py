"""Drawings of knowledge graphs."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "draw": ("best_connected", "check_picture", "draw"),
        "picture": ("figure_of",),
    },
)
