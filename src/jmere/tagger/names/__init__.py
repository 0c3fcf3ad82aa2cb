"""Names in a relation or not: a head beside a model that labels words."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "name_files": ("NameConfig",),
    },
)
