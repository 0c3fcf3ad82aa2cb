"""Line-by-line output files that an interrupted run can continue."""

from __future__ import annotations

import json
import os
import socket
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any

from jmere.files.durable import naming, sync_folder
from jmere.files.locks import same_file, try_lock
from jmere.files.outputs import PART, STATE, open_stream, real_target, take_on
from jmere.files.whole import flush_standard_streams, write_json

_SCHEMA_VERSION = 1
"""Schema version of the state file."""

RESUMABLE = ".jsonl"
"""Suffix of files that can be resumed: one record per line."""

_SHOWN = 40

_PAUSE = 1.0
"""Seconds at least between two waits for the disk; lines after the last one may be lost with power,
not by a kill."""


def is_resumable(output: str | Path) -> bool:
    """Return whether a file can be resumed, by its suffix."""
    return Path(output).suffix.lower() == RESUMABLE


class StreamLines:
    """Writer of lines to a device, a pipe or another stream; cannot be resumed."""

    def __init__(self, output: str | Path) -> None:
        self._output = output
        self.count = 0
        """Number of lines written."""

    def __enter__(self) -> StreamLines:
        flush_standard_streams()
        self._stream = os.fdopen(open_stream(self._output), "w", encoding="utf-8", newline="\n")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with naming(self._output):
            self._stream.close()

    def write(self, line: str) -> None:
        """Write a line, given without its line end."""
        with naming(self._output):
            self._stream.write(f"{line}\n")
            self._stream.flush()
        self.count += 1


