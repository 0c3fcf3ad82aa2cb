"""Scene graphs of posts, from every source but pixels: given, files, captions."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "combine": ("join_graphs", "top_objects"),
        "sources": ("CaptionParser", "PixelReader", "SceneResult", "SceneSources"),
    },
)
