"""Continued pretraining of a text encoder on posts."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "adapt": ("adapt",),
        "adapt_config": ("AdaptConfig",),
    },
)
