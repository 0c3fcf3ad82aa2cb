"""A graph of many posts, merged on disk, against another version of this package.

``ratio`` is the processor time of ``jmere graph build --memory`` over that of ``jmere graph build``
with the package in ``--against``, on the same posts, as pairs of processes in turns; ``wall_ratio``
is that of the time on the clock. ``peak_megabytes`` is the memory of all processes of the first,
and ``growth`` its time per post over that for a tenth of the posts: 1 is linear. The posts are
those of ``--posts-from`` with other names: two quintuples each, a tenth of them retweets.
Each version is run on one post first, which compiles it, as an installed package is.
``--posts`` may be a file that ``--write`` has written before.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
SOURCES = [ROOT / "tests" / "robustness" / f"{name}.jsonl" for name in ("own", "reported")]
JMERE = [sys.executable, "-m", "jmere"]
_NOT_COMPILED = "PYTHONDONTWRITEBYTECODE"
RETWEET = "RT @someone: "
Record = dict[str, Any]


def main() -> None:
    """Measure and print one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON, as always")
    parser.add_argument("--posts", default="10000", help="their number, or a file of them")
    parser.add_argument("--format", default="nt", help="format of the graph")
    parser.add_argument("--memory", default="512MB", help="of the database")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--against", type=Path, help="folder src of the other version")
    parser.add_argument("--no-growth", action="store_true", help="without a tenth of the posts")
    parser.add_argument("--posts-from", type=Path, nargs="+", default=SOURCES)
    parser.add_argument("--write", type=Path, help="write the posts to this file, and end")
    options = parser.parse_args()
    if options.write is not None:
        write_posts(options.write, int(options.posts), options.posts_from)
        return
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measured(options, Path(folder))))


