"""Captions of pictures, from a file beside the posts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePath

from jmere.data.fields import RecordError
from jmere.data.lines import decoded, numbered_lines, report
from jmere.files import OnProblem, refuse
from jmere.records import Post
from jmere.values import short_repr

TWICE = "captions were dropped for a later one of the same image"
WITHOUT = "posts with an image have no caption"
"""What is counted."""


def read_captions(
    path: str | Path, *, tally: Counter[str] | None = None, on_problem: OnProblem = refuse
) -> dict[str, str]:
    """Read the caption of each image, by file name.

    A line is ``IMAGE :CAPTION`` or ``IMAGE<TAB>CAPTION``. A bare number stands for its
    ``.jpg``. Of an image's captions the last is kept.

    Args:
        path: The file, UTF-8.
        tally: Grows by what was dropped.
        on_problem: Told of every line of another form, which is then left out.

    Raises:
        FileNotFoundError: If there is no such file.
        DataError: At the first line of another form, unless ``on_problem`` goes on.
    """
    captions: dict[str, str] = {}
    tally = Counter() if tally is None else tally
    for number, raw in numbered_lines(path):
        if not raw.strip():
            continue
        try:
            image, caption = _caption(decoded(raw))
        except RecordError as error:
            report(path, number, error.messages, on_problem)
            continue
        if image in captions:
            tally[TWICE] += 1
        captions[image] = caption
    return captions


def _caption(line: str) -> tuple[str, str]:
    image, sign, caption = line.partition("\t" if "\t" in line.partition(":")[0] else ":")
    name = PurePath(image.strip()).name
    if not sign or not name:
        raise RecordError(f"expected 'IMAGE :CAPTION', got {short_repr(line)}")
    return f"{name}.jpg" if name.isdecimal() else name, caption.strip()


def with_captions(
    posts: Iterable[Post], captions: Mapping[str, str], *, tally: Counter[str] | None = None
) -> Iterator[Post]:
    """Give posts the caption of their image as alternative text; ``tally`` counts those without."""
    for post in posts:
        caption = captions.get(PurePath(str(post.image)).name) if post.image else None
        if tally is not None and post.image and not caption:
            tally[WITHOUT] += 1
        yield replace(post, alt_text=caption) if caption else post
