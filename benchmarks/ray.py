"""Two workers of a Ray cluster over one process with two threads, on the same posts.

``ratio`` is the median time of two workers, from a file of posts to their parts on disk, over that
of ``Extractor.stream`` in this process with two threads, from the same file to a file of results.
The two take turns after a warm-up: cluster, workers and models are loaded. ``start_seconds`` is
what that took.
"""

import sys
from pathlib import Path

# This file has the name of the library, and its folder is first on the path of a script: without it
# the library is found, here and in the workers, to which Ray gives the folder of a script.
HERE = str(Path(__file__).resolve().parent)
sys.path = [path for path in sys.path if str(Path(path or ".").resolve()) != HERE]

import argparse  # noqa: E402
import importlib.util  # noqa: E402
import json  # noqa: E402
import shutil  # noqa: E402
import statistics  # noqa: E402
import tempfile  # noqa: E402
import time  # noqa: E402
from types import ModuleType  # noqa: E402

from jmere import Extractor, read_posts, write_posts  # noqa: E402
from jmere.data.predictions import write_predictions  # noqa: E402
from jmere.data.tables.columns import Columns  # noqa: E402
from jmere.ray.cluster import connected  # noqa: E402
from jmere.ray.loading import ExtractorLoader  # noqa: E402
from jmere.ray.part_worker import PartJob  # noqa: E402
from jmere.ray.pool import Pool  # noqa: E402
from jmere.ray.run_inputs import RunInputs  # noqa: E402
from jmere.tagger.onnx_scorer import OnnxScorer  # noqa: E402

WORKERS = 2


def beside(name: str) -> ModuleType:
    """Import a benchmark from this folder, which is not on the path."""
    spec = importlib.util.spec_from_file_location(name, f"{HERE}/{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> None:
    """Measure and print one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON, as always")
    parser.add_argument("--posts", type=Path, help="JSON Lines of posts; default: the samples")
    parser.add_argument("--count", type=int, default=2048, help="posts, drawn with repetition")
    parser.add_argument("--parts", type=int, default=4, help="parts of the output")
    parser.add_argument("--model", default="default")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measured(options, Path(folder))))


def measured(options: argparse.Namespace, folder: Path) -> dict[str, object]:
    """Take both times in turn."""
    extract = beside("extract")
    posts = extract.drawn(list(read_posts(options.posts or extract.SAMPLES)), options.count)
    file, out = folder / "posts.jsonl", folder / "out"
    write_posts(file, posts)
    loader = ExtractorLoader(model=options.model).within_folder()
    extractor = Extractor.from_pretrained(options.model, visual=loader.visual)
    if isinstance(extractor.tagger.scorer, OnnxScorer):
        extractor.tagger.scorer.pool.count = WORKERS
    inputs = RunInputs.found(str(file))
    pieces = inputs.pieces(-(-inputs.sizes[0] // options.parts))
    job = PartJob(loader=loader, output=str(out), form=inputs.form, columns=Columns())
    workers: list[float] = []
    process: list[float] = []
    started = time.perf_counter()
    with connected(workers=WORKERS) as ray, Pool(ray, job, workers=WORKERS) as pool:
        pool.wait_until_loaded()
        start = time.perf_counter() - started
        for repeat in range(options.repeats + 1):
            started = time.perf_counter()
            written = sum(done.record["posts"] for done in pool.run(pieces))
            between = time.perf_counter()
            write_predictions(folder / "alone.jsonl", extractor.stream(read_posts(file)))
            if repeat:  # the first is a warm-up
                workers.append(between - started)
                process.append(time.perf_counter() - between)
    assert written == len(posts)
    same = joined(out) == (folder / "alone.jsonl").read_bytes()
    shutil.rmtree(out)
    seconds, reference = statistics.median(workers), statistics.median(process)
    return {
        "name": "ray",
        "ratio": seconds / reference,
        "seconds": seconds,
        "reference_seconds": reference,
        "start_seconds": start,
        "posts": len(posts),
        "posts_per_second": len(posts) / seconds,
        "posts_per_core_hour": 3600 * len(posts) / seconds / WORKERS,
        "bytes_per_post_in": file.stat().st_size / len(posts),
        "bytes_per_post_out": (folder / "alone.jsonl").stat().st_size / len(posts),
        "parts": len(pieces),
        "workers": WORKERS,
        "same_bytes": same,
    }


def joined(folder: Path) -> bytes:
    """Return the bytes of all parts, in order."""
    return b"".join(part.read_bytes() for part in sorted(folder.glob("part-*.jsonl")))


if __name__ == "__main__":
    main()
