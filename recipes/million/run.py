"""Many posts from end to end on one machine: extraction, graph, counted ids and a plot.

    nice -n 19 python recipes/million/run.py FOLDER --posts 1000000

writes posts with names of their own into FOLDER, extracts them with the default engine and builds
their graph on disk. It can be cut at any time, with ``kill -9`` too: the same command resumes it,
and does nothing that is done. A line of ``samples.jsonl`` has the speed and the memory of ten
seconds. At the end ``report.json`` says whether an id was lost or doubled, and ``million.svg``
shows posts per second and memory over the hours worked, with a line at each interruption.
``--plot`` draws the samples so far, and ends.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parents[2]
SECONDS = 10.0
Sample = dict[str, float]


def main() -> int:
    """Run all steps that are not done yet."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--posts", type=int, default=1_000_000)
    parser.add_argument("--memory", default="512MB", help="of the database of the graph")
    parser.add_argument("--plot", action="store_true", help="draw the samples so far, and end")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    posts, found = options.folder / "posts.jsonl", options.folder / "found.jsonl"
    samples, graph = options.folder / "samples.jsonl", options.folder / "graph.json"
    if not options.plot:
        if not posts.exists():
            write(posts, options.posts)
        if not found.exists() and (code := extract(posts, found, samples)):
            return code
        if not graph.exists():
            build(found, graph, options.memory)
    plot(read(samples), options.folder / "million.svg")
    if options.plot:
        return 0
    report = counted(posts, found) | worked(read(samples)) | json.loads(graph.read_text("utf-8"))
    replace(options.folder / "report.json", json.dumps(report) + "\n")
    print(json.dumps(report))
    return 1 if report["lost"] or report["doubled"] or report["strange"] else 0


def jmere() -> list[str]:
    """Return the command, in this interpreter."""
    return [sys.executable, "-m", "jmere"]


