"""The command line from a cold start, over a process that only imports its libraries.

``ratio`` is the median time of ``jmere extract --text ...`` as a process over that of a process
that imports NumPy, spaCy and ONNX Runtime and does nothing; the two in turn. Both run in the
Python that runs this file. ``processor_ratio`` is the same in processor time, which other programs
disturb less. ``megabytes`` is the peak memory of the command. ``steps`` is where a process of the
library spends its time, in seconds of processor time, ``parser`` being the parser's loading.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass

TEXT = "Stephen Curry leads the Golden State Warriors"

REFERENCE = "import numpy, spacy, onnxruntime"

STEPS = """
import json, time
steps, last = {}, time.process_time()
def done(name):
    global last
    now = time.process_time()
    steps[name], last = now - last, now
import numpy, spacy, onnxruntime
done("libraries")
import jmere.cli.extract
import jmere.extract
done("package")
from jmere.text.parser import Parser
Parser.load()
done("parser")
extractor = jmere.Extractor.from_pretrained(MODEL, vision=None)
done("model")
extractor.extract(TEXT)
done("first_post")
extractor.extract(TEXT)
done("second_post")
print(json.dumps(steps))
"""


@dataclass(frozen=True)
class Run:
    """What a process took."""

    seconds: float
    processor_seconds: float
    megabytes: float


def main() -> None:
    """Measure and print one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON, as always")
    parser.add_argument("--model", default="default")
    parser.add_argument("--pairs", type=int, default=7)
    options = parser.parse_args()
    commands = {
        "ours": [
            *(sys.executable, "-m", "jmere", "extract"),
            *("--model", options.model, "--text", TEXT),
        ],
        "reference": [sys.executable, "-c", REFERENCE],
    }
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for pair in range(options.pairs + 1):
        for name, command in commands.items():
            run = timed(command)
            if pair:  # the first fills the disk's cache
                runs[name].append(run)
    ours, reference = (middle(runs[name]) for name in ("ours", "reference"))
    code = STEPS.replace("MODEL", repr(options.model)).replace("TEXT", repr(TEXT))
    steps = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    result = {
        "name": "cold",
        "ratio": ours.seconds / reference.seconds,
        "seconds": ours.seconds,
        "reference_seconds": reference.seconds,
        "processor_ratio": ours.processor_seconds / reference.processor_seconds,
        "processor_seconds": ours.processor_seconds,
        "megabytes": max(run.megabytes for run in runs["ours"]),
        "reference_megabytes": reference.megabytes,
        "steps": {name: round(each, 3) for name, each in json.loads(steps.stdout).items()},
        "pairs": options.pairs,
    }
    print(json.dumps(result))


def timed(command: list[str]) -> Run:
    """Run a process to its end."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"cold: {' '.join(command)} ended with {process.returncode}")
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return Run(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / unit)


def middle(runs: list[Run]) -> Run:
    """Median of each figure."""
    return Run(
        statistics.median(run.seconds for run in runs),
        statistics.median(run.processor_seconds for run in runs),
        statistics.median(run.megabytes for run in runs),
    )


if __name__ == "__main__":
    main()
