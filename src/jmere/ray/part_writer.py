"""Parts of the output: results in the format of the input, posts without one in ``failed/``."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import IO, Any

from jmere.data.jsonl import SCHEMA, post_to_json
from jmere.data.predictions import extraction_to_json
from jmere.data.tables.rows import RowKind
from jmere.data.tables.table_files import write_parquet_results
from jmere.files.whole import written_whole
from jmere.ray.file_pieces import PARQUET
from jmere.ray.places import file_system, is_local, is_of_process, local_path
from jmere.ray.survived import Failure
from jmere.records import Extraction
from jmere.terminal import json_line

FAILED = "failed"
"""Folder of the posts without a result, beside the parts."""

_BLOCK = 1 << 20


@dataclass
class Written:
    """What has been written of a part."""

    posts: int = 0
    failed: int = 0
    size: int = 0
    """Bytes of the part."""
    sha256: str = ""
    held: dict[str, bytes] = field(default_factory=dict)
    """Files that only the first process can write, by name."""


def write_part(
    output: str,
    name: str,
    results: Iterable[Extraction | Failure],
    *,
    form: str,
    kind: RowKind = RowKind.POST,
    kept: dict[str, type] | None = None,
    source: str,
) -> Written:
    """Write a part, which appears whole or not at all, and its failures, if there are any.

    Args:
        output: The folder.
        name: Name of the part, without its suffix.
        results: What it holds, in order.
        form: Its format.
        kind: What a row of a table stands for.
        kept: Kept columns of a table, with their classes.
        source: Name of the input file, for failures.
    """
    written = Written()
    with tempfile.TemporaryFile() as part, tempfile.TemporaryFile() as failures:
        found = _without_failures(results, written, failures, source)
        if form == PARQUET:
            write_parquet_results(part, found, kind=kind, kept=kept)
        else:
            for each in found:
                part.write(json_line(extraction_to_json(each)).encode() + b"\n")
        if written.failed:
            _publish(failures, output, f"{FAILED}/{name}.jsonl", written)
        written.size, written.sha256 = _measured(part)
        _publish(part, output, f"{name}{form}", written)
    return written


def write_file(output: str, name: str, data: bytes) -> None:
    """Write a small file of the output folder, which appears whole or not at all."""
    if is_local(output):
        with written_whole(local_path(output) / name, binary=True) as stream:
            stream.write(data)
        return
    fs, folder = file_system(output)
    fs.makedirs(f"{folder}/{name}".rpartition("/")[0], exist_ok=True)
    fs.pipe_file(f"{folder}/{name}", data)


def failure_line(failure: Failure, source: str) -> str:
    """Return a failure as one line of JSON: id, reason, input file and post."""
    post = failure.post
    if not isinstance(post.image, str):  # bytes of a table's cell
        post = replace(post, image=None)
    value = {"id": post.id, "reason": failure.reason, "input": source, "post": post_to_json(post)}
    return json_line({"schema_version": SCHEMA, **value})


def piece_failure(source: str, start: int, stop: int | None, reason: str) -> bytes:
    """Return the failure of a whole piece as one line of JSON."""
    value = {"id": None, "reason": reason, "input": source, "start": start, "stop": stop}
    return json.dumps({"schema_version": SCHEMA, **value}).encode() + b"\n"


def _without_failures(
    results: Iterable[Extraction | Failure], written: Written, failures: IO[bytes], source: str
) -> Iterator[Extraction]:
    for each in results:
        if isinstance(each, Failure):
            written.failed += 1
            failures.write(failure_line(each, source).encode() + b"\n")
        else:
            written.posts += 1
            yield each


def _measured(stream: IO[bytes]) -> tuple[int, str]:
    stream.seek(0)
    digest, size = hashlib.sha256(), 0
    while block := stream.read(_BLOCK):
        digest.update(block)
        size += len(block)
    return size, digest.hexdigest()


def _publish(stream: IO[bytes], output: str, name: str, written: Written) -> None:
    stream.seek(0)
    if is_of_process(output):
        written.held[name] = stream.read()
        return
    if is_local(output):
        with written_whole(local_path(output) / name, binary=True) as target:
            shutil.copyfileobj(stream, target, _BLOCK)
        return
    fs: Any
    fs, folder = file_system(output)
    fs.makedirs(f"{folder}/{name}".rpartition("/")[0], exist_ok=True)
    with fs.open(f"{folder}/{name}", "wb") as target:
        shutil.copyfileobj(stream, target, _BLOCK)
