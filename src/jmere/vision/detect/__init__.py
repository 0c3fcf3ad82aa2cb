"""Objects of a picture: one interface, ``Detector``, and a file for each kind of network."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "boxes": ("Selection",),
        "detector": ("Detector", "load_detector", "scene_of"),
        "detr": ("Detr",),
        "maskrcnn": ("MaskRcnn",),
        "yolox": ("Yolox",),
    },
)
