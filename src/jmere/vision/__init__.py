"""Scene graphs from pixels: image decoding, object detection, relation prediction."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "cache": ("SceneCache",),
        "images": ("ImageError", "Picture", "open_picture", "read_picture"),
        "pixels": ("PixelScenes", "VisionConfig"),
    },
)
