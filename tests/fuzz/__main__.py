"""Fuzz everything that the package reads: ``python -m fuzz --seconds 60``.

A fault becomes a file with its input in the folder of crashes, and a line that says how to
repeat it. The last line is a JSON object with the inputs tried of each target; the exit code
is 1 if there was any fault.
"""

import argparse
import hashlib
import json
import os
import random
import selectors
import subprocess
import sys
import tempfile
import time
from pathlib import Path

QUIET = 180
"""Seconds after which a worker that says nothing is taken to hang."""
START = 900
"""Seconds that a worker may take until its first word, on a machine with much else to do."""


def main() -> int:
    """Parse the command line and fuzz."""
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=None, help="of all inputs; random if absent")
    parser.add_argument("--target", default=None, help="this target alone")
    parser.add_argument("--repeat", type=Path, default=None, help="an input to feed --target with")
    parser.add_argument("--crashes", type=Path, default=Path("fuzz-crashes"))
    given = parser.parse_args()
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # files there cost no disk
    with tempfile.TemporaryDirectory(prefix="jmere-fuzz-", dir=memory) as folder:
        if given.repeat is not None:
            return repeat(given.target, given.repeat, Path(folder))
        seed = random.SystemRandom().randrange(1 << 30) if given.seed is None else given.seed
        return fuzz(given, seed, Path(folder))


def repeat(name: str | None, path: Path, folder: Path) -> int:
    """Feed a target with one input, and show what happens."""
    from fuzz.targets import all_targets

    (target,) = [target for target in all_targets(folder) if target.name == name]
    copy = folder / f"input{target.suffix}"
    copy.write_bytes(path.read_bytes())
    print(target.read(copy))
    return 0


def fuzz(given: argparse.Namespace, seed: int, folder: Path) -> int:
    """Run workers until the time is over: another one where one has died."""
    print(f"fuzz: seed {seed}", flush=True)
    counts: dict[str, int] = {}
    faults: dict[str, str] = {}
    end = None
    while end is None or time.monotonic() < end:
        left = given.seconds if end is None else end - time.monotonic()
        settings = {"folder": str(folder), "seed": seed, "seconds": left, "target": given.target}
        worker = subprocess.Popen(
            [sys.executable, "-m", "fuzz.worker", json.dumps({**settings, "counts": counts})],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "JMERE_OFFLINE": "1",
                              "JMERE_CACHE": str(folder / "cache")},
        )  # fmt: skip
        last = ""
        for line in lines_of(worker):
            if "ready" in line and end is None:
                end = time.monotonic() + given.seconds
            last = line.get("target", last)
            if "count" in line:
                counts[last] = line["count"]
            for key, data, number, told in line.get("faults", []):
                keep(given.crashes, faults, key, data.encode("latin1"), number, told)
        code = worker.wait()
        if code == 0:
            break
        if end is None:
            print(f"fuzz: the worker could not start (code {code})")
            return 2
        current = next(iter(sorted(folder.glob("input*"), key=lambda p: -p.stat().st_mtime)))
        key = f"{last}: the process died (code {code}) or hung"
        keep(given.crashes, faults, key, current.read_bytes(), counts.get(last, 0), "")
        counts[last] = counts.get(last, 0) + 1_000
    total = sum(counts.values())
    print(f"fuzz: {total} inputs, {len(faults)} faults, seed {seed}")
    print(json.dumps({"seed": seed, "total": total, "inputs": counts, "faults": faults}))
    return 1 if faults else 0


def lines_of(worker: subprocess.Popen):
    """The lines of a worker, which is ended when it says nothing for too long."""
    with selectors.DefaultSelector() as selector:
        selector.register(worker.stdout, selectors.EVENT_READ)
        patience = START
        while selector.select(patience):
            patience = QUIET
            line = worker.stdout.readline()
            if not line:
                return
            yield json.loads(line)
        worker.kill()


def keep(crashes: Path, faults: dict, key: str, data: bytes, number: int, told: str) -> None:
    """Keep the first input of a fault in a file, and say how to repeat it."""
    if key in faults:
        return
    crashes.mkdir(parents=True, exist_ok=True)
    target = key.split(":")[0]
    path = crashes / f"{target}-{hashlib.sha256(key.encode()).hexdigest()[:8]}"
    path.write_bytes(data)
    path.with_suffix(".txt").write_text(f"{key}\ninput {number}\n{told}", encoding="utf-8")
    faults[key] = str(path)
    print(f"{key}\n  again: python -m fuzz --target {target} --repeat {path}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
