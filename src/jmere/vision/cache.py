"""On-disk cache of scene graphs, keyed by image content and settings.

A file has three parts: a line with its key and a checksum of the rest, a line of JSON with the
graph and the shape of its appearance, and the appearance as little-endian 32-bit floats.
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
"""Version of the file format; files of other versions are ignored."""

LIMIT = 1 << 30
"""Default size limit in bytes."""

_FOLDERS = 256
_MAX_BYTES = 1 << 24  # bytes of one file, far beyond any graph's
_OURS = re.compile(r"[0-9a-f]{64}|\.[0-9a-f]{64}\..*\.part")

_log = logging.getLogger(__name__)


class SceneCache:
    """Cache of scene graphs, separate for each detector configuration.

    The files are spread over 256 folders by the first digits of their keys, and each folder may
    take its share of the limit; the oldest files are removed first. Several processes may share
    a folder. Damaged or foreign files are ignored.
    """

    def __init__(
        self,
        settings: Mapping[str, object],
        *,
        folder: str | Path | None = None,
        limit: int = LIMIT,
    ) -> None:
        """Create the cache object; nothing is read or written yet.

        Args:
            settings: All that a graph depends on beside the picture, such as the detector's
                checksum and thresholds: values that JSON can hold.
            folder: Folder of the files; by default the user's cache.
            limit: Approximate maximum size of all files, in bytes.
        """
        if limit <= 0:
            raise ValueError(f"the limit must be positive, got {limit}")
        self._folder = cache_folder("scenes") if folder is None else Path(folder)
        self._share = limit // _FOLDERS
        self._settings = json.dumps([_FORMAT, dict(settings)], sort_keys=True, allow_nan=False)
        self._writes = True

    def get(self, digest: str) -> SceneGraph | None:
        """Return the graph of the image with this digest, if it is cached and intact."""
        key = self._key(digest)
        try:
            return _read(self._path(key), key)
        except (OSError, ValueError, OverflowError, RecursionError):
            return None

    def put(self, digest: str, scene: SceneGraph) -> None:
        """Store the graph of an image.

        On failure, such as a full disk, one warning is logged and nothing more is written.
        """
        if not self._writes:
            return
        key = self._key(digest)
        path = self._path(key)
        content = _content(scene)
        try:
            with written_whole(path, binary=True, durable=False) as stream:
                stream.write(_head(key, content) + b"\n" + content)
            if key[2] < "4":  # one time in four
                _prune(path.parent, self._share)
        except FileNotFoundError:
            pass  # another process has made room, or cleared the cache, meanwhile
        except OSError as error:
            self._writes = False
            reason = error.strerror or error
            _log.warning("scene graphs are not cached in %s: %s", self._folder, reason)

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
    """Read the graph of a file.

    Raises:
        OSError: If there is no such file.
        ValueError: If it is not what ``put`` wrote there.
        OverflowError: If it holds a number out of bounds.
        RecursionError: If its JSON is too deep.
    """
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode) or status.st_size > _MAX_BYTES:
        raise ValueError(f"{path}: not a cache file")
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
    """Remove the oldest files of a folder that exceed its share of the limit."""
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
