"""Scene graphs of pictures seen before, kept in files by the picture's content.

A file is a line with its key and a checksum of the rest, a line of JSON with the graph and
the shape of its appearance, and the appearance itself: little-endian floats of 32 bits.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import stat
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np

from jmere.data.fields import integer_of, list_of
from jmere.data.scene_json import scene_graph_from_json, scene_graph_to_json
from jmere.files.whole import cache_folder, written_whole
from jmere.records import FloatArray, SceneGraph

_FORMAT = 1
"""Version of a file's form; files of another one are not found."""

LIMIT = 1 << 30
"""Bytes that the files may take by default."""

_FOLDERS = 256
_MOST = 1 << 24  # bytes of one file, far beyond any graph's
_OURS = re.compile(r"[0-9a-f]{64}|\.[0-9a-f]{64}\..*\.part")

_log = logging.getLogger(__name__)


class SceneCache:
    """Keeps the scene graph of each picture, apart for each settings of what makes it.

    The files are spread over 256 folders by the first digits of their keys, and each folder
    may take its share of the limit; the oldest files go first. Any number of processes may
    use the same folder. A file that is damaged or not of our making counts as absent.
    """

    def __init__(
        self,
        settings: Mapping[str, object],
        *,
        folder: str | Path | None = None,
        limit: int = LIMIT,
    ) -> None:
        """Set up the cache; nothing is read or written yet.

        Args:
            settings: All that a graph depends on beside the picture, such as the detector's
                checksum and thresholds: values that JSON can hold.
            folder: Where the files are; by default the user's cache.
            limit: Bytes that all files together may take, about.
        """
        if limit <= 0:
            raise ValueError(f"the limit must be positive, got {limit}")
        self._folder = cache_folder("scenes") if folder is None else Path(folder)
        self._share = limit // _FOLDERS
        self._settings = json.dumps([_FORMAT, dict(settings)], sort_keys=True, allow_nan=False)
        self._writes = True

    def get(self, digest: str) -> SceneGraph | None:
        """The graph of the picture whose content has this digest, if it is here and whole."""
        key = self._key(digest)
        try:
            return _read(self._path(key), key)
        except (OSError, ValueError, OverflowError, RecursionError):
            return None

    def put(self, digest: str, scene: SceneGraph) -> None:
        """Keep the graph of a picture.

        Where that fails, as on a full disk, a warning is logged once, and nothing is kept
        from then on.
        """
        if not self._writes:
            return
        key = self._key(digest)
        path = self._path(key)
        content = _content(scene)
        try:
            with written_whole(path, binary=True) as stream:
                stream.write(_head(key, content) + b"\n" + content)
            if key[2] < "4":  # one time in four
                _prune(path.parent, self._share)
        except FileNotFoundError:
            pass  # another process has made room, or cleared the cache, meanwhile
        except OSError as error:
            self._writes = False
            reason = error.strerror or error
            _log.warning("scene graphs are not kept in %s: %s", self._folder, reason)

    def _key(self, digest: str) -> str:
        return hashlib.sha256(f"{digest} {self._settings}".encode()).hexdigest()

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / key


def _content(scene: SceneGraph) -> bytes:
    value, shape, floats = scene_graph_to_json(scene), None, b""
    if scene.appearance is not None:
        shape, floats = scene.appearance.shape, scene.appearance.astype("<f4").tobytes()
    line = json.dumps([value, shape], allow_nan=False, separators=(",", ":"))
    return line.encode() + b"\n" + floats


def _head(key: str, content: bytes) -> bytes:
    return f"{key} {zlib.crc32(content):08x}".encode()


def _read(path: Path, key: str) -> SceneGraph:
    """The graph in a file.

    Raises:
        OSError: If there is no such file.
        ValueError: If it is not what ``put`` wrote there.
        OverflowError: If it holds a number out of bounds.
        RecursionError: If its JSON is too deep.
    """
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode) or status.st_size > _MOST:
        raise ValueError(f"{path}: no file of the cache")
    head, _, content = path.read_bytes().partition(b"\n")
    if head != _head(key, content):
        raise ValueError(f"{path}: another key or checksum")
    line, _, floats = content.partition(b"\n")
    value, shape = list_of(json.loads(line))
    return replace(scene_graph_from_json(value), appearance=_appearance(shape, floats))


def _appearance(shape: object, floats: bytes) -> FloatArray | None:
    if shape is None and not floats:
        return None
    rows, columns = map(integer_of, list_of(shape))
    appearance = np.frombuffer(floats, "<f4").reshape(rows, columns).astype(np.float32)
    if not np.isfinite(appearance).all():
        raise ValueError("the appearance is not finite")
    return appearance


def _prune(folder: Path, share: int) -> None:
    """Remove our oldest files of a folder until the rest take no more than its share."""
    files = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if _OURS.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                with suppress(FileNotFoundError):  # another process has removed it
                    status = entry.stat(follow_symlinks=False)
                    files.append((status.st_mtime_ns, status.st_size, entry.path))
    taken = sum(size for _, size, _ in files)
    for _, size, path in sorted(files):
        if taken <= share:
            break
        Path(path).unlink(missing_ok=True)
        taken -= size
