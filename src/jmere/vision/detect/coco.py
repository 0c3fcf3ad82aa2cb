"""The 80 classes of COCO, in the order that detectors number them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

COCO = (
    "person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat",
    "traffic light", "fire hydrant", "stop sign", "parking meter", "bench", "bird", "cat", "dog",
    "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe", "backpack", "umbrella",
    "handbag", "tie", "suitcase", "frisbee", "skis", "snowboard", "sports ball", "kite",
    "baseball bat", "baseball glove", "skateboard", "surfboard", "tennis racket", "bottle",
    "wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple", "sandwich", "orange",
    "broccoli", "carrot", "hot dog", "pizza", "donut", "cake", "chair", "couch", "potted plant",
    "bed", "dining table", "toilet", "tv", "laptop", "mouse", "remote", "keyboard", "cell phone",
    "microwave", "oven", "toaster", "sink", "refrigerator", "book", "clock", "vase", "scissors",
    "teddy bear", "hair drier", "toothbrush",
)  # fmt: skip


def class_names(path: Path, count: int | None, given: Sequence[str] | None) -> tuple[str, ...]:
    """Return the names of a network's classes: those given, or COCO's.

    Args:
        path: The network, for messages.
        count: Number of its classes, where it is fixed.
        given: Their names, if the user has named them.

    Raises:
        ValueError: If there is another number of names.
    """
    names = tuple(given or COCO)
    if count is not None and count != len(names):
        raise ValueError(
            f"{path}: has {count} classes, but {len(names)} names are known; "
            "give the names of its classes"
        )
    return names
