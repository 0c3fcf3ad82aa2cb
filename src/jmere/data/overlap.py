"""Posts that are in two sets at once, or twice in one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jmere.records import Post


def outside(posts: Iterable[Post], others: Iterable[Post]) -> Iterator[Post]:
    """The posts whose text is not among the others', case and everything but letters aside."""
    texts = {letters(post.text) for post in others}
    return (post for post in posts if letters(post.text) not in texts)


def inside(posts: Iterable[Post], others: Iterable[Post]) -> Iterator[tuple[Post, Post]]:
    """The posts whose text is among the others', compared as ``outside`` does, with the first."""
    first: dict[str, Post] = {}
    for other in others:
        first.setdefault(letters(other.text), other)
    return ((post, first[text]) for post in posts if (text := letters(post.text)) in first)


def distinct(posts: Iterable[Post]) -> Iterator[Post]:
    """The first post of each text, compared as ``outside`` does."""
    first: dict[str, Post] = {}
    for post in posts:
        first.setdefault(letters(post.text), post)
    return iter(first.values())


def letters(text: str) -> str:
    """What texts are compared by: the letters and digits, case aside."""
    return "".join(filter(str.isalnum, text.casefold()))
