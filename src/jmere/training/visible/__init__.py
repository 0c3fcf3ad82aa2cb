"""Training of the head that says which entities the picture shows."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "fit_visible": ("MarkedPost", "fit_visible"),
        "marked_posts": ("prepare_marked",),
        "visible_options": ("VisibleTraining",),
    },
)
