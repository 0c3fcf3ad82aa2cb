"""Scene graphs and their sources."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "combine": ("join_graphs", "top_objects"),
        "control": ("apply_visual_control", "shuffled"),
        "sources.from_caption": ("CaptionParser",),
        "sources.from_pixels": ("PixelReader",),
        "sources.search": ("SceneResult", "SceneSource", "SceneSources"),
        "visual_config": ("VisualConfig",),
    },
)
