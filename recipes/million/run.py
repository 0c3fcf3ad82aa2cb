"""Many posts from end to end on one machine: extraction, graph, counted ids and a plot.

    python recipes/million/run.py FOLDER --posts 1000000

writes posts with names of their own into FOLDER, extracts them with the default engine and builds
their graph on disk. The extraction can be cut at any time: the same command resumes it. Speed and
memory of every ten seconds are lines of ``samples.jsonl``. At the end ``report.json`` says whether
an id was lost or doubled, and ``million.svg`` shows posts per second and memory over time.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
SECONDS = 10.0


def main() -> int:
    """Run all steps that are not done yet."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--posts", type=int, default=1_000_000)
    parser.add_argument("--memory", default="512MB", help="of the database of the graph")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    posts, found = options.folder / "posts.jsonl", options.folder / "found.jsonl"
    if not posts.exists():
        write(posts, options.posts)
    if not found.exists() and (code := extract(posts, found, options.folder / "samples.jsonl")):
        return code
    graph = ["graph", "build", str(found), "-o", str(options.folder / "graph.nt")]
    subprocess.run([*jmere(), *graph, "--memory", options.memory], check=True)
    report = counted(posts, found)
    (options.folder / "report.json").write_text(json.dumps(report) + "\n", encoding="utf-8")
    plot(options.folder / "samples.jsonl", options.folder / "million.svg")
    print(json.dumps(report))
    return 1 if report["lost"] or report["doubled"] or report["strange"] else 0


def jmere() -> list[str]:
    """Return the command, in this interpreter."""
    return [sys.executable, "-m", "jmere"]


def write(path: Path, count: int) -> None:
    """Write the posts of ``benchmarks/graph.py``, without their annotation."""
    part = path.with_suffix(".part")
    command = [sys.executable, str(ROOT / "benchmarks" / "graph.py")]
    subprocess.run([*command, "--posts", str(count), "--write", str(part)], check=True)
    with part.open(encoding="utf-8") as lines, path.open("w", encoding="utf-8") as stream:
        for line in lines:
            post = json.loads(line)
            kept = {key: post[key] for key in ("id", "text", "time", "author")}
            stream.write(json.dumps(kept, ensure_ascii=False) + "\n")
    part.unlink()


def extract(posts: Path, found: Path, samples: Path) -> int:
    """Extract, from where an earlier run was cut, and sample speed and memory meanwhile."""
    command = [*jmere(), "extract", str(posts), "-o", str(found), "--resume"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    before, part = time.time(), found.with_name(f"{found.name}.part")
    done = lines_of(part)
    with samples.open("a", encoding="utf-8") as stream:
        while process.poll() is None:
            time.sleep(SECONDS)
            memory = resident(process.pid)
            now, count = time.time(), lines_of(part if part.exists() else found)
            if memory is not None:
                speed = (count - done) / (now - before)
                line = {"time": now, "posts": count, "posts_per_second": speed, "megabytes": memory}
                stream.write(json.dumps(line) + "\n")
                stream.flush()
            before, done = now, count
    return process.returncode


def lines_of(path: Path) -> int:
    """Return the number of lines of a file, which may not exist yet."""
    if not path.exists():
        return 0
    with path.open("rb") as stream:
        return sum(block.count(b"\n") for block in iter(lambda: stream.read(1 << 20), b""))


def resident(process: int) -> float | None:
    """Return the memory of a process in MB; ``None`` if it has ended."""
    try:
        text = Path(f"/proc/{process}/statm").read_text(encoding="ascii")
        return int(text.split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (OSError, IndexError):
        return None


def counted(posts: Path, found: Path) -> dict[str, int]:
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


def plot(samples: Path, picture: Path) -> None:
    """Draw posts per second and memory over the time that was worked."""
    from matplotlib.figure import Figure

    rows = [json.loads(line) for line in samples.read_text(encoding="utf-8").splitlines()]
    hours = [number * SECONDS / 3600 for number in range(len(rows))]
    figure = Figure(figsize=(7, 4), layout="constrained")
    speed, memory = figure.subplots(2, sharex=True)
    speed.plot(hours, [row["posts_per_second"] for row in rows], linewidth=1)
    memory.plot(hours, [row["megabytes"] for row in rows], linewidth=1)
    speed.set(ylabel="posts per second", ylim=(0, None))
    memory.set(ylabel="memory, MB", ylim=(0, None), xlabel="hours")
    figure.savefig(picture)


if __name__ == "__main__":
    sys.exit(main())
