"""Files of descriptions: captions of images by one or several captioners."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from jmere.data.fields import RecordError, name_of, required, text_of
from jmere.data.jsonl import json_records
from jmere.data.transforms import image_key, read_captions
from jmere.errors import OnProblem, nearest, refuse, short_repr

IMAGE = "image"
"""Key of the image in a line of JSON."""

_WITH_KEY = re.compile(r"(?P<path>.+\.jsonl(?:\.gz)?):(?P<key>[^:/\\]+)")
_JSON_LINES = re.compile(r".+\.jsonl(?:\.gz)?")


class CaptionFile(NamedTuple):
    """A file of captions, and the captioner to read of it."""

    path: Path
    key: str | None = None
    """Key of the caption in a line of JSON; ``None`` reads all."""

    @classmethod
    def parse(cls, text: str) -> CaptionFile:
        """Parse ``FILE`` or ``FILE.jsonl:KEY``; a file whose own name is that comes first.

        Example:
            >>> CaptionFile.parse("captions.jsonl:blip2").key
            'blip2'
        """
        found = _WITH_KEY.fullmatch(text)
        if found is None or Path(text).exists():
            return cls(Path(text))
        return cls(Path(found["path"]), found["key"])


def read_descriptions(
    files: Iterable[CaptionFile],
    *,
    tally: Counter[str] | None = None,
    on_problem: OnProblem = refuse,
) -> dict[str, list[str]]:
    """Read the descriptions of each image, in the order of the files.

    A ``.jsonl`` file has objects with ``image`` and the captions of one or several captioners; any
    other file has lines ``IMAGE :CAPTION``, of which the last one of an image is used.

    Args:
        files: The files.
        tally: Counter of dropped items.
        on_problem: Called for every invalid line, which is then skipped.

    Raises:
        FileNotFoundError: If a file does not exist.
        DataError: At the first invalid line, unless ``on_problem`` continues.
    """
    found: dict[str, dict[str, None]] = {}
    for file in files:
        for image, captions in _read(file, tally, on_problem).items():
            found.setdefault(image, {}).update(dict.fromkeys(captions))
    return {image: list(captions) for image, captions in found.items()}


def _read(
    file: CaptionFile, tally: Counter[str] | None, on_problem: OnProblem
) -> dict[str, list[str]]:
    path, key = file
    if not _JSON_LINES.fullmatch(path.name):
        captions = read_captions(path, tally=tally, on_problem=on_problem)
        return {image: [caption] for image, caption in captions.items() if caption}

    def parse(value: object, _: int) -> tuple[str, list[str]]:
        return _described(value, key)

    return dict(json_records(path, parse, on_problem))


def _described(value: object, key: str | None) -> tuple[str, list[str]]:
    """Return the image of a line and its captions."""
    if not isinstance(value, dict):
        raise RecordError(f"expected an object with 'image' and captions, got {short_repr(value)}")
    try:
        image = name_of(required(value, IMAGE))
    except RecordError as error:
        raise RecordError(f"{IMAGE}: {error}") from None
    keys = [name for name in value if name != IMAGE]
    if key is not None and key not in keys:
        raise RecordError(f"no caption {short_repr(key)}; {nearest(key, keys)}")
    captions = {name: value[name] for name in ([key] if key is not None else keys)}
    return image_key(image), [
        text
        for name, caption in captions.items()
        if caption is not None and (text := _caption_of(name, caption))
    ]


def _caption_of(name: str, caption: object) -> str:
    try:
        return " ".join(text_of(caption).split())
    except RecordError as error:
        raise RecordError(f"{name}: {error}") from None
