"""Training of the head that labels all names of a post."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "fit_names": ("fit_head",),
        "name_options": ("NameTraining",),
        "read_words": ("ReadPost", "read_words"),
        "score_names": ("score_names",),
    },
)
