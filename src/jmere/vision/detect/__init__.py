"""Object detectors: the interface ``Detector`` and one file per family."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "boxes": ("Selection",),
        "detector": ("Detector", "load_detector", "scene_of"),
        "detr": ("Detr",),
        "maskrcnn": ("MaskRcnn",),
        "picodet": ("PicoDet",),
        "yolox": ("Yolox",),
    },
)
