"""A graph of many posts, merged on disk, against the same merged in memory.

``ratio`` is the processor time of ``jmere graph build --memory`` over that without the option, on
the same posts, as pairs of processes in turns. ``peak_megabytes`` is the memory of the first, and
``growth`` its time per post over that for a tenth of the posts: 1 is linear. The posts are those
of ``--posts-from`` with other names: two quintuples each, a tenth of them retweets. With
``--alone`` the graph is merged on disk only, for numbers of posts that memory does not hold.
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
from typing import Any

ROOT = Path(__file__).parents[1]
SOURCES = [ROOT / "tests" / "robustness" / f"{name}.jsonl" for name in ("own", "reported")]
RETWEET = "RT @someone: "
Record = dict[str, Any]


def main() -> None:
    """Measure and print one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON, as always")
    parser.add_argument("--posts", type=int, default=10_000)
    parser.add_argument("--format", default="nt", help="format of the graph")
    parser.add_argument("--memory", default="512MB", help="of the database")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--alone", action="store_true", help="without the reference")
    parser.add_argument("--posts-from", type=Path, nargs="+", default=SOURCES)
    parser.add_argument("--write", type=Path, help="write the posts to this file, and end")
    options = parser.parse_args()
    if options.write is not None:
        write_posts(options.write, options.posts, options.posts_from)
        return
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measured(options, Path(folder))))


def measured(options: argparse.Namespace, folder: Path) -> dict[str, object]:
    """Time both ways in turns."""
    posts, tenth = folder / "posts.jsonl", folder / "tenth.jsonl"
    write_posts(posts, options.posts, options.posts_from)
    write_posts(tenth, options.posts // 10, options.posts_from)
    output = folder / f"graph.{options.format}"
    command = ["-o", str(output), "--format", options.format]
    on_disk = [*command, "--memory", options.memory]
    idle = run([sys.executable, "-m", "jmere", "graph", "build", "--help"])[0]
    ours, theirs = [], []
    for _ in range(options.rounds):
        ours.append(run(build(posts, on_disk)))
        if not options.alone:
            theirs.append(run(build(posts, command)))
    megabytes = sum(each.stat().st_size for each in files_of(output)) / 1e6
    small = run(build(tenth, on_disk))
    seconds = statistics.median(each[0] for each in ours)
    reference = statistics.median(each[0] for each in theirs) if theirs else None
    return {
        "name": "graph",
        "ratio": None if reference is None else seconds / reference,
        "seconds": seconds,
        "reference_seconds": reference,
        "wall_seconds": statistics.median(each[1] for each in ours),
        "peak_megabytes": max(each[2] for each in ours),
        "reference_megabytes": max((each[2] for each in theirs), default=None),
        "growth": (seconds - idle) / (small[0] - idle) / 10,
        "posts": options.posts,
        "format": options.format,
        "megabytes": megabytes,
    }


def build(posts: Path, options: Sequence[str]) -> list[str]:
    """Return the command of a build."""
    return [sys.executable, "-m", "jmere", "graph", "build", str(posts), *options]


def run(command: Sequence[str]) -> tuple[float, float, float]:
    """Run a command; return its processor and wall seconds, and its peak memory in MB."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    told = process.stderr.read() if process.stderr else b""
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(told.decode(errors="replace"))
    wall = time.perf_counter() - started
    return usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024


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
