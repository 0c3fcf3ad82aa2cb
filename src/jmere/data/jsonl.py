"""Posts as JSON Lines, one object per line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from jmere.data.annotations import annotation_fields, entity_to_json, quintuple_to_json
from jmere.data.fields import (
    Faults,
    RecordError,
    checked_words,
    id_of,
    list_of,
    name_of,
    object_of,
    string_of,
    strings_of,
    text_of,
)
from jmere.data.origin import KEPT, ORIGIN_KEYS, origin_fields, origin_of
from jmere.data.readers.lines import decoded, numbered_lines, report_faults
from jmere.data.scene_json import scene_graph_from_json, scene_graph_to_json
from jmere.errors import OnProblem, refuse, short_repr
from jmere.files.whole import written_whole
from jmere.records import Post, SceneGraph
from jmere.tags import TagSet

T = TypeVar("T")

SCHEMA = 1
"""Schema version that is written, and the newest that is read."""

KEYS = (
    *("schema_version", "id", "text", "tokens", "image", "alt_text", "alt_texts"),
    *("scene_graph", "quintuples", "entities", *ORIGIN_KEYS, KEPT),
)
"""Keys of a post's line; ``text`` or ``tokens`` and, in a file, ``id`` are mandatory."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file of posts: the parsed post and its problems."""

    number: int
    post: Post
    """The post without its invalid fields; complete if there is no problem."""
    faults: Faults


def read_posts(
    path: str | Path,
    *,
    tags: TagSet | None = None,
    gold: bool = True,
    keep: Sequence[str] = (),
    on_problem: OnProblem = refuse,
) -> Iterator[Post]:
    """Read posts one at a time; blank lines are skipped.

    Args:
        path: A file of JSON Lines in UTF-8.
        tags: The known entity types and relations; ``None`` takes any.
        gold: Whether the posts are annotated, and every fault counts. Posts to extract from,
            without, need an id and a text: annotation and unknown keys are passed over, what
            is wrong with picture, ``alt_text`` or ``scene_graph`` becomes a warning.
        keep: Further keys of posts to extract from that results repeat.
        on_problem: Told of every fault, each with its line; a faulty post is left out.

    Raises:
        FileNotFoundError: If the file does not exist.
        DataError: At the first problem, unless ``on_problem`` continues.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "posts.jsonl"
        >>> write_posts(path, [Post(text="Bonn wins", id="1")])
        1
        >>> [post.text for post in read_posts(path)]
        ['Bonn wins']
    """
    for line in read_lines(path, tags=tags, gold=gold, keep=keep):
        report_faults(path, line.number, line.faults, on_problem)
        if not line.faults:
            yield line.post


def read_lines(
    path: str | Path,
    *,
    tags: TagSet | None = None,
    gold: bool = True,
    keep: Sequence[str] = (),
) -> Iterator[Line]:
    """Read the lines of a file of posts, invalid ones too; see ``read_posts``."""
    for number, raw in numbered_lines(path):
        if not raw.strip():
            continue
        try:
            value = parse_line(decoded(raw))
            post, faults = parse_post(value, tags=tags, gold=gold, keep=keep)
            if post.id is None and not any(fault.startswith("id: ") for fault in faults):
                faults.append("missing 'id'")
        except RecordError as error:
            post, faults = Post(), Faults(error.messages)
        yield Line(number, post, faults)


def write_posts(path: str | Path, posts: Iterable[Post]) -> int:
    """Write posts to a file, atomically; return their number.

    Example:
        >>> import pathlib, tempfile
        >>> write_posts(pathlib.Path(tempfile.mkdtemp()) / "posts.jsonl", [Post("Bonn", id="1")])
        1
    """
    count = 0
    with written_whole(path) as stream:
        for count, post in enumerate(posts, start=1):  # noqa: B007
            stream.write(json.dumps(post_to_json(post), ensure_ascii=False) + "\n")
    return count


