"""Posts that are in two sets at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jmere.records import Post


def outside(posts: Iterable[Post], others: Iterable[Post]) -> Iterator[Post]:
    """The posts whose text is not among the others', case and everything but letters aside."""
    texts = {_letters(post.text) for post in others}
    return (post for post in posts if _letters(post.text) not in texts)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))
