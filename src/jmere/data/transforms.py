"""Transformations of posts: captions, overlap, duplicates and labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePath

from jmere.config import load_yaml
from jmere.data.fields import RecordError
from jmere.data.readers.lines import decoded, numbered_lines, report_faults
from jmere.errors import OnProblem, Problem, nearest, refuse, short_repr
from jmere.records import Post
from jmere.tags import TagSet

TWICE = "captions were dropped for a later one of the same image"

WITHOUT = "posts with an image have no caption"
"""Tally key of posts without a caption."""


def read_captions(
    path: str | Path, *, tally: Counter[str] | None = None, on_problem: OnProblem = refuse
) -> dict[str, str]:
    """Read the caption of each image, by file name.

    A line is ``IMAGE :CAPTION`` or ``IMAGE<TAB>CAPTION``. A bare number means the ``.jpg`` of
    that number. If an image has several captions, the last one is used.

    Args:
        path: The file, UTF-8.
        tally: Counter of dropped items.
        on_problem: Called for every invalid line, which is then skipped.

    Raises:
        FileNotFoundError: If the file does not exist.
        DataError: At the first invalid line, unless ``on_problem`` continues.
    """
    captions: dict[str, str] = {}
    tally = Counter() if tally is None else tally
    for number, raw in numbered_lines(path):
        if not raw.strip():
            continue
        try:
            image, caption = _caption(decoded(raw))
        except RecordError as error:
            report_faults(path, number, error.messages, on_problem)
            continue
        if image in captions:
            tally[TWICE] += 1
        captions[image] = caption
    return captions


def _caption(line: str) -> tuple[str, str]:
    image, sign, caption = line.partition("\t" if "\t" in line.partition(":")[0] else ":")
    name = image_key(image)
    if not sign or not name:
        raise RecordError(f"expected 'IMAGE :CAPTION', got {short_repr(line)}")
    return name, caption.strip()


def image_key(image: str) -> str:
    """Return the file name of an image; a bare number means the ``.jpg`` of that number."""
    name = PurePath(image.strip()).name
    return f"{name}.jpg" if name.isdecimal() else name


def with_captions(
    posts: Iterable[Post],
    captions: Mapping[str, str | Sequence[str]],
    *,
    tally: Counter[str] | None = None,
) -> Iterator[Post]:
    """Set each post's alternative text to its image's caption; ``tally`` counts the missing.

    Of several captions the first is the alternative text, and all are ``alt_texts``.

    Example:
        >>> captions = {"1.jpg": ["a man", "two men"]}
        >>> [post] = with_captions([Post(text="Look!", image="1.jpg")], captions)
        >>> post.alt_text, post.alt_texts
        ('a man', ('a man', 'two men'))
    """
    for post in posts:
        known = captions.get(PurePath(str(post.image)).name, ()) if post.image else ()
        found = tuple(each for each in ((known,) if isinstance(known, str) else known) if each)
        if tally is not None and post.image and not found:
            tally[WITHOUT] += 1
        several = found if len(found) > 1 else ()
        yield replace(post, alt_text=found[0], alt_texts=several) if found else post


def outside(posts: Iterable[Post], others: Iterable[Post]) -> Iterator[Post]:
    """Yield the posts whose text is not among the others', comparing letters and digits."""
    texts = {letters(post.text) for post in others}
    return (post for post in posts if letters(post.text) not in texts)


def overlapping(posts: Iterable[Post], others: Iterable[Post]) -> Iterator[tuple[Post, Post]]:
    """Yield posts whose text is among the others', each with its first match."""
    first: dict[str, Post] = {}
    for other in others:
        first.setdefault(letters(other.text), other)
    return ((post, first[text]) for post in posts if (text := letters(post.text)) in first)


def distinct(posts: Iterable[Post]) -> Iterator[Post]:
    """Yield the first post of each text, compared as in ``outside``.

    Example:
        >>> [post.id for post in distinct([Post(text="Hi!", id="1"), Post(text="hi", id="2")])]
        ['1']
    """
    first: dict[str, Post] = {}
    for post in posts:
        first.setdefault(letters(post.text), post)
    return iter(first.values())


def letters(text: str) -> str:
    """Return the comparison key of a text: its letters and digits in lower case."""
    return "".join(filter(str.isalnum, text.casefold()))


def of_known_labels(
    posts: Iterable[Post], tags: TagSet, *, on_problem: OnProblem = refuse
) -> Iterator[Post]:
    """Yield the posts whose entity types and relations are all in the tag set.

    Raises:
        DataError: At the first other post, unless ``on_problem`` continues.
    """
    for post in posts:
        unknown = _unknown(post, tags)
        if unknown is None:
            yield post
        else:
            on_problem(Problem(f"post {post.id}", None, unknown))


def read_names(path: str | Path) -> dict[str, str]:
    """Read a YAML file that maps relation names to new names.

    Raises:
        FileNotFoundError: If the file does not exist.
        ValueError: If it holds anything but names.
    """
    names = load_yaml(path)
    for name, other in names.items():
        if not isinstance(name, str) or not isinstance(other, str):
            raise ValueError(
                f"{path}: expected names of relations, got {short_repr(name)}: {short_repr(other)}"
            )
    return names


ALIKE = "quintuples that new names made alike were dropped"
"""Tally key of duplicates that renaming creates."""


def renamed(
    posts: Iterable[Post], names: Mapping[str, str], *, tally: Counter[str] | None = None
) -> Iterator[Post]:
    """Rename the relations of posts; duplicates that result are dropped."""
    for post in posts:
        quintuples = [
            replace(q, relation=names.get(q.relation, q.relation)) for q in post.quintuples
        ]
        kept = tuple(dict.fromkeys(quintuples))
        if tally is not None and len(kept) < len(quintuples):
            tally[ALIKE] += len(quintuples) - len(kept)
        yield replace(post, quintuples=kept)


def _unknown(post: Post, tags: TagSet) -> str | None:
    for entity in post.all_entities():
        if entity.type not in tags.entity_types:
            return f"unknown entity type {entity.type!r}; {nearest(entity.type, tags.entity_types)}"
    for quintuple in post.quintuples:
        if quintuple.relation not in tags.relations:
            relation = quintuple.relation
            return f"unknown relation {relation!r}; {nearest(relation, tags.relations)}"
    return None
