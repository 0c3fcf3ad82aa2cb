"""Scene graphs end to end over the bare detector session on the same pictures.

``ratio`` is the median time from picture files to scene graphs (reading, objects,
appearance, relations; no cache) over that of the detector's own session alone, a picture
after another, on the same pictures decoded and resized beforehand; the two in turn in one
process. ``ratio_default_session`` is the same over a session of onnxruntime's own settings,
which divides each picture among all processors. ``posts_per_second`` is that of extraction
with pixels, and ``text_posts_per_second`` that of the same posts without. ``images_share`` is the
speed of extraction with pixels over that of the slower of its halves: the detector's session alone,
or the posts without pixels.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from PIL import Image, ImageDraw

from jmere import Extractor, Post
from jmere.pretrained.detectors import find_weights
from jmere.vision.detect.picodet import PICODET
from jmere.vision.images import read_picture
from jmere.vision.pixels import PixelScenes, VisionConfig
from jmere.vision.read_ahead import processors

WORDS = "Stephen Curry and Klay Thompson lead the Golden State Warriors to the NBA title"


def main() -> None:
    """Measure and print one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON, as always")
    parser.add_argument("--images", type=Path, help="folder of JPEG files; drawn ones if absent")
    parser.add_argument("--weights", help="PicoDet or YOLOX weights: a file or a known name")
    parser.add_argument("--count", type=int, default=48, help="pictures at most")
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--workers", type=int, default=0, help="pictures side by side")
    options = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        if options.images is None:
            paths = drawn(Path(folder), options.count)
        else:
            paths = sorted(options.images.glob("*.jpg"))[: options.count]
        try:
            print(json.dumps(measure(paths, options)))
        except FileNotFoundError as error:  # the weights are not here
            raise SystemExit(f"scene: {error}") from None


def measure(paths: list[Path], options: argparse.Namespace) -> dict[str, object]:
    """The figures of some pictures."""
    config = VisionConfig(weights=options.weights, workers=options.workers, cache=False)
    pixels = PixelScenes(config)
    detector = pixels.load().detector
    prepared = [detector.prepare(read_picture(path).pixels) for path in paths]
    bare = onnxruntime.InferenceSession(
        str(find_weights(options.weights or PICODET)), providers=["CPUExecutionProvider"]
    )
    name = bare.get_inputs()[0].name

    output = [each.name for each in bare.get_outputs()]
    seconds = timed(
        {
            "ours": lambda: list(pixels.scenes(paths)),
            "reference": lambda: [detector.session.run(output, {name: x}) for x in prepared],
            "default": lambda: [bare.run(None, {name: x}) for x in prepared],
        },
        options.repeats,
    )
    posts = [Post(text=WORDS, image=path, id=path.name) for path in paths]
    extractor = Extractor.from_pretrained(vision=config)
    texts = [replace(post, image=None) for post in posts]
    speed = timed(
        {
            "pixels": lambda: list(extractor.stream(posts)),
            "text": lambda: list(extractor.stream(texts)),
        },
        3,
    )
    return {
        "name": "scene",
        "ratio": seconds["ours"] / seconds["reference"],
        "seconds": seconds["ours"],
        "reference_seconds": seconds["reference"],
        "ratio_default_session": seconds["ours"] / seconds["default"],
        "pictures": len(paths),
        "pictures_per_second": len(paths) / seconds["ours"],
        "objects_per_picture": float(
            np.mean([len(scene.objects) for scene in pixels.scenes(paths)])
        ),
        "posts_per_second": len(paths) / speed["pixels"],
        "text_posts_per_second": len(paths) / speed["text"],
        "images_share": max(seconds["reference"], speed["text"]) / speed["pixels"],
        "workers": options.workers or processors(),
    }


def timed(steps: dict[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """Median seconds of each step, all in turn, after a warm-up."""
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for repeat in range(repeats + 1):
        for name, step in steps.items():
            started = time.perf_counter()
            step()
            if repeat:
                seconds[name].append(time.perf_counter() - started)
    return {name: statistics.median(values) for name, values in seconds.items()}


def drawn(folder: Path, count: int) -> list[Path]:
    """Pictures of a usual size, with enough in them to be work to decode."""
    random = np.random.default_rng(0)
    paths = []
    for number in range(count):
        coarse = random.integers(0, 256, (12, 16, 3), dtype=np.uint8)
        image = Image.fromarray(coarse).resize((640, 480), Image.Resampling.BICUBIC)
        pen = ImageDraw.Draw(image)
        for _ in range(20):
            x, y, side = random.integers(0, [640, 480, 200])
            pen.ellipse((x, y, x + side, y + side), fill=tuple(random.integers(0, 256, 3).tolist()))
        noise = random.integers(0, 24, (480, 640, 3), dtype=np.uint8)
        path = folder / f"{number}.jpg"
        Image.fromarray(np.asarray(image) // 2 + noise).save(path, quality=90)
        paths.append(path)
    return paths


if __name__ == "__main__":
    main()
