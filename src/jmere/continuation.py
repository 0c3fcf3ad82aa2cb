"""Whether a run of extraction can be continued: what its results depend on, and of which posts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from jmere import __version__
from jmere.data.jsonl import post_to_json
from jmere.errors import DataError, Problem
from jmere.extract import Extractor
from jmere.files.outputs import PART, is_stream, real_target
from jmere.files.resumable import ResumableLines
from jmere.records import Post
from jmere.tagger.folder import find_folder, folder_digest
from jmere.tagger.versions import library_versions

START = 8
"""Posts at the start of the input by which it is known again."""


def identity_of(
    extractor: Extractor,
    model: str | Path,
    *,
    start: Sequence[Post],
    options: Mapping[str, object],
) -> dict[str, Any]:
    """Describe a run, as JSON can hold it.

    Args:
        extractor: What extracts.
        model: The name it was loaded by.
        start: The first posts of the input; ``START`` of them count, however they are stored.
        options: What else was chosen; a path counts as the place that it leads to.
    """
    parser = extractor.tagger.prepare.parser
    return {
        "command": "extract",
        "input": {"start": _digest(start[:START])},
        "model": folder_digest(find_folder(model)),
        "parser": f"{parser.name} ({parser.version})",
        "options": {
            name: str(value.resolve()) if isinstance(value, Path) else value
            for name, value in options.items()
        },
        "versions": {"jmere": __version__, **library_versions()},
    }


def remaining(posts: Iterable[Post], lines: ResumableLines) -> Iterator[Post]:
    """The posts that follow those whose results are kept.

    Raises:
        ValueError: If a kept result is of another post; ``lines`` is as it was.
    """
    posts = iter(posts)
    for _ in _matched(posts, lines.kept_lines(), lines.part):
        pass
    yield from posts


def is_finished(output: Path) -> bool:
    """Whether there is an output that no run is on the way to."""
    if is_stream(output):
        return False
    target = real_target(output)
    return target.exists() and target.stat().st_size > 0 and not Path(f"{target}{PART}").exists()


def count_finished(output: Path, posts: Iterable[Post]) -> int:
    """Count the results of a complete output.

    Raises:
        ValueError: If it has not one result for each post, in order.
    """
    posts = iter(posts)
    with output.open("rb") as stream:
        count = sum(1 for _ in _matched(posts, stream, output))
    for post in posts:
        raise ValueError(
            f"--resume: {output} ends before post {count + 1}, {post.id!r}, "
            f"and there is no {output.name}{PART} to continue"
        )
    return count


def _matched(posts: Iterator[Post], lines: Iterable[bytes], path: Path) -> Iterator[Post]:
    """The posts that the results of ``lines`` are of."""
    for number, line in enumerate(lines, start=1):
        try:
            known = json.loads(line)["id"]
        except (ValueError, KeyError, TypeError, RecursionError):
            message = "not a result of jmere extract; nothing to continue"
            raise DataError(Problem(str(path), number, message)) from None
        post = next(posts, None)
        if post is None:
            raise ValueError(
                f"--resume: {path} has more results than the input has posts, {number - 1}"
            )
        if post.id != known:
            raise ValueError(
                f"--resume: post {number} is {post.id!r}, but {path} has {known!r} there; "
                "is it of another file of posts?"
            )
        yield post


def _digest(posts: Sequence[Post]) -> str:
    digest = hashlib.sha256()
    for post in posts:
        digest.update(json.dumps(post_to_json(post), sort_keys=True).encode() + b"\n")
    return digest.hexdigest()
