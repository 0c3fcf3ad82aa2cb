"""The files of a run beside its parts: what it was, which parts are complete, the manifest."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from jmere.errors import short_repr
from jmere.files.json_values import parse_json
from jmere.files.locks import try_lock
from jmere.files.resumable import state_differences
from jmere.ray.part_writer import FAILED, write_file
from jmere.ray.places import file_system, is_local, local_path

MANIFEST = "manifest.json"
"""Name of the list of parts; it is there when all are."""

STATE = "_state"
"""Folder of the files of a run that is not complete."""

_RUN, _LOCK = "run.json", "lock"
_SCHEMA_VERSION = 1
_MAX_BYTES = 1 << 30
_RECORD = {
    **dict.fromkeys(("piece", "posts", "failed", "bad", "bytes"), int),
    "name": (str, type(None)),
}
"""Kinds of what the record of a part has."""


class RunFiles:
    """The output folder of a run."""

    def __init__(self, output: str) -> None:
        self.output = output
        self._fs, self._folder = file_system(output)

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Keep other runs on this machine from the folder.

        Raises:
            ValueError: If it is a file, or another run is writing it.
        """
        if not is_local(self.output):
            yield
            return
        folder = local_path(self.output)
        if folder.is_file():
            raise ValueError(f"{self.output}: is a file; expected a folder of parts, or none")
        state, was_there = folder / STATE, folder.exists()
        state.mkdir(parents=True, exist_ok=True)
        lock = os.open(state / _LOCK, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            if not try_lock(lock):
                raise ValueError(f"{self.output}: another run is writing it")
            try:
                yield
            finally:
                _remove_unused(state, was_there=was_there)
        finally:
            os.close(lock)

    def read_manifest(self) -> dict[str, Any] | None:
        """Return the manifest of a complete run, if there is one.

        Raises:
            ValueError: If it is damaged.
        """
        return self._read(MANIFEST, {"run": dict, "parts": list})

    def read_run(self) -> dict[str, Any] | None:
        """Return what an incomplete run was, if there is one.

        Raises:
            ValueError: If that is damaged.
        """
        return self._read(f"{STATE}/{_RUN}", {"run": dict, "part_size": int})

    def check_unused(self) -> None:
        """Check that the folder holds nothing.

        Raises:
            ValueError: If there is anything in it.
        """
        if self.read_manifest() is not None:
            raise ValueError(
                f"{self.output}: holds the output of an earlier run; expected a new folder"
            )
        if self.read_run() is not None:
            raise ValueError(
                f"{self.output}: holds a run that is not complete; pass --resume to continue it, "
                "or remove the folder to start again"
            )
        if strange := self._names("") - {STATE}:
            raise ValueError(
                f"{self.output}: contains {min(strange)!r}; expected a new or empty folder"
            )

    def begin(self, run: Mapping[str, Any]) -> None:
        """Note what a new run is."""
        head = {"schema_version": _SCHEMA_VERSION, "made_by": "jmere"}
        self._write(f"{STATE}/{_RUN}", {**head, **run})

    def records(self) -> dict[int, dict[str, Any]]:
        """Return the records of complete parts by the number of their piece.

        A record whose part is not there, or has another size, is passed over.
        """
        sizes = self._sizes()
        found = {}
        for name in sorted(self._names(STATE)):
            record = self._read(f"{STATE}/{name}", _RECORD) if name.startswith("part-") else None
            if record is None:
                continue
            if record["name"] is None or sizes.get(record["name"]) == record["bytes"]:
                found[record["piece"]] = {
                    key: each for key, each in record.items() if key != "made_by"
                }
        return found

    def note(self, record: Mapping[str, Any]) -> None:
        """Note that a part is complete."""
        name = f"part-{record['piece']:06d}.json"
        self._write(f"{STATE}/{name}", {"made_by": "jmere", **record})

    def finish(self, manifest: Mapping[str, Any], *, failures: Collection[str]) -> None:
        """Write the manifest and remove the files of the run.

        Args:
            manifest: What it says.
            failures: Names of the files of ``failed/``; others are of attempts that were repeated.
        """
        for name in self._names(FAILED) - set(failures):
            self._fs.rm_file(f"{self._folder}/{FAILED}/{name}")
        head = {"schema_version": _SCHEMA_VERSION, "made_by": "jmere", "complete": True}
        self._write(MANIFEST, {**head, **manifest})
        self._fs.rm(f"{self._folder}/{STATE}", recursive=True)

    def _sizes(self) -> dict[str, int]:
        with suppress(FileNotFoundError):
            self._fs.invalidate_cache()  # other processes write, too
            listed = self._fs.ls(self._folder, detail=True)
            return {each["name"].rpartition("/")[2]: each["size"] for each in listed}
        return {}

    def _names(self, folder: str) -> set[str]:
        """Return the names of what is in a folder of the output; none if it does not exist."""
        path = f"{self._folder}/{folder}".rstrip("/")
        try:
            self._fs.invalidate_cache()
            listed = self._fs.ls(path, detail=False)
        except FileNotFoundError:
            return set()
        return {each.rstrip("/").rpartition("/")[2] for each in listed if each.rstrip("/") != path}

    def _read(self, name: str, kinds: Mapping[str, Any]) -> dict[str, Any] | None:
        """Read a JSON object of ours that has values of these kinds; ``None`` if there is none.

        Raises:
            ValueError: If there is a file that is not ours.
        """
        try:
            with self._fs.open(f"{self._folder}/{name}", "rb") as stream:
                data = stream.read(_MAX_BYTES + 1)
        except (FileNotFoundError, NotADirectoryError):
            return None
        where = f"{self.output}/{name}"
        if len(data) > _MAX_BYTES:
            raise ValueError(f"{where}: is longer than {_MAX_BYTES:,} bytes")
        try:
            value = parse_json(data)
        except ValueError as error:
            raise ValueError(f"{where}: {error}") from None
        if not isinstance(value, dict) or value.get("made_by") != "jmere":
            raise ValueError(f"{where}: was not written by jmere, got {short_repr(value)}")
        for key, kind in kinds.items():
            if not isinstance(value.get(key), kind):
                raise ValueError(f"{where}: damaged: {key} is {short_repr(value.get(key))}")
        return value

    def _write(self, name: str, value: Mapping[str, Any]) -> None:
        data = json.dumps(value, indent=2, ensure_ascii=False).encode() + b"\n"
        write_file(self.output, name, data)


def _remove_unused(state: Path, *, was_there: bool) -> None:
    """Remove what a run that began nothing has made."""
    with suppress(OSError):
        if {each.name for each in state.iterdir()} <= {_LOCK}:
            (state / _LOCK).unlink()
            state.rmdir()
            if not was_there:
                state.parent.rmdir()


def check_same_run(output: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """Check that a run is continued with the same input, model and options.

    Raises:
        ValueError: If anything differs; the message names it.
    """
    if different := state_differences(old, json.loads(json.dumps(new))):
        raise ValueError(f"--resume: {output} belongs to another run: {different}")