def replace(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    part = path.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def write(path: Path, count: int) -> None:
    """Write the posts of ``benchmarks/graph.py``, without their annotation."""
    annotated, part = path.with_suffix(".annotated"), path.with_suffix(".part")
    command = [sys.executable, str(ROOT / "benchmarks" / "graph.py")]
    subprocess.run([*command, "--posts", str(count), "--write", str(annotated)], check=True)
    with annotated.open(encoding="utf-8") as lines, part.open("w", encoding="utf-8") as stream:
        for line in lines:
            post = json.loads(line)
            kept = {key: post[key] for key in ("id", "text", "time", "author")}
            stream.write(json.dumps(kept, ensure_ascii=False) + "\n")
    part.replace(path)
    annotated.unlink()


def extract(posts: Path, found: Path, samples: Path) -> int:
    """Extract, from where an earlier run was cut, and sample speed and memory meanwhile."""
    command = [*jmere(), "extract", str(posts), "-o", str(found), "--resume"]
    lines = Lines(found)
    before, done, memory = time.time(), lines.count(), 0.0
    with (found.parent / "extract.log").open("a", encoding="utf-8") as log:
        process = subprocess.Popen(command, stderr=log)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        with samples.open("a", encoding="utf-8") as stream:
            if stream.tell() and not samples.read_bytes().endswith(b"\n"):
                stream.write("\n")
            while process.poll() is None:
                time.sleep(SECONDS)
                memory, now, count = resident(process.pid) or memory, time.time(), lines.count()
                line = {"time": now, "seconds": now - before, "posts": count}
                line |= {"posts_per_second": max(0, count - done) / (now - before)}
                stream.write(json.dumps(line | {"megabytes": memory}) + "\n")
                stream.flush()
                before, done = now, count
    finally:
        process.terminate()
        process.wait()
    if process.returncode:
        print(
            f"{found}: jmere extract ended with {process.returncode}; see extract.log in its folder"
        )
    return process.returncode


class Lines:
    """Counts the lines of an output, of which an unfinished one is in another file."""

    def __init__(self, path: Path) -> None:
        self.path, self.part = path, path.with_name(f"{path.name}.part")
        self.total = self.read = 0

    def count(self) -> int:
        """Return the number of lines; what was counted before is not read again."""
        path = self.part if self.part.exists() else self.path
        if not path.exists():
            return 0
        if path.stat().st_size < self.read:
            self.total = self.read = 0
        with path.open("rb") as stream:
            stream.seek(self.read)
            while block := stream.read(1 << 20):
                self.total += block.count(b"\n")
                self.read += len(block)
        return self.total


def resident(process: int) -> float | None:
    """Return the memory of a process in MB; ``None`` if it has ended."""
    try:
        text = Path(f"/proc/{process}/statm").read_text(encoding="ascii")
        return int(text.split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (OSError, IndexError):
        return None


def build(found: Path, figures: Path, memory: str) -> None:
    """Build the graph on disk, and write its figures."""
    command = [*jmere(), "graph", "build", str(found), "-o", str(found.with_name("graph.nt"))]
    started = time.monotonic()
    process = subprocess.Popen([*command, "--memory", memory, "--json"], stdout=subprocess.PIPE)
    printed = process.stdout.read() if process.stdout else b""
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{found}: the graph cannot be built")
    counts = json.loads(printed)
    kept = {key: counts[key] for key in ("nodes", "edges", "evidence")}
    kept["graph_seconds"] = round(time.monotonic() - started, 1)
    kept["graph_megabytes"] = round(usage.ru_maxrss / 1024)
    replace(figures, json.dumps(kept) + "\n")


def counted(posts: Path, found: Path) -> dict[str, float]:
    """Compare the ids of posts and results."""
    wanted, results = ids_of(posts), ids_of(found)
    return {
        "posts": wanted.total(),
        "results": results.total(),
        "lost": len(wanted.keys() - results.keys()),
        "strange": len(results.keys() - wanted.keys()),
        "doubled": sum(count > 1 for count in results.values()),
    }


def ids_of(path: Path) -> Counter[str]:
    """Count the ids of a file."""
    with path.open(encoding="utf-8") as lines:
        return Counter(json.loads(line)["id"] for line in lines)


def read(samples: Path) -> list[Sample]:
    """Return the samples; a line that was cut is passed over."""
    if not samples.exists():
        return []
    lines = samples.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.endswith("}")]


def interruptions(samples: Sequence[Sample]) -> list[tuple[int, float]]:
    """Return the index of each sample that follows an interruption, and its seconds."""
    pauses = []
    for index, (one, other) in enumerate(pairwise(samples), start=1):
        if (pause := other["time"] - other["seconds"] - one["time"]) > 1:
            pauses.append((index, pause))
    return pauses


def worked(samples: Sequence[Sample]) -> dict[str, float]:
    """Return hours and speed of all sessions; what a session lost when it was cut counts too."""
    seconds = sum(each["seconds"] for each in samples)
    return {
        "sessions": len(interruptions(samples)) + 1,
        "hours": round(seconds / 3600, 3),
        "posts_per_second": round(samples[-1]["posts"] / seconds, 1) if samples else 0.0,
        "megabytes": round(max((each["megabytes"] for each in samples), default=0)),
    }


def means(values: Sequence[float]) -> list[float]:
    """Return the mean of each value and of those in the minute before: results come in batches."""
    parts = [values[max(0, end - 6) : end] for end in range(1, len(values) + 1)]
    return [sum(part) / len(part) for part in parts]


def plot(samples: Sequence[Sample], picture: Path) -> None:
    """Draw posts per second and memory over the hours worked, interrupted where the run was."""
    from matplotlib.figure import Figure

    hours, total = [], 0.0
    for each in samples:
        total += each["seconds"] / 3600
        hours.append(total)
    pauses = interruptions(samples)
    ends = [0, *(index for index, _ in pauses), len(samples)]
    figure = Figure(figsize=(7, 4), layout="constrained")
    speed, memory = axes = figure.subplots(2, sharex=True)
    for axis, key in ((speed, "posts_per_second"), (memory, "megabytes")):
        for first, last in pairwise(ends):
            values = [each[key] for each in samples[first:last]]
            if axis is speed:
                values = means(values)
            axis.plot(hours[first:last], values, linewidth=1, color="tab:blue")
    for index, _ in pauses:
        start = hours[index] - samples[index]["seconds"] / 3600
        for axis in axes:
            axis.axvline(start, color="tab:red", linewidth=0.8, linestyle=":")
    told = f"{samples[-1]['posts'] if samples else 0:,} posts, interruptions: {len(pauses)}"
    if pauses:
        told += f" (dotted; {sum(pause for _, pause in pauses) / 60:,.1f} minutes left out)"
    speed.set_title(told, fontsize="medium")
    speed.set(ylabel="posts per second,\nmean of a minute", ylim=(0, None))
    memory.set(ylabel="memory, MB", ylim=(0, None), xlabel="hours worked")
    figure.savefig(picture)


if __name__ == "__main__":
    sys.exit(main())
