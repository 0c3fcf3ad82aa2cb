"""What several posts say together: retweets and copies of a text count once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jmere.knowledge.graph import Evidence
    from jmere.knowledge.reading import PostSource


def text_names(evidence: Sequence[Evidence]) -> list[str]:
    """Return the name of each evidence's text; a post of unknown text is a text of its own."""
    return [text_name(it, number) for number, it in enumerate(evidence)]


def text_name(it: Evidence | PostSource, number: int) -> str:
    """Return the name of a text; a post of unknown id and text is named by its number."""
    if it.text_id is not None:
        return f"text {it.text_id}"
    return f"number {number}" if it.post is None else f"post {it.post}"


def count_texts(evidence: Sequence[Evidence]) -> int:
    """Return the number of distinct texts."""
    if len(evidence) == 1:
        return 1
    return len(set(text_names(evidence)))


def count_authors(evidence: Sequence[Evidence]) -> int:
    """Return the number of distinct authors of distinct texts; unknown authors do not count.

    The author of a text is that of its earliest post, so those who repeat it add nothing.
    """
    if len(evidence) == 1:
        return int(evidence[0].author is not None)
    first: dict[str, tuple[tuple[object, ...], str]] = {}
    for text, it in zip(text_names(evidence), evidence, strict=True):
        if it.author is None:
            continue
        order = (it.time is None, it.time or "", it.post or "", it.author)
        if text not in first or order < first[text][0]:
            first[text] = (order, it.author)
    return len({author for _, author in first.values()})


def pooled_score(evidence: Sequence[Evidence]) -> float | None:
    """Return the probability that at least one text is right; ``None`` if none has a score.

    Each distinct text counts with its best score, as if texts were independent. The sum is in a
    fixed order, so the result does not depend on the order of the evidence.
    """
    best: dict[str, float] = {}
    names = [""] if len(evidence) == 1 else text_names(evidence)
    for text, it in zip(names, evidence, strict=True):
        if it.score is not None:
            best[text] = max(it.score, best.get(text, 0.0))
    if not best:
        return None
    wrong = math.prod(1 - score for score in sorted(best.values()))
    return float(f"{1 - wrong:.12g}")


def time_span(evidence: Iterable[Evidence]) -> tuple[str | None, str | None]:
    """Return the first and the last time."""
    times = [it.time for it in evidence if it.time is not None]
    return min(times, default=None), max(times, default=None)
