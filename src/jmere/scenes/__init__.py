"""Scene graphs and their sources."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "combine": ("join_graphs", "top_objects"),
        "sources": ("CaptionParser", "PixelReader", "SceneResult", "SceneSources"),
    },
)
