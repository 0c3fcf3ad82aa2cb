"""Commands whose disk is full or may not be written: ``python -m reliability.disk``.

Each case works on a small file system in memory. A line of JSON per attempt; the exit code is 1 if
one ended otherwise than with one line, lost something, or did not go on when there was room.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

ROOM = 1 << 30
SHARES = (0.0, 0.2, 0.5, 0.8)
"""Room that is left, as a share of what the command writes."""

UNUSABLE = 77
"""Exit code where no file system may be mounted."""

TOLD = ("No space left on device", "Read-only file system", "Permission denied", "disk is full")


class SmallDisk:
    """A file system in memory, whose size changes."""

    def __init__(self, folder):
        self.folder = folder

    def resize(self, size):
        """Set the size, in whole pages."""
        self._remount(f"size={max(4096, size)}")

    def forbid(self):
        """Let nothing be written."""
        self._remount("ro")

    def allow(self):
        """Let everything be written."""
        self._remount(f"rw,size={ROOM}")

    def used(self):
        """Bytes in use."""
        room = os.statvfs(self.folder)
        return (room.f_blocks - room.f_bfree) * room.f_bsize

    def _remount(self, options):
        command = ["mount", "-o", f"remount,{options}", str(self.folder)]
        subprocess.run(command, check=True, capture_output=True)


@contextmanager
def mounted(folder):
    """Mount a small disk.

    Raises:
        PermissionError: If that is not allowed here.
    """
    folder.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", str(folder)]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except FileNotFoundError:
        raise PermissionError("there is no command mount") from None
    except subprocess.CalledProcessError as error:
        raise PermissionError(error.stderr.strip()) from None
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


class DiskTrials:
    """The trials of one case."""

    def __init__(self, case, folder, disk, shares):
        from reliability.trials import Trials

        self.disk, self.shares = disk, shares
        self.trials = Trials(case, folder / "disk" / case.name, 0)
        self.trials.folder = folder
        self.trials.inputs = folder / f"{case.name}.inputs"
        self.case, self.trial = case, self.trials.trial
        self.earlier = {}

    def run(self):
        """Yield what came of each attempt."""
        trials, disk = self.trials, self.disk
        disk.allow()
        trials.inputs.mkdir(parents=True)
        trials.make()
        self._begin()
        before = disk.used()
        self.earlier = self._look()
        trials.expect()
        grown = max(disk.used() - before, 4096)
        for share in self.shares:
            self._begin()
            disk.resize(disk.used() + int(share * grown))
            yield {"room": share, **self._attempt()}
        self._begin()
        disk.forbid()
        yield {"room": "read-only", **self._attempt()}

    def _look(self):
        return (self.case.glance or self.case.result)(self.trial)

    def _begin(self):
        self.disk.allow()
        self.trials.begin()

    def _attempt(self):
        ended = self.trials.command()
        self.disk.allow()
        lines = [line for line in ended.told.splitlines() if line.strip()]
        found = {"case": self.case.name, "code": ended.code, "told": lines[-3:], "wrong": []}
        if ended.code:
            self._check(found, lines)
        again = self.trials.command()
        if again.code != 0:
            found["wrong"].append(f"did not go on: {again.told[-500:]}")
        elif self.case.result(self.trial) != self.trials.expected:
            found["wrong"].append("other than the unbroken run")
        return found

    def _check(self, found, lines):
        wrong = found["wrong"]
        if found["code"] not in self.case.refused:
            wrong.append(f"exit code {found['code']}")
        problems = [line for line in lines if line.startswith("jmere: ")]
        if not problems or (found["code"] == 2 and len(lines) != 1):
            wrong.append("not one line")
        if any(str(self.trial) not in line or not _tells(line) for line in problems):
            wrong.append("no line that says what is wrong and where")
        if self.case.whole and self._look() != self.earlier:
            wrong.append("what was there is lost")
        if told := self.case.wrong(self.trial):
            wrong.append(told)


def _tells(line):
    return any(told in line for told in TOLD)


def main() -> int:
    """Parse the command line and fill disks."""
    parser = argparse.ArgumentParser(prog="reliability.disk", description=__doc__.split("\n")[0])
    parser.add_argument("--case", action="append", help="this command alone; may be repeated")
    parser.add_argument("--share", action="append", type=float, help="of room; may be repeated")
    parser.add_argument("--folder", type=Path, default=None)
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="jmere-disk-"))
    from reliability.__main__ import set_environment

    set_environment(folder)
    from reliability.cases import CASES
    from reliability.processes import preload

    try:
        with mounted(folder / "disk") as disk:
            preload()
            wrong = 0
            for case in CASES:
                if case.dear > 1 or (given.case and case.name not in given.case):
                    continue
                for found in DiskTrials(case, folder, disk, given.share or SHARES).run():
                    wrong += len(found["wrong"])
                    print(json.dumps(found), flush=True)
                shutil.rmtree(folder / "disk" / case.name, ignore_errors=True)
    except PermissionError as error:
        print(f"no file system can be mounted: {error}", file=sys.stderr)
        return UNUSABLE
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
