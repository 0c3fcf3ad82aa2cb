"""PicoDet and YOLOX side by side on a folder of pictures: objects, agreement and speed.

``agreement`` is the share of one detector's objects (of its score and above) that the other also
finds: the same class, at an IoU of at least 0.5, each object counted once. ``milliseconds`` is the
median processor time of one picture, decoded, the detectors in turn in one process. ``default``
compares them at their own minimum scores, ``scores`` at equal ones.
``ratio`` is the time of PicoDet over that of YOLOX. With ``--sheet``, the pictures are drawn with
each detector's boxes, to judge by eye.
"""

import argparse
import json
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from jmere.records import Pixels, SceneGraph, SceneObject
from jmere.show.overlay import draw_scene
from jmere.vision.detect.boxes import Selection, intersection_over_union
from jmere.vision.detect.detector import Detector, load_detector
from jmere.vision.images import read_picture

KINDS = {"picodet": 0.4, "yolox": 0.3}
"""The detectors, and the score from which each keeps objects by default."""

IOU = 0.5


def main() -> None:
    """Measure and print one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON, as always")
    parser.add_argument("--images", type=Path, nargs="+", required=True, help="folders of JPEGs")
    parser.add_argument("--picodet", help="PicoDet weights: a file or a known name")
    parser.add_argument("--yolox", help="YOLOX weights: a file or a known name")
    parser.add_argument("--scores", type=float, nargs="+", default=[0.3, 0.4, 0.5])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--sheet", type=Path, help="folder for pictures with the boxes of both")
    options = parser.parse_args()
    paths = sorted(path for folder in options.images for path in folder.glob("*.jpg"))
    if not paths:
        raise SystemExit(f"detectors: no .jpg in {', '.join(map(str, options.images))}")
    lowest = Selection(objects=100, min_score=min(options.scores))
    detectors = {
        kind: load_detector(kind, weights=getattr(options, kind), selection=lowest)
        for kind in KINDS
    }
    pictures = [read_picture(path).pixels for path in paths]
    found = {kind: [each.detect(pixels) for pixels in pictures] for kind, each in detectors.items()}
    times = timed(detectors, pictures, options.repeats)
    print(
        json.dumps(
            {
                "name": "detectors",
                "ratio": times["picodet"] / times["yolox"],
                "milliseconds": times,
                "pictures": len(pictures),
                "default": compared(found, KINDS),
                "scores": {
                    score: compared(found, dict.fromkeys(KINDS, score)) for score in options.scores
                },
            }
        )
    )
    if options.sheet is not None:
        draw(options.sheet, paths, pictures, found)


def compared(found: dict[str, list[SceneGraph]], least: dict[str, float]) -> dict[str, object]:
    """Objects per picture of each detector, and the share that the other finds too."""
    above = {
        kind: [surer(scene, least[kind]) for scene in scenes] for kind, scenes in found.items()
    }
    shared = sum(matches(*pair) for pair in zip(*above.values(), strict=True))
    counts = {kind: sum(map(len, things)) for kind, things in above.items()}
    return {
        "objects_per_picture": {kind: n / len(above[kind]) for kind, n in counts.items()},
        "empty_pictures": {kind: things.count([]) for kind, things in above.items()},
        "agreement": {kind: shared / n if n else None for kind, n in counts.items()},
    }


def surer(scene: SceneGraph, score: float) -> list[SceneObject]:
    """The objects of a scene of a score and above."""
    return [thing for thing in scene.objects if (thing.score or 0) >= score]


def matches(first: Sequence[SceneObject], second: Sequence[SceneObject]) -> int:
    """The number of objects that two detectors agree on, matched greedily, best score first."""
    free = list(second)
    for thing in first:
        alike = [other for other in free if other.label == thing.label]
        if alike:
            overlap = overlaps([thing.box], [other.box for other in alike])[0]
            if overlap.max() >= IOU:
                free.remove(alike[int(overlap.argmax())])
    return len(second) - len(free)


def overlaps(first: list[object], second: list[object]) -> np.ndarray:
    """IoU of every pair of boxes."""
    return intersection_over_union(np.array(first, np.float32), np.array(second, np.float32))


def timed(
    detectors: dict[str, Detector], pictures: Sequence[Pixels], repeats: int
) -> dict[str, float]:
    """Median milliseconds of each detector on one picture, in turn."""
    seconds: dict[str, list[float]] = {kind: [] for kind in detectors}
    for _ in range(repeats):
        for pixels in pictures:
            for kind, detector in detectors.items():
                started = time.process_time()
                detector.detect(pixels)
                seconds[kind].append(time.process_time() - started)
    return {kind: 1000 * statistics.median(values) for kind, values in seconds.items()}


def draw(
    folder: Path,
    paths: list[Path],
    pictures: Sequence[Pixels],
    found: dict[str, list[SceneGraph]],
) -> None:
    """Write each picture twice, side by side, with each detector's boxes."""
    folder.mkdir(parents=True, exist_ok=True)
    for index, (path, pixels) in enumerate(zip(paths, pictures, strict=True)):
        sides = [
            draw_scene(pixels, SceneGraph(tuple(surer(scenes[index], KINDS[kind]))))
            for kind, scenes in found.items()
        ]
        height = min(side.height for side in sides)
        sheet = Image.new("RGB", (sum(side.width for side in sides), height))
        left = 0
        for side in sides:
            sheet.paste(side, (left, 0))
            left += side.width
        sheet.save(folder / f"{path.stem}.jpg", quality=85)


if __name__ == "__main__":
    main()
