"""Scene graphs from captions."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "caption_graph": ("scene_from_caption",),
    },
)
