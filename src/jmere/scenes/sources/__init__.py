"""Sources of a post's scene graph, each in a file of its own, and the search through them."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "from_caption": ("CaptionParser", "FromCaption"),
        "from_files": ("FromFiles",),
        "from_pixels": ("FromPixels", "PixelReader"),
        "given": ("Given",),
        "search": ("SceneResult", "SceneSource", "SceneSources"),
    },
)
