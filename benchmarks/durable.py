"""The cost of waiting for the disk before a file gets its name, against not waiting.

``milliseconds`` are of one file that is written whole, ``ratio`` is over the same without the wait,
as medians of turns. ``lines`` writes a file of JSON Lines as extraction does, one that waits once a
second; there the ratio is of the whole.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from unittest import mock

from jmere.files import ResumableLines, folder_replaced, written_whole

SIZES = {"10 kB": 10_000, "1 MB": 1_000_000, "100 MB": 100_000_000}
LINES, CHUNK = 20_000, 512


def main() -> None:
    """Measure and print one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON, as always")
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--folder", type=Path, help="on the disk to be measured")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        found: dict[str, object] = {}
        for size, count in SIZES.items():
            data = os.urandom(count)
            found[size] = compared(lambda data=data: write(folder / "file", data), options.repeats)
        found["model folder of 30 MB"] = compared(lambda: write_folder(folder), options.repeats)
        found["lines"] = compared(lambda: write_lines(folder / "out.jsonl"), options.repeats)
    print(json.dumps(found))


def compared(work: Callable[[], None], repeats: int) -> dict[str, float]:
    """Time some work with and without the wait, in turns."""
    waiting, not_waiting = [], []
    for _ in range(repeats):
        waiting.append(seconds(work))
        with mock.patch("os.fsync", return_value=None):
            not_waiting.append(seconds(work))
    ours, theirs = statistics.median(waiting), statistics.median(not_waiting)
    return {"milliseconds": round(1000 * ours, 1), "ratio": round(ours / theirs, 2)}


def seconds(work: Callable[[], None]) -> float:
    """Time some work once."""
    started = time.monotonic()
    work()
    return time.monotonic() - started


def write(path: Path, data: bytes) -> None:
    """Write a file whole."""
    with written_whole(path, binary=True) as stream:
        stream.write(data)


def write_folder(folder: Path) -> None:
    """Write a folder of six files whole."""
    with folder_replaced(folder / "model") as part:
        for number in range(6):
            (part / str(number)).write_bytes(bytes(5_000_000))


def write_lines(path: Path) -> None:
    """Write lines of 500 characters."""
    line = json.dumps({"text": "x" * 480})
    with ResumableLines(path, {}, chunk=CHUNK) as lines:
        for _ in range(LINES):
            lines.write(line)


if __name__ == "__main__":
    main()
