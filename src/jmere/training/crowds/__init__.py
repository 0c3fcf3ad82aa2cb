"""Training texts made of posts: varied, and several joined into one."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "crowd_config": ("JoinConfig", "VaryConfig"),
        "draws": ("DrawnTexts",),
        "stacks": ("stacked", "stacked_sets"),
        "texts": ("Passage", "join_texts"),
    },
)
