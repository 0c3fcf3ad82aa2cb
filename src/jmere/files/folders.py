"""Atomic replacement of folders; only empty folders and those made by jmere are replaced."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from jmere.files.durable import naming, sync_folder, sync_tree
from jmere.files.locks import is_abandoned, same_file, try_lock

MARKER = ".jmere.json"
"""Name of the marker file in each folder made by jmere; it lists the folder's files."""

_SCHEMA_VERSION = 1

CHECKPOINT_FILES = (
    *("model*.safetensors", "pytorch_model*.bin", "optimizer*", "scheduler*.bin", "scaler.pt"),
    *("sampler*.bin", "random_states_*", "average.safetensors", "state.json"),
)

_EARLIER: tuple[tuple[str, frozenset[str], tuple[str, ...]], ...] = (
    (
        "config.json",
        frozenset({"format", "model", "graphs", "decoding"}),
        (
            *("config.json", "model.safetensors", "tags.json", "cooccurrence.safetensors"),
            *(
                "*token*.json",
                "vocab.*",
                "merges.txt",
                "*.model",
                "bpe.codes",
                "chat_template.jinja",
            ),
        ),
    ),
    ("state.json", frozenset({"progress", "schedule"}), CHECKPOINT_FILES),
    (
        "state.json",
        frozenset({"texts", "groups"}),
        ("network.safetensors", "optimizer.safetensors", "random.safetensors", "state.json"),
    ),
    (
        "config.json",
        frozenset({"labels", "predicates", "hidden"}),
        ("config.json", "model.safetensors", "words.txt", "NOTICE"),
    ),
)
"""Folders made before markers existed: a JSON file, the keys it has, and all file patterns."""

_NEO4J = ("nodes.csv", "relationships.csv")

_PASSED_OVER = (".DS_Store", "Thumbs.db", "desktop.ini", ".nfs*", ".*.jmere.part")
"""Files that file managers, file systems and killed writers leave in any folder."""

_TEMPORARY = re.compile(r"\..+\.[a-z0-9_]{8}\.jmere\.part")


def check_replaceable(folder: str | Path, *, keep: tuple[str, ...] = ()) -> None:
    """Raise if a folder may not be replaced; files named in ``keep`` are allowed.

    Raises:
        ValueError: If at ``folder`` is a link, a file, or a folder with anything in it that
            this program has not written.
    """
    folder = Path(folder)
    if folder.is_symlink():
        raise ValueError(f"{folder}: is a link; expected a folder or no file")
    if not folder.exists():
        return
    if not folder.is_dir():
        raise ValueError(f"{folder}: is a file; expected a folder or no file")
    if strange := _strange(folder, keep):
        raise ValueError(
            f"{folder}: contains {strange!r}, which was not written by jmere; "
            "expected a new or empty folder, or one that jmere made"
        )


def mark(folder: Path, *, complete: bool = True) -> None:
    """Write the marker of a folder: its current files or, if not complete, any later file too."""
    files = sorted(_files(folder)) if complete else None
    value = {"schema_version": _SCHEMA_VERSION, "made_by": "jmere", "files": files}
    text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    (folder / MARKER).write_text(text, encoding="utf-8")


@contextmanager
def folder_replaced(folder: str | Path, *, keep: tuple[str, ...] = ()) -> Iterator[Path]:
    """Yield a new folder that replaces ``folder`` when the block ends without an error.

    Files named in ``keep`` are copied from the old folder.

    Raises:
        ValueError: If ``folder`` may not be replaced; see ``check_replaceable``.
    """
    check_replaceable(folder, keep=keep)
    folder = Path(os.path.abspath(folder))  # noqa: PTH100 - "." has no name; links stay
    folder.parent.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(folder)
    with naming(folder):
        part, lock = _new_folder(folder)
    try:
        with naming(folder):
            yield part
            for name in keep:
                if (folder / name).is_file():
                    shutil.copy2(folder / name, part / name)
            part.chmod(stat.S_IMODE(folder.stat().st_mode) if folder.exists() else 0o755)
            replace_folder(part, folder, keep=keep)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    finally:
        os.close(lock)


