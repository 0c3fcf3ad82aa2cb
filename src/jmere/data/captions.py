"""Captions of pictures, from a file beside the posts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePath

from jmere.data.fields import RecordError
from jmere.data.lines import decoded, numbered_lines, report
from jmere.files import OnProblem, refuse
from jmere.records import Post


def read_captions(path: str | Path, *, on_problem: OnProblem = refuse) -> dict[str, str]:
    """The caption of each image, by file name; a line is ``IMAGE :CAPTION``.

    Raises:
        DataError: At the first line of another form, unless ``on_problem`` goes on.
    """
    captions = {}
    for number, raw in numbered_lines(path):
        if not raw.strip():
            continue
        try:
            image, colon, caption = decoded(raw).partition(":")
        except RecordError as error:
            report(path, number, error.messages, on_problem)
            continue
        if not colon or not image.strip():
            report(path, number, ["expected 'IMAGE :CAPTION'"], on_problem)
            continue
        captions[image.strip()] = caption.strip()
    return captions


def with_captions(posts: Iterable[Post], captions: Mapping[str, str]) -> Iterator[Post]:
    """The posts, those whose image has a caption with it as their alternative text."""
    for post in posts:
        caption = captions.get(PurePath(str(post.image)).name) if post.image else None
        yield replace(post, alt_text=caption) if caption else post
