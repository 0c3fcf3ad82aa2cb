"""Kill commands at random moments: ``python -m reliability --kills 50``.

Each command goes on until it ends, and must leave what the unbroken run leaves. A line of JSON per
command; the exit code is 1 if anything differed.
"""

import argparse
import json
import os
import random
import sys
import tempfile
import time
from pathlib import Path


def main() -> int:
    """Parse the command line and kill."""
    parser = argparse.ArgumentParser(prog="reliability", description=__doc__.split("\n")[0])
    parser.add_argument("--kills", type=int, default=50, help="of each command")
    parser.add_argument("--case", action="append", help="this command alone; may be repeated")
    parser.add_argument("--seed", type=int, default=None, help="of the moments; random if absent")
    parser.add_argument("--folder", type=Path, default=None, help="kept, with what was faulty")
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="jmere-kill-"))
    set_environment(folder)
    from reliability.cases import CASES
    from reliability.processes import preload
    from reliability.trials import Trials

    seed = random.SystemRandom().randrange(1 << 30) if given.seed is None else given.seed
    preload()
    faults = 0
    for case in CASES:
        if given.case and case.name not in given.case:
            continue
        started = time.monotonic()
        tally = Trials(case, folder / case.name, seed).run(given.kills)
        faults += len(tally.faults)
        line = {**tally.to_json(), "seed": seed, "seconds": round(time.monotonic() - started)}
        print(json.dumps(line), flush=True)
    return 1 if faults else 0


def set_environment(folder: Path) -> None:
    """Set what libraries read when they are imported."""
    os.environ |= {
        "OMP_NUM_THREADS": "1",
        "HF_HUB_OFFLINE": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "TRANSFORMERS_VERBOSITY": "error",
        "TOKENIZERS_PARALLELISM": "false",
        "JMERE_OFFLINE": "1",
        "JMERE_CACHE": str(folder / "cache"),
    }


if __name__ == "__main__":
    sys.exit(main())
