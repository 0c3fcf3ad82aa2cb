"""Commands in forked processes, where all is imported already, to be killed at any moment."""

import json
import os
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

PRELOADED = (
    *("jmere.cli", "jmere.cli.extract", "jmere.cli.graph", "jmere.cli.train", "jmere.cli.bench"),
    *("jmere.training.run", "jmere.bench.runner", "jmere.bench.worlds.tiny", "onnxruntime"),
    *("jmere.tagger.onnx_scorer", "spacy", "duckdb", "pyoxigraph", "pyarrow.parquet", "rdflib"),
    "tensorboard.summary.writer.record_writer",
)

CHANGES = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "os.link"}
"""Audit events that change files."""

RAYS_OWN = {b"ray::DashboardAgent", b"ray::RuntimeEnvAgent"}
"""Processes of Ray that end only some minutes after the first process of a cluster was killed."""

PATIENCE = 300
"""Seconds after which a process is taken to hang."""


@dataclass(frozen=True)
class Kill:
    """When a process is killed: after some seconds, or before one of its changes of files."""

    seconds: float = PATIENCE
    change: int = 0


@dataclass(frozen=True)
class Ended:
    """How a process ended."""

    code: int
    """Exit code; negative where a signal ended it."""
    seconds: float
    changes: int
    """Changes of files, where it was not killed."""
    first: float
    """Seconds until the first of them."""
    told: str
    """What it said on both streams."""
    orphans: int = 0
    """Processes that it had started and that were still there after half a minute."""

    @property
    def killed(self):
        return self.code == -signal.SIGKILL


def preload():
    """Import what commands import, so that forked ones start at once."""
    for name in PRELOADED:
        with suppress(ImportError):
            import_module(name)


def jmere(*arguments):
    """A function that runs a command line of jmere and returns its exit code."""

    def run():
        from jmere.cli import main

        sys.argv = ["jmere", *map(str, arguments)]
        return main()

    return run


def forked(function, folder, *, kill=None):
    """Run a function in a process of its own, which may be killed.

    Args:
        function: Returns an exit code.
        folder: Where files change; what is said goes to a file elsewhere.
        kill: When the process is killed.
    """
    notes = Path(os.environ["JMERE_CACHE"])
    notes.mkdir(parents=True, exist_ok=True)
    said, count = (notes / f"{folder.name}.{end}" for end in ("said", "changes"))
    count.unlink(missing_ok=True)
    kill = kill or Kill()
    started = time.monotonic()
    child = os.fork()
    if child == 0:
        code = 99
        try:
            code = _in_child(function, folder, said, count, kill.change)
        except SystemExit as error:
            code = error.code if isinstance(error.code, int) else 1
        except BaseException:
            import traceback

            traceback.print_exc()
        finally:
            with suppress(Exception):
                sys.stdout.flush(), sys.stderr.flush()
            os._exit(code)
    status = _wait(child, started + kill.seconds)
    changes, first = json.loads(count.read_text()) if count.exists() else (0, started)
    return Ended(
        os.waitstatus_to_exitcode(status),
        time.monotonic() - started,
        changes,
        first - started,
        said.read_text(encoding="utf-8", errors="replace"),
        _orphans(child),
    )


def _in_child(function, folder, said, count, last):
    os.setsid()
    out = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    os.dup2(out, 1)
    os.dup2(out, 2)
    sys.stdout, sys.stderr = (os.fdopen(number, "w", encoding="utf-8") for number in (1, 2))
    moments = _note_changes(folder, last)
    code = function()
    found = [len(moments), moments[0] if moments else time.monotonic()]
    count.write_text(json.dumps(found), encoding="utf-8")
    return code or 0


def _note_changes(folder, last):
    """Note the moments of changes of files in a folder; end the process before the last one."""
    moments, inside = [], str(folder)

    def hook(event, details):
        if event not in CHANGES or (event == "open" and not _writes(details)):
            return
        path = details[0]
        if isinstance(path, str | Path) and Path(path).is_absolute() and inside not in str(path):
            return
        moments.append(time.monotonic())
        if len(moments) == last:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    return moments


def _writes(details):
    flags = details[2] if len(details) > 2 else 0
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR))


def _wait(child, deadline):
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status
        if time.monotonic() >= deadline:
            os.kill(child, signal.SIGKILL)
            return os.waitpid(child, 0)[1]
        time.sleep(0.003)


def _orphans(session, seconds=30):
    """Wait for the end of what a process has started; count what does not end."""
    deadline = time.monotonic() + seconds
    while left := list(_members(session)):
        if time.monotonic() > deadline:
            break
        time.sleep(0.02)
    return len(left)


def _members(session):
    """The processes of a session, without the two of Ray itself that wait on."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, _, its = path.read_text().rpartition(")")[2].split()[:4]
            if int(its) != session or state == "Z":
                continue
            if (path.parent / "cmdline").read_bytes().rstrip(b"\0") not in RAYS_OWN:
                yield int(path.parent.name)
