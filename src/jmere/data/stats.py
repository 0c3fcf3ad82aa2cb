"""Dataset statistics: Table 3 of the paper, and annotations that a grid cannot represent."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields

from jmere.records import Link, Mention, Post
from jmere.text.words import post_words


@dataclass(frozen=True)
class GridFacts:
    """Counts of annotations that the word-pair grid represents only partly or not at all."""

    overlapping: int = 0
    """Entity pairs of a post that share a word."""
    touching: int = 0
    """Entity pairs of a post of which one ends where the other begins."""
    two_relations: int = 0
    """Ordered pairs of entities with more than one relation."""
    both_directions: int = 0
    """Entity pairs with a relation in each direction, which only a directed grid represents."""
    two_types: int = 0
    """Word spans with more than one type."""
    inside_words: int = 0
    """Entities that begin or end inside a word."""
    repeated: int = 0
    """Duplicate quintuples of a post."""


@dataclass(frozen=True)
class Statistics:
    """Dataset statistics; the first five are the columns of Table 3."""

    samples: int
    entities: int
    """Two per quintuple, as in the paper, plus entities outside quintuples."""
    quintuples: int
    average_length: float
    """Words per post."""
    relations: int
    """Number of relation types in use."""
    distinct_entities: int
    """Entities counted once in each post."""
    longest: int
    """Length of the longest post in words."""
    images: int
    """Posts with an image."""
    per_relation: Mapping[str, int]
    """Quintuples per relation, the most frequent first."""
    per_type: Mapping[str, int]
    """Distinct entities per type, the most frequent first."""
    grid: GridFacts

    def to_json(self) -> dict[str, object]:
        """Return the statistics as a JSON object."""
        return asdict(self)

    def to_text(self) -> str:
        """Format the statistics as a table."""
        head = [
            ("samples", f"{self.samples:,}"),
            ("entities", f"{self.entities:,} ({self.distinct_entities:,} distinct)"),
            ("quintuples", f"{self.quintuples:,}"),
            ("average length", f"{self.average_length:.2f} words (longest {self.longest})"),
            ("relations", f"{self.relations}"),
            ("with an image", f"{self.images:,}"),
        ]
        sections = [
            ("", head),
            ("quintuples per relation", _counts(self.per_relation)),
            ("distinct entities per type", _counts(self.per_type)),
            ("for the grid", _counts(asdict(self.grid))),
        ]
        width = max(len(name) for _, rows in sections for name, _ in rows)
        blocks = [
            "\n".join(
                [title] * bool(title) + [f"  {name:<{width}}  {value}" for name, value in rows]
            )
            for title, rows in sections
            if rows
        ]
        return "\n\n".join(blocks)


def statistics(posts: Iterable[Post]) -> Statistics:
    """Compute the statistics of posts, one at a time.

    Example:
        >>> statistics([Post(text="Bonn wins")]).average_length
        2.0
    """
    samples = entities = length = longest = images = 0
    per_relation: Counter[str] = Counter()
    per_type: Counter[str] = Counter()
    grid: Counter[str] = Counter()
    for post in posts:
        n_words, facts = _facts(post)
        samples += 1
        entities += 2 * len(post.quintuples) + len(post.entities)
        length += n_words
        longest = max(longest, n_words)
        images += post.image is not None
        per_relation.update(quintuple.relation for quintuple in post.quintuples)
        per_type.update(entity.type for entity in post.all_entities())
        grid.update(facts)
    return Statistics(
        samples=samples,
        entities=entities,
        quintuples=per_relation.total(),
        average_length=length / max(samples, 1),
        relations=len(per_relation),
        distinct_entities=per_type.total(),
        longest=longest,
        images=images,
        per_relation=dict(per_relation.most_common()),
        per_type=dict(per_type.most_common()),
        grid=GridFacts(**{each.name: grid[each.name] for each in fields(GridFacts)}),
    )


def _facts(post: Post) -> tuple[int, dict[str, int]]:
    words = post_words(post)
    entities = post.all_entities()
    mentions = [mention for entity in entities if (mention := words.mention(entity)) is not None]
    links = {link for each in post.quintuples if (link := words.link(each)) is not None}
    return len(words), {
        **_span_facts(mentions),
        **_pair_facts(links),
        "inside_words": len(entities) - len(mentions),
        "repeated": len(post.quintuples) - len(set(post.quintuples)),
    }


def _span_facts(mentions: Iterable[Mention]) -> dict[str, int]:
    types = Counter((mention.start, mention.end) for mention in mentions)
    spans = sorted(types)
    starts = [start for start, _ in spans]
    overlapping = touching = 0
    for index, (_, end) in enumerate(spans):
        # Of the spans after this one, those that begin before its end share a word with it.
        stop = bisect_left(starts, end, lo=index + 1)
        overlapping += stop - index - 1
        touching += bisect_right(starts, end, lo=stop) - stop
    return {
        "overlapping": overlapping,
        "touching": touching,
        "two_types": sum(count > 1 for count in types.values()),
    }


def _pair_facts(links: Iterable[Link]) -> dict[str, int]:
    relations: dict[tuple[tuple[int, int], tuple[int, int]], set[str]] = {}
    for link in links:
        pair = (link.head.start, link.head.end), (link.tail.start, link.tail.end)
        relations.setdefault(pair, set()).add(link.relation)
    return {
        "two_relations": sum(len(names) > 1 for names in relations.values()),
        "both_directions": sum((tail, head) in relations for head, tail in relations) // 2,
    }


def _counts(counts: Mapping[str, int]) -> list[tuple[str, str]]:
    return [(name, f"{count:,}") for name, count in counts.items()]
