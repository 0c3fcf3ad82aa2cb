"""Sources of a post's scene graph, each in a file of its own, and the search through them."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "from_caption": ("CaptionParser", "FromCaption"),
        "described": ("Descriptions",),
        "from_files": ("FromFiles",),
        "from_pixels": ("FromPixels", "PixelReader"),
        "from_words": ("FromWords",),
        "given": ("Given",),
        "search": ("Describer", "SceneResult", "SceneSource", "SceneSources"),
    },
)