def post_to_json(post: Post) -> dict[str, object]:
    """Convert a post to JSON; absent or empty fields are left out.

    Raises:
        ValueError: If its image is a picture in memory instead of a path.
    """
    if not isinstance(post.image, (str, Path, type(None))):
        raise ValueError(f"post {post.id!r}: its image is in memory; expected a path to write")
    graph = post.scene_graph
    value: dict[str, object] = {
        "id": post.id,
        **({"text": post.text} if post.tokens is None else {"tokens": list(post.tokens)}),
        "image": None if post.image is None else str(post.image),
        "alt_text": post.alt_text if post.alt_text not in post.alt_texts[:1] else None,
        "alt_texts": list(post.alt_texts) or None,
        **origin_of(post),
        "scene_graph": None if graph is None else scene_graph_to_json(graph),
        "quintuples": [quintuple_to_json(quintuple) for quintuple in post.quintuples] or None,
        "entities": [entity_to_json(entity) for entity in post.entities] or None,
    }
    return {key: item for key, item in value.items() if item is not None}


def post_from_json(value: object, *, tags: TagSet | None = None) -> Post:
    """Parse a post; ``id`` is optional here.

    Raises:
        RecordError: A ``ValueError`` listing every problem of the value.

    Example:
        >>> post_from_json({"tokens": ["Bonn", "wins"]}).text
        'Bonn wins'
    """
    post, faults = _parse(value, tags)
    faults.settle()
    return post


def parse_post(
    value: object, *, tags: TagSet | None = None, gold: bool = True, keep: Sequence[str] = ()
) -> tuple[Post, Faults]:
    """Parse a post; return it without its invalid fields, and the problems.

    Args:
        value: The object.
        tags: The known entity types and relations; ``None`` takes any.
        gold: Whether the post is annotated; see ``read_posts``.
        keep: Further keys to copy to results, where the post is not gold.

    Raises:
        RecordError: If it is no object, or of a later version.
    """
    return _parse(value, tags) if gold else _parse_to_read(value, keep)


def json_records(
    path: str | Path, parse: Callable[[object, int], T], on_problem: OnProblem = refuse
) -> Iterator[T]:
    r"""Yield the record of each line of JSON Lines; blank lines are skipped.

    Args:
        path: File of JSON Lines.
        parse: Takes a line's value and number, and raises ``RecordError`` for a faulty one.
        on_problem: Called for every problem; the line is then skipped.

    Raises:
        FileNotFoundError: If the file does not exist.
        DataError: At the first problem, unless ``on_problem`` continues.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "numbers.jsonl"
        >>> _ = path.write_text("7\n\n8\n")
        >>> list(json_records(path, lambda value, number: (number, value)))
        [(1, 7), (3, 8)]
    """
    yield from records_of(path, numbered_lines(path), parse, on_problem)


def records_of(
    path: str | Path,
    lines: Iterable[tuple[int, bytes]],
    parse: Callable[[object, int], T],
    on_problem: OnProblem = refuse,
    *,
    plain: Callable[[str], T | None] | None = None,
) -> Iterator[T]:
    r"""Yield the record of each of some lines of a file; see ``json_records``.

    Args:
        path: The file, to name in problems.
        lines: The lines with their numbers.
        parse: Takes a line's value and number, and raises ``RecordError`` for a faulty one.
        on_problem: Called for every problem; the line is then skipped.
        plain: Faster way to the record of a line, which leaves the line to ``parse`` by ``None``.

    Example:
        >>> list(records_of("numbers.jsonl", [(3, b"8")], lambda value, number: (number, value)))
        [(3, 8)]
    """
    for number, raw in lines:
        if not raw.strip():
            continue
        try:
            line = decoded(raw)
            record = None if plain is None else plain(line)
            if record is None:
                record = parse(parse_line(line), number)
        except RecordError as error:
            report_faults(path, number, error.messages, on_problem)
        else:
            yield record


def parse_line(line: str) -> object:
    """Parse a line of JSON.

    Raises:
        RecordError: If it is no JSON, or nested too deep.
    """
    try:
        value: object = json.loads(line)
    except json.JSONDecodeError as error:
        raise RecordError(f"not JSON: {error.msg} at column {error.colno}") from None
    except (RecursionError, ValueError) as error:
        raise RecordError(f"not readable JSON: {error}") from None
    return value


