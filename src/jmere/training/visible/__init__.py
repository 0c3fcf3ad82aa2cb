"""Training of the heads that say which entities the picture shows."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "fit_visible": ("fit_heads",),
        "marked_posts": ("MarkedPost", "prepare_marked"),
        "visible_options": ("VisibleTraining",),
    },
)
