"""Feeds the targets with damaged inputs, within bounds of time and memory, and keeps what fails."""

import json
import os
import random
import resource
import signal
import sys
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path

from fuzz.targets import Target, all_targets

SLICE = 0.3
"""Seconds for which a target is fed before the next one's turn."""
CPU_SECONDS = 10
"""Processor time that one input may take."""
MEMORY = 3 << 30
"""Bytes of address space beyond those taken before the first input."""
LONGEST = 2_000
"""Characters of a message."""


class TooSlowError(BaseException):
    """An input took more than ``CPU_SECONDS``; no reader catches this."""


class BadMessageError(Exception):
    """An error's message is none that a user can read."""


def input_of(target: Target, seed: int, number: int) -> bytes:
    """Input ``number`` of a target, the same whenever it is made."""
    draw = random.Random(f"{seed}/{target.name}/{number}")
    return target.damage(draw, draw.choice(target.seeds), target.seeds)


def fault_of(target: Target, path: Path) -> BaseException | None:
    """What is wrong with how a target takes an input: an error of no documented type."""
    from jmere.errors import MissingExtraError

    signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
    try:
        target.read(path)
    except (ValueError, OSError, MissingExtraError) as error:
        message = str(error)
        if len(message) > LONGEST or "\n" in message.strip():
            return BadMessageError(f"{type(error).__name__}: {message[:200]!r}").with_traceback(
                error.__traceback__
            )
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return error
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return None


def place_of(error: BaseException) -> str:
    """Type and place of an error: what tells one fault from another."""
    frames = traceback.extract_tb(error.__traceback__)
    frames = [frame for frame in frames if frame.name != "stop"]  # where time was over
    ours = [frame for frame in frames if "/jmere/" in frame.filename] or frames
    where = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else "?"
    return f"{type(error).__name__} at {where}"


def limit_time() -> None:
    """End an input that takes too long; its clock is set by ``fault_of``."""

    def stop(*_: object) -> None:
        raise TooSlowError

    signal.signal(signal.SIGPROF, stop)


def limit_memory() -> None:
    """Bound this process's memory from now on, and make its warnings faults."""
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + MEMORY, resource.RLIM_INFINITY))
    for kind in (SyntaxWarning, RuntimeWarning, DeprecationWarning):
        warnings.simplefilter("error", kind)


def feed(target: Target, *, seed: int, numbers, folder: Path, seconds: float, faults: dict) -> int:
    """Feed a target with inputs of the given numbers until time is over; how many it took."""
    path, end, count = folder / f"input{target.suffix}", time.monotonic() + seconds, 0
    for number in numbers:
        data = input_of(target, seed, number)
        path.write_bytes(data)
        error = fault_of(target, path)
        count += 1
        if error is not None:
            key = f"{target.name}: {place_of(error)}"
            told = "".join(traceback.format_exception(error))[-4000:]
            faults.setdefault(key, (data, number, told))
        if time.monotonic() > end:
            break
    return count


def main() -> None:
    """Feed all targets in turn; a line of JSON on stdout for every turn."""
    given = json.loads(sys.argv[1])
    report = os.fdopen(os.dup(1), "w")  # what a reader writes to stdout goes nowhere
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)

    def tell(**line: object) -> None:
        print(json.dumps(line), file=report, flush=True)

    folder = Path(given["folder"])
    targets = [t for t in all_targets(folder) if given["target"] in (None, t.name)]
    limit_time()
    limit_memory()
    counts = Counter(given["counts"])
    end = time.monotonic() + given["seconds"]
    tell(ready=True)
    while time.monotonic() < end:
        for target in targets:
            faults: dict = {}
            tell(target=target.name)
            numbers = range(counts[target.name], sys.maxsize)
            counts[target.name] += feed(
                target, seed=given["seed"], numbers=numbers, folder=folder, seconds=SLICE,
                faults=faults,
            )  # fmt: skip
            found = [[key, data.decode("latin1"), n, t] for key, (data, n, t) in faults.items()]
            tell(target=target.name, count=counts[target.name], faults=found)
            if time.monotonic() > end:
                break


if __name__ == "__main__":
    main()