def replace_folder(part: Path, folder: Path, *, keep: tuple[str, ...] = ()) -> None:
    """Move ``part`` to ``folder``; the old folder is removed after the move.

    The new files are on the disk before the old ones are touched.

    Raises:
        ValueError: If ``folder`` may not be replaced; see ``check_replaceable``.
    """
    old = _old(folder)
    check_replaceable(folder, keep=keep)
    check_replaceable(old, keep=keep)
    mark(part)
    sync_tree(part)
    if folder.exists():
        if old.exists():
            _discard(old)
        folder.rename(old)
    part.rename(folder)
    sync_folder(folder.parent)
    _discard(old)


def recover_folder(folder: Path) -> bool:
    """Finish an interrupted replacement of a folder; return whether the folder exists.

    Where the new folder was not there yet, the old one comes back; otherwise its rest is removed.
    """
    old = _old(folder)
    if not folder.exists() and old.exists():
        old.rename(folder)
    elif (old / MARKER).exists():
        check_replaceable(old)
        _discard(old)
    return folder.exists()


def _discard(folder: Path) -> None:
    """Remove a folder made by jmere, its marker last: what a kill leaves is known as jmere's."""
    if folder.is_dir():
        for path in folder.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            elif path.name != MARKER:
                with suppress(OSError):
                    path.unlink()
        shutil.rmtree(folder, ignore_errors=True)


def remove_folder(folder: Path) -> None:
    """Remove a folder made by jmere, if it exists.

    Raises:
        ValueError: If it may not be removed; see ``check_replaceable``.
    """
    check_replaceable(folder)
    _discard(folder)


def _old(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.old")


def _new_folder(folder: Path) -> tuple[Path, int]:
    """Create an empty folder beside ``folder``; return it and its lock, an open file."""
    while True:
        part = Path(
            tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}.", suffix=".jmere.part")
        )
        try:
            mark(part, complete=False)
            lock = os.open(part / MARKER, os.O_RDWR)
        except FileNotFoundError:  # another process took it for what a killed one left
            continue
        if try_lock(lock) and same_file(lock, part / MARKER):
            return part, lock
        os.close(lock)


def _remove_leftovers(folder: Path) -> None:
    """Remove the temporary folders of killed processes, those without a marker yet included."""
    for path in folder.parent.glob(f".{_literal(folder.name)}.*.jmere.part"):
        if not _TEMPORARY.fullmatch(path.name):
            continue
        if is_abandoned(path / MARKER):
            _discard(path)
        else:
            with suppress(OSError):  # only an empty folder is removed
                path.rmdir()


def _literal(name: str) -> str:
    return re.sub(r"([*?[])", r"[\1]", name)


def _strange(folder: Path, keep: tuple[str, ...]) -> str | None:
    """Return the first entry of a folder that jmere did not write, or ``None``."""
    files = {name for name in _files(folder) if not _matches(Path(name).name, _PASSED_OVER)}
    files -= set(keep)
    value = _json(folder / MARKER)
    if isinstance(value, dict) and value.get("made_by") == "jmere":
        ours = value.get("files")
        return None if ours is None else min(files - set(map(str, ours)), default=None)
    if files == set(_NEO4J) and _begins(folder / _NEO4J[0], b"id:ID,"):
        return None
    for name, keys, patterns in _EARLIER:
        value = _json(folder / name)
        if isinstance(value, dict) and keys <= value.keys():
            return min((each for each in files if not _matches(each, patterns)), default=None)
    return min(files, default=None)


def _files(folder: Path) -> set[str]:
    """List all files, links and empty folders of a folder, except the marker."""
    found = set()
    for root, folders, files in os.walk(folder):
        here = Path(root).relative_to(folder)
        links = [name for name in folders if (Path(root) / name).is_symlink()]
        found |= {(here / name).as_posix() for name in (*files, *links)}
        if not folders and not files and root != str(folder):
            found.add(here.as_posix())
    return found - {MARKER}


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch(name, pattern) for pattern in patterns)


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None


def _begins(path: Path, start: bytes) -> bool:
    try:
        with path.open("rb") as stream:
            return stream.read(len(start)) == start
    except OSError:
        return False
