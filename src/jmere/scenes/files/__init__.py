"""Scene-graph files of many images."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "features": ("read_features",),
        "release": ("release_scenes",),
        "scene_files": ("read_scenes",),
        "toolkit": ("toolkit_scenes",),
    },
)