def check_schema(value: object) -> None:
    """Raise if the schema version is newer than supported; it may be absent.

    Raises:
        RecordError: If its version is not known.
    """
    version = value.get("schema_version") if isinstance(value, dict) else None
    if version is None:
        return
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise RecordError(f"schema_version: expected {SCHEMA}, got {short_repr(version)}")
    if version > SCHEMA:
        raise RecordError(
            f"schema_version: {short_repr(version)} is of a later jmere; this one reads {SCHEMA}"
        )


def _parse(value: object, tags: TagSet | None) -> tuple[Post, Faults]:
    check_schema(value)
    faults = Faults()
    fields = {key: item for key, item in object_of(value, KEYS, faults).items() if item is not None}
    text, tokens = text_fields(fields, faults)
    names: dict[str, str | None] = {"id": None, "image": None, "alt_text": None}
    for key, check in (("id", id_of), ("image", name_of), ("alt_text", text_of)):
        if key in fields:
            with faults.within(key):
                names[key] = check(fields[key])
    alt_texts: tuple[str, ...] = ()
    with faults.within("alt_texts"):
        alt_texts = tuple(map(text_of, list_of(fields.get("alt_texts", ()))))
    graph = scene_field(fields, faults)
    origin = origin_fields(fields, faults)
    quintuples, entities = annotation_fields(fields, faults, text, tags=tags)
    post = Post(
        text or "", names["image"], names["alt_text"], graph, names["id"], tokens,
        quintuples, entities, alt_texts=alt_texts, **origin,
    )  # fmt: skip
    return post, faults


def _parse_to_read(value: object, keep: Sequence[str] = ()) -> tuple[Post, Faults]:
    """Parse a post for prediction: id and text must be valid."""
    check_schema(value)
    faults, warnings = Faults(), Faults()
    known = object_of(value, KEYS, Faults())
    fields = {key: item for key, item in known.items() if item is not None}
    if keep and isinstance(value, dict):
        asked = {key: value[key] for key in keep if value.get(key) is not None}
        given = known.get(KEPT)
        fields[KEPT] = {**(given if isinstance(given, dict) else {}), **asked}
    text, tokens = text_fields(fields, faults, strict=False)
    name = image = alt_text = None
    alt_texts: tuple[str, ...] = ()
    if "id" in fields:
        with faults.within("id"):
            name = id_of(fields["id"], strict=False)
    if "image" in fields:
        with warnings.within("image left out"):
            image = string_of(fields["image"])
    if "alt_text" in fields:
        with warnings.within("alt_text left out"):
            alt_text = string_of(fields["alt_text"])
    if "alt_texts" in fields:
        with warnings.within("alt_texts left out"):
            alt_texts = tuple(map(string_of, list_of(fields["alt_texts"])))
    graph = scene_field(fields, warnings, strict=False)
    origin = origin_fields(fields, warnings, strict=False)
    post = Post(
        text or "", image, alt_text, graph, name, tokens,
        warnings=warnings, alt_texts=alt_texts, **origin,
    )  # fmt: skip
    return post, faults


def text_fields(
    fields: dict[str, object], faults: Faults, *, strict: bool = True
) -> tuple[str | None, tuple[str, ...] | None]:
    """Parse text and words of a post; ``None`` if absent or invalid.

    Unless ``strict``, they may hold characters that ``jmere.data.mend`` replaces.
    """
    text = tokens = None
    with faults.within("text"):
        if "text" in fields:
            text = (text_of if strict else string_of)(fields["text"])
    with faults.within("tokens"):
        if "tokens" in fields:
            tokens = (checked_words if strict else strings_of)(fields["tokens"])
    if not {"text", "tokens"} & fields.keys():
        faults.append("missing 'text' or 'tokens'")
    if tokens is not None:
        joined = " ".join(tokens)
        if text is not None and text != joined:
            faults.append("text and tokens disagree: expected the words joined by single spaces")
        text = joined
    return text, tokens


def scene_field(
    fields: dict[str, object], faults: Faults, *, strict: bool = True
) -> SceneGraph | None:
    """Parse the scene graph of a post; ``None`` if absent or invalid."""
    graph = None
    if "scene_graph" in fields:
        with faults.within("scene_graph" if strict else "scene_graph left out"):
            graph = scene_graph_from_json(fields["scene_graph"], strict=strict)
    return graph
