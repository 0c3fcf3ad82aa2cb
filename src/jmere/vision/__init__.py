"""Visual graphs: one record, ``SceneGraph``, from every source there is."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "cache": ("SceneCache",),
        "images": ("ImageError", "Picture", "open_picture", "read_picture"),
        "pixels": ("PixelScenes", "VisionConfig"),
    },
)
