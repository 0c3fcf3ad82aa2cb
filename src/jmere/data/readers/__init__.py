"""Readers of published datasets, one file per format."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "conll": ("read_conll",),
        "gmner": ("read_gmner",),
        "jmere": ("read_release",),
        "mnre": ("read_mnre",),
    },
)