def measured(options: argparse.Namespace, folder: Path) -> dict[str, object]:
    """Time both ways in turns."""
    posts, tenth = folder / "posts.jsonl", folder / "tenth.jsonl"
    if options.posts.isdigit():
        write_posts(posts, int(options.posts), options.posts_from)
    else:
        posts = Path(options.posts)
    with posts.open(encoding="utf-8") as lines:
        count = sum(1 for _ in lines)
    output = folder / f"graph.{options.format}"
    command = ["-o", str(output), "--format", options.format]
    on_disk = [*command, "--memory", options.memory]
    one = folder / "one.jsonl"
    write_posts(one, 1, options.posts_from)
    run(build(one, on_disk), ROOT / "src")
    if options.against is not None:
        run(build(one, command), options.against)
    ours, theirs = [], []
    for _ in range(options.rounds):
        ours.append(run(build(posts, on_disk), ROOT / "src"))
        if options.against is not None:
            theirs.append(run(build(posts, command), options.against))
    figures: dict[str, object] = {
        "name": "graph",
        "posts": count,
        "format": options.format,
        "seconds": statistics.median(each.processor for each in ours),
        "wall_seconds": statistics.median(each.wall for each in ours),
        "peak_megabytes": max(each.megabytes for each in ours),
        "megabytes": sum(each.stat().st_size for each in files_of(output)) / 1e6,
    }
    if theirs:
        pairs = list(zip(ours, theirs, strict=True))
        figures |= {
            "reference_seconds": statistics.median(each.processor for each in theirs),
            "reference_wall_seconds": statistics.median(each.wall for each in theirs),
            "reference_megabytes": max(each.megabytes for each in theirs),
            "ratio": statistics.median(a.processor / b.processor for a, b in pairs),
            "wall_ratio": statistics.median(a.wall / b.wall for a, b in pairs),
        }
    if not options.no_growth:
        write_posts(tenth, count // 10, options.posts_from)
        idle = run([*JMERE, "graph", "build", "--help"], ROOT / "src").processor
        small = run(build(tenth, on_disk), ROOT / "src").processor
        figures["growth"] = (ours[-1].processor - idle) / (small - idle) / 10
    return figures


class Run(NamedTuple):
    """What a command took, with the processes that it started."""

    processor: float
    """Seconds."""
    wall: float
    megabytes: float


def build(posts: Path, options: Sequence[str]) -> list[str]:
    """Return the command of a build."""
    return [*JMERE, "graph", "build", str(posts), *options]


def run(command: Sequence[str], source: Path) -> Run:
    """Run a command with the package of a folder."""
    own = {name: value for name, value in os.environ.items() if name != _NOT_COMPILED}
    started, peak = time.perf_counter(), 0.0
    with tempfile.TemporaryFile() as told:
        process = subprocess.Popen(
            command,
            stdout=subprocess.DEVNULL,
            stderr=told,
            env={**own, "PYTHONPATH": str(source)},
        )
        while True:
            ended, status, usage = os.wait4(process.pid, os.WNOHANG)
            if ended:
                break
            peak = max(peak, resident(process.pid))
            time.sleep(0.05)
        if status:
            told.seek(0)
            raise SystemExit(told.read().decode(errors="replace"))
    wall = time.perf_counter() - started
    return Run(usage.ru_utime + usage.ru_stime, wall, max(peak, usage.ru_maxrss / 1024))


def resident(process: int) -> float:
    """Return the memory of a process and of those that it started, in MB."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
        threads = list(Path(f"/proc/{process}/task").iterdir())
        children = [pid for each in threads for pid in (each / "children").read_text().split()]
    except (OSError, IndexError):
        return 0.0
    own = pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    return own + sum(resident(int(child)) for child in children)


def files_of(path: Path) -> list[Path]:
    """Return the files of an output."""
    return [*path.iterdir()] if path.is_dir() else [path]


def write_posts(path: Path, count: int, sources: Sequence[Path]) -> None:
    """Write predictions for as many posts, the same for every call."""
    with path.open("w", encoding="utf-8") as stream:
        for post in varied(read_sources(sources), count):
            stream.write(json.dumps(post, ensure_ascii=False) + "\n")


def read_sources(sources: Sequence[Path]) -> list[Record]:
    """Return annotated posts with two quintuples whose ends do not overlap."""
    found = []
    for path in sources:
        for line in path.read_text(encoding="utf-8").splitlines():
            post = json.loads(line)
            spans = sorted({span_of(end) for end in ends_of(post)})
            apart = all(one[1] <= other[0] for one, other in pairwise(spans))
            if len(post.get("quintuples", ())) >= 2 and apart:
                found.append(post)
    return found


def ends_of(post: Record) -> list[Record]:
    """Return the ends of a post's first two quintuples."""
    return [each[end] for each in post.get("quintuples", [])[:2] for end in ("head", "tail")]


def span_of(end: Record) -> tuple[int, int]:
    """Return the offsets of an entity."""
    return end["start"], end["end"]


def varied(real: Sequence[Record], count: int) -> Iterator[Record]:
    """Yield as many posts with names made of the words of real ones."""
    draw = random.Random(0)
    words = sorted({word for post in real for end in ends_of(post)
                    for word in post["text"][slice(*span_of(end))].split()})  # fmt: skip
    last: Record | None = None
    for number in range(count):
        origin = {
            "id": str(number),
            "author": f"user{draw.randrange(count) // 20}",
            "time": f"2024-{draw.randrange(1, 13):02}-{draw.randrange(1, 29):02}T12:00:00Z",
        }
        if last is not None and draw.random() < 0.1:
            post = retweet(last)
        else:
            post = last = renamed(draw.choice(real), words, draw, count)
        yield {"schema_version": 1, **post, **origin, "model": "default"}


def renamed(post: Record, words: Sequence[str], draw: random.Random, count: int) -> Record:
    """Return a post with other names; some are frequent, some written with accents or capitals."""
    kinds = {span_of(end): end["type"] for end in ends_of(post)}
    ends: dict[tuple[int, int], Record] = {}
    text, place = "", 0
    for span in sorted(kinds):
        text += post["text"][place : span[0]]
        name = name_of(int(count * draw.random() ** 2), words)
        chance = draw.random()
        if chance < 0.1:
            name = name.upper()
        elif chance < 0.15:
            name = name.replace("e", "é")
        start, place = len(text), span[1]
        text += name
        ends[span] = {"text": name, "start": start, "end": len(text), "type": kinds[span]}
    quintuples = [
        {
            "head": ends[span_of(each["head"])],
            "tail": ends[span_of(each["tail"])],
            "relation": each["relation"],
            "score": round(draw.uniform(0.05, 0.45), 3),
        }
        for each in post["quintuples"][:2]
    ]
    text += post["text"][place:]
    return {"text": text, "quintuples": quintuples, "entities": list(ends.values())}


def name_of(number: int, words: Sequence[str]) -> str:
    """Return a name of two or three words; each number has its own."""
    parts = [words[number % len(words)], words[number // len(words) % len(words)]]
    if number >= len(words) ** 2:
        parts.append(words[number // len(words) ** 2 % len(words)])
    return " ".join(parts)


def retweet(post: Record) -> Record:
    """Return a post as somebody repeats it."""

    def moved(end: Record) -> Record:
        by = len(RETWEET)
        return {**end, "start": end["start"] + by, "end": end["end"] + by}

    quintuples = [
        {**each, "head": moved(each["head"]), "tail": moved(each["tail"])}
        for each in post["quintuples"]
    ]
    entities = [moved(each) for each in post["entities"]]
    return {"text": RETWEET + post["text"], "quintuples": quintuples, "entities": entities}


if __name__ == "__main__":
    main()