class ResumableLines:
    """Writes lines to ``OUT.part``, which becomes ``OUT`` when the block ends without an error.

    ``OUT.state.json`` beside it says which run it is of. Where a block ends with an error,
    both stay, with complete lines; where it wrote no line, all is as it was before. What
    was at ``OUT`` stays until the end. One process writes at a time: ``OUT.part`` is locked.
    A run is continued at the last border between chunks, so that what depends on which
    records are computed together comes out the same.

        with ResumableLines(output, identity, chunk=512, resume=True) as lines:
            for line in computed(records[lines.kept:]):
                lines.write(line)
    """

    def __init__(
        self,
        output: str | Path,
        identity: Mapping[str, Any],
        *,
        chunk: int = 1,
        resume: bool = False,
    ) -> None:
        """Prepare to write; nothing is opened yet.

        Args:
            output: The file to write; links are followed.
            identity: JSON object of everything the lines depend on: input, options, model, ...
            chunk: Number of lines computed together.
            resume: Whether to continue an earlier run, if there is one.
        """
        self.output = real_target(output)
        self.part = Path(f"{self.output}{PART}")
        self.state = Path(f"{self.output}{STATE}")
        self.kept = 0
        """Number of complete lines kept from an earlier run: a multiple of ``chunk``."""
        self.count = 0
        """Number of lines in the file, kept ones included."""
        self.notice: str | None = None
        """Message for the user about discarded lines of an earlier run, if any."""
        self._identity = {**json.loads(json.dumps(identity)), "chunk": chunk}
        self._chunk, self._resume = chunk, resume
        self._descriptor = -1
        self._end = 0
        self._begun = False
        self._saved = -_PAUSE

    def __enter__(self) -> ResumableLines:
        self.output.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = self._claimed()
        try:
            self._find_kept()
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._finish()
            elif self._begun:
                os.ftruncate(self._descriptor, self._end)
                with suppress(OSError):  # of a full disk; the state of the start is there
                    self._save_state()
        finally:
            self._close()

    def kept_lines(self) -> Iterator[bytes]:
        """Yield the kept lines, to be compared with their records."""
        with self.part.open("rb") as stream:
            yield from islice(stream, self.kept)

    def write(self, line: str) -> None:
        """Write and flush a line, given without its line end."""
        self._begin()
        data = f"{line}\n".encode()
        left = memoryview(data)
        with naming(self.part):
            while left:
                left = left[os.write(self._descriptor, left) :]
        self._end += len(data)
        self.count += 1
        if self.count % self._chunk == 0 and time.monotonic() - self._saved >= _PAUSE:
            self._save_state()

    def _claimed(self) -> int:
        """Open and lock the partial file.

        Raises:
            ValueError: If another process is writing it, or it is not a regular file.
        """
        while True:
            flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
            descriptor = os.open(self.part, flags, 0o666)
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                os.close(descriptor)
                raise ValueError(f"{self.part}: is not a regular file; expected no file")
            if not try_lock(descriptor):
                os.close(descriptor)
                raise ValueError(f"{self.output}: {self._writer()} is writing it")
            if same_file(descriptor, self.part):
                return descriptor
            os.close(descriptor)  # the other run has just finished: its part is the output now

    def _writer(self) -> str:
        writer = (self.read_state() or {}).get("writer")
        if not isinstance(writer, dict):
            return "another run"
        return f"another run (process {writer.get('pid')} on {writer.get('host')})"

    def _find_kept(self) -> None:
        """Inspect an earlier run's files and decide how many lines to keep.

        Raises:
            ValueError: If it is not this program's, or is worth keeping and not to be resumed.
        """
        count, kept, end = self._lines()
        state = self.read_state()
        if self.state.exists() and state is None:
            raise ValueError(f"{self.state}: was not written by jmere; expected no file")
        if os.fstat(self._descriptor).st_size == 0:
            self._save_state()
            return
        if state is None:
            raise ValueError(
                f"{self.part}: without {self.state.name} the run is unknown; "
                "rename the file, or remove it to start again"
            )
        different = state_differences(state, {"schema_version": _SCHEMA_VERSION, **self._identity})
        if self._resume:
            if different:
                raise ValueError(f"--resume: {self.part} belongs to another run: {different}")
            self.kept = self.count = kept
            self._end = end
        elif different or not is_resumable(self.output):
            reason = different or f"only {RESUMABLE} can be resumed"
            self.notice = f"{count} lines in {self.part} are discarded: {reason}"
        elif kept:
            raise ValueError(
                f"{self.part}: holds {count} lines of this run; pass --resume to continue it, "
                "or remove the file to start again"
            )

    def _lines(self) -> tuple[int, int, int]:
        """Return complete lines, how many form whole chunks, and the end offset of those."""
        count = position = kept = end = 0
        with self.part.open("rb") as stream:
            for line in stream:
                if not line.endswith(b"\n"):
                    break
                count, position = count + 1, position + len(line)
                if count % self._chunk == 0:
                    kept, end = count, position
        return count, kept, end

    def read_state(self) -> dict[str, Any] | None:
        """Read the state file, if it exists and was written by jmere."""
        try:
            value = json.loads(self.state.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return None
        return value if isinstance(value, dict) and value.get("made_by") == "jmere" else None

    def _begin(self) -> None:
        """Truncate the lines that are not kept; nothing is changed before this step."""
        if self._begun:
            return
        os.ftruncate(self._descriptor, self._end)
        os.lseek(self._descriptor, self._end, os.SEEK_SET)
        self._save_state()
        self._begun = True

    def _save_state(self) -> None:
        value = {
            "schema_version": _SCHEMA_VERSION,
            "made_by": "jmere",
            **self._identity,
            "count": self.count,
            "writer": {"pid": os.getpid(), "host": socket.gethostname(), "time": time.time()},
        }
        self._sync()
        write_json(self.state, value)
        self._saved = time.monotonic()

    def _sync(self) -> None:
        """Wait until the lines are on the disk."""
        with naming(self.part):
            os.fsync(self._descriptor)

    def _finish(self) -> None:
        self._begin()
        self._sync()
        take_on(self.part, self.output)
        self.part.replace(self.output)
        sync_folder(self.output.parent)
        self.state.unlink(missing_ok=True)

    def _close(self) -> None:
        """Close the partial file and remove it if it is empty."""
        if same_file(self._descriptor, self.part) and not os.fstat(self._descriptor).st_size:
            self.part.unlink()
            if self.read_state() is not None:
                self.state.unlink()
        os.close(self._descriptor)


def discard_state(output: str | Path) -> None:
    """Remove the state file of a complete run that was killed just before it did so."""
    lines = ResumableLines(output, {})
    if not lines.part.exists() and lines.read_state() is not None:
        lines.state.unlink()


def state_differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """Describe how state ``new`` differs from ``old``, in one line; empty if equal."""
    before, now = dict(_flat(old)), dict(_flat(new))
    differences = [
        f"{name} was {_short(before.get(name))}, is {_short(now.get(name))}"
        for name in sorted(before.keys() | now.keys())
        if name.split(".")[0] in new and before.get(name) != now.get(name)
    ]
    return "; ".join(differences[:3]) + (
        f" and {len(differences) - 3} more" if differences[3:] else ""
    )


def _flat(value: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, Any]]:
    for name, item in value.items():
        if isinstance(item, Mapping):
            yield from _flat(item, f"{within}{name}.")
        else:
            yield f"{within}{name}", item


def _short(value: object) -> str:
    text = "absent" if value is None else repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
