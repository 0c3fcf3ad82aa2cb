"""Synthetic data sets: the controlled world, and a tiny one for smoke tests."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "command": ("measure_world",),
        "controlled": ("World", "vocabulary"),
        "tiny": ("quick_world",),
    },
)
