"""Whether the picture shows an entity: a head beside a model, and what runs it."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "description": ("description_of",),
        "visibility": ("Visibility",),
    },
)
