"""brat: a folder with a text file and an annotation file for each post."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from jmere.data.annotation.brat_annotations import (
    OTHER_LINES,
    annotation_lines,
    read_relation,
    read_span,
)
from jmere.data.annotation.brat_names import document_name, post_id, stored_label
from jmere.data.annotation.marks import (
    OTHER_FIELDS,
    Marks,
    Span,
    marked_post,
    marks_of,
    other_fields,
)
from jmere.data.fields import Faults, RecordError, object_of
from jmere.data.jsonl import parse_line
from jmere.data.readers.lines import decoded, numbered_lines, report_faults
from jmere.errors import OnProblem, refuse
from jmere.files.folders import folder_replaced, mark
from jmere.files.whole import resolve_inside
from jmere.records import Extraction, Post
from jmere.terminal import json_line

LIST = "posts.jsonl"
"""File with what brat does not keep: the order, ids and other fields of the posts."""

_MAX_BYTES = 1 << 24
_RELATION_NAMES = "Arg1:<ENTITY>, Arg2:<ENTITY>"


def write_brat(
    folder: str | Path,
    posts: Iterable[Post | Extraction],
    *,
    types: Iterable[str] = (),
    relations: Iterable[str] = (),
    tally: Counter[str] | None = None,
) -> int:
    """Write a folder of brat documents with its configuration, whole; return the posts' number.

    A document is called by its post's id, with other characters than letters, digits, ``_``,
    ``-``, ``~`` and ``.`` quoted. The file ``posts.jsonl``, which brat ignores, keeps ids, order
    and other fields for ``read_brat``.

    Args:
        folder: The folder; an earlier one is replaced if jmere made it.
        posts: The posts.
        types: Entity types of the configuration, before those that occur.
        relations: Relations of the configuration, before those that occur.
        tally: Counter of what cannot be written.

    Raises:
        ValueError: If the folder may not be replaced, or a post cannot be written.

    Example:
        >>> import pathlib, tempfile
        >>> folder = pathlib.Path(tempfile.mkdtemp()) / "brat"
        >>> write_brat(folder, [Post("Bonn wins", id="1")])
        1
        >>> [post.text for post in read_brat(folder)]
        ['Bonn wins']
    """
    kinds, names, taken = dict.fromkeys(types), dict.fromkeys(relations), {Path(LIST).stem}
    count = 0
    with folder_replaced(folder) as part:
        with (part / LIST).open("w", encoding="utf-8", newline="\n") as posts_list:
            for count, post in enumerate(posts, start=1):
                document = document_name(post.id or f"post-{count}", taken)
                marks = _write(part / document, post, tally)
                kinds.update(dict.fromkeys(each.type for each in marks.entities))
                names.update(dict.fromkeys(each.name for each in marks.relations))
                kept = {"document": document, "id": post.id, **other_fields(post)}
                posts_list.write(json_line(kept) + "\n")
        _configure(part, kinds, names)
        mark(part)
    return count


def read_brat(
    folder: str | Path, *, tally: Counter[str] | None = None, on_problem: OnProblem = refuse
) -> Iterator[Post]:
    """Read the documents of a folder: ``NAME.txt`` with ``NAME.ann``.

    The order is that of the folder's ``posts.jsonl``, then that of the names. A document without
    an entry there has its name as id.

    Args:
        folder: The folder; folders in it are not read.
        tally: Counter of dropped items.
        on_problem: Called for every problem; the document is then skipped.

    Raises:
        NotADirectoryError: If it is no folder.
        DataError: At the first problem, unless ``on_problem`` continues.
    """
    root, tally = Path(folder), Counter() if tally is None else tally
    if not root.is_dir():
        raise NotADirectoryError(f"{folder}: expected a folder of brat documents")
    names = {path.stem for path in root.glob("*.txt")}
    listed = _listed(root, names, on_problem)
    for document in [*listed, *sorted(names - listed.keys())]:
        post = _read(root, document, listed.get(document, {}), tally, on_problem)
        if post is not None:
            yield post


def _write(path: Path, post: Post | Extraction, tally: Counter[str] | None) -> Marks:
    try:
        marks = marks_of(post, tally)
        lines = list(annotation_lines(post.text, marks))
    except RecordError as error:
        raise ValueError(f"post {post.id!r}: {error}") from None
    path.with_name(f"{path.name}.txt").write_bytes(post.text.encode())
    annotations = "".join(f"{line}\n" for line in lines)
    path.with_name(f"{path.name}.ann").write_bytes(annotations.encode())
    return marks


def _configure(folder: Path, types: Iterable[str], relations: Iterable[str]) -> None:
    kinds, names = list(types), list(relations)
    lines = ["[entities]", *map(stored_label, kinds), "", "[relations]"]
    lines += [f"{stored_label(name)}\t{_RELATION_NAMES}" for name in names]
    lines += ["<OVERLAP>\tArg1:<ENTITY>, Arg2:<ENTITY>, <OVL-TYPE>:<ANY>"]
    lines += ["", "[events]", "", "[attributes]", ""]
    (folder / "annotation.conf").write_text("\n".join(lines), encoding="utf-8")
    quoted = [name for name in dict.fromkeys([*kinds, *names]) if stored_label(name) != name]
    labels = [f"{stored_label(name)} | {' '.join(name.split())}" for name in quoted]
    visual = "\n".join(["[labels]", *labels, "", "[drawing]", ""])
    (folder / "visual.conf").write_text(visual, encoding="utf-8")


def _listed(root: Path, names: set[str], on_problem: OnProblem) -> dict[str, dict[str, object]]:
    """Return the entries of the list of posts whose documents are there."""
    found: dict[str, dict[str, object]] = {}
    path = root / LIST
    if not path.is_file():
        return found
    for number, raw in numbered_lines(path):
        try:
            entry = object_of(
                parse_line(decoded(raw)),
                ("document", "id", *OTHER_FIELDS),
                Faults(),
            )
        except RecordError as error:
            report_faults(path, number, error.messages, on_problem)
            continue
        document = entry.pop("document", None)
        if isinstance(document, str) and document in names:
            found[document] = entry
    return found


def _read(
    root: Path,
    document: str,
    entry: dict[str, object],
    tally: Counter[str],
    on_problem: OnProblem,
) -> Post | None:
    try:
        paths = [resolve_inside(root, f"{document}{suffix}") for suffix in (".txt", ".ann")]
        text = _content(paths[0])
    except ValueError as error:
        report_faults(root / f"{document}.txt", None, [str(error)], on_problem)
        return None
    marks = _annotations(paths[1], text, tally, on_problem)
    if marks is None:
        return None
    name = entry["id"] if entry.get("id") is not None else post_id(document)
    try:
        return marked_post(name, text, *marks, entry)
    except RecordError as error:
        report_faults(paths[1], None, error.messages, on_problem)
        return None


def _annotations(
    path: Path, text: str, tally: Counter[str], on_problem: OnProblem
) -> tuple[list[Span], list[tuple[str, str, str]]] | None:
    """Return spans and relations of an annotation file; ``None`` if a line is faulty."""
    spans, relations, faulty = [], [], False
    for number, raw in numbered_lines(path) if path.is_file() else ():
        try:
            line = decoded(raw)
            if line.startswith("T"):
                spans.append(read_span(line, text, tally))
            elif line.startswith("R"):
                relations.append(read_relation(line))
            else:
                tally[OTHER_LINES] += bool(line.strip())
        except RecordError as error:  # noqa: PERF203
            faulty = True
            report_faults(path, number, error.messages, on_problem)
    return None if faulty else (spans, relations)


def _content(path: Path) -> str:
    with path.open("rb") as stream:
        data = stream.read(_MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        raise RecordError(f"is longer than {_MAX_BYTES} bytes")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise RecordError(f"not UTF-8 at byte {error.start}") from None
