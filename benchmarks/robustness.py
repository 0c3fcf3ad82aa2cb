"""Posts as people write them, by kind: what is found, what is made up, and what changes it.

The posts are tests/robustness/*.jsonl, in ten kinds; the kind is an id up to its number. F1 is
undirected. ``unchanged`` is the share of posts with the same quintuples after something that says
nothing new: a full stop, a web address, a line break, an alternative text. A line of JSON for each
kind, and one for all. ``f1_without_sign`` compares the names of users without their ``@``, which
only one of the two annotations has.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import torch

from jmere.data.jsonl import read_posts
from jmere.evaluation.scores import score
from jmere.extract import Extractor
from jmere.records import Entity, Extraction, Post

POSTS = Path(__file__).parents[1] / "tests" / "robustness"
STOPS = (".", "!", "?", "…")
Record = TypeVar("Record", Post, Extraction)
ALT_TEXT = "a man standing in a room"


def main() -> None:
    """Measure and print one line of JSON for each kind and one for all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON, as always")
    parser.add_argument("--posts", type=Path, nargs="+", default=sorted(POSTS.glob("*.jsonl")))
    parser.add_argument("--model", default="default")
    options = parser.parse_args()
    torch.set_num_threads(1)
    extractor = Extractor.from_pretrained(options.model)
    posts = [post for path in options.posts for post in read_posts(path)]
    found = extractor(posts)
    same = unchanged(extractor, posts, found)
    kinds = dict.fromkeys(kind_of(post) for post in posts)
    for kind in [*kinds, None]:
        places = [n for n, post in enumerate(posts) if kind in (None, kind_of(post))]
        own = [(posts[n], found[n]) for n in places]
        told = {way: share([each[n] for n in places if n in each]) for way, each in same.items()}
        line = {"name": "robustness", "kind": kind or "all", **figures(own), "unchanged": told}
        print(json.dumps(line), flush=True)


def kind_of(post: Post) -> str:
    """Return the kind of a post, its id up to the number."""
    return str(post.id).rpartition("-")[0]


def figures(own: Sequence[tuple[Post, Extraction]]) -> dict[str, object]:
    """Return what is found of the gold, and what is made up where there is no fact."""
    posts, found = zip(*own, strict=True)
    scores = score(list(posts), list(found), "undirected").jmere
    unsigned = score([*map(_unsigned, posts)], [*map(_unsigned, found)], "undirected").jmere
    names = [(entity in each.entities) for post, each in own for entity in post.all_entities()]
    spans = [
        (entity.start, entity.end) in {(e.start, e.end) for e in each.entities}
        for post, each in own
        for entity in post.all_entities()
        if entity.start and post.text[entity.start - 1] == "#"
    ]
    bare = [len(each.quintuples) for post, each in own if not post.quintuples]
    return {
        "posts": len(own),
        "precision": round(100 * scores.precision, 1),
        "recall": round(100 * scores.recall, 1),
        "f1": round(100 * scores.f1, 1),
        "f1_without_sign": round(100 * unsigned.f1, 1),
        "entity_recall": share(names),
        "hashtag_recall": share(spans),
        "false_per_factless_post": round(sum(bare) / len(bare), 3) if bare else None,
    }


def _unsigned(record: Record) -> Record:
    """Return a post or an extraction, the names of its users without their sign."""
    facts = tuple(
        replace(fact, head=_without_sign(fact.head), tail=_without_sign(fact.tail))
        for fact in record.quintuples
    )
    return replace(record, quintuples=facts, entities=tuple(map(_without_sign, record.entities)))


def _without_sign(entity: Entity) -> Entity:
    if not entity.text.startswith("@"):
        return entity
    return replace(entity, text=entity.text[1:], start=entity.start + 1)


def unchanged(
    extractor: Extractor, posts: Sequence[Post], found: Sequence[Extraction]
) -> dict[str, dict[int, bool]]:
    """Return for each change and post whether the quintuples stay the same."""
    same: dict[str, dict[int, bool]] = {}
    for way, changed in changes(posts).items():
        results = extractor(list(changed.values()))
        same[way] = {
            place: set(result.quintuples) == set(found[place].quintuples)
            for place, result in zip(changed, results, strict=True)
        }
    return {**same, "any": _all_of(list(same.values()))}


def _all_of(ways: Sequence[Mapping[int, bool]]) -> dict[int, bool]:
    """Return for each post whether no change matters."""
    places = sorted({place for each in ways for place in each})
    return {place: all(each.get(place, True) for each in ways) for place in places}


def changes(posts: Sequence[Post]) -> dict[str, dict[int, Post]]:
    """Return the posts that each change applies to, changed."""
    bare = [replace(post, quintuples=(), entities=()) for post in posts]
    numbered = list(enumerate(bare))
    return {
        "stop": {n: _text(p, p.text + ".") for n, p in numbered if not p.text.endswith(STOPS)},
        "address": {n: _text(p, p.text + " https://t.co/3fGh1Kq9Zx") for n, p in numbered},
        "line_break": {n: _text(p, text) for n, p in numbered for text in _broken(p.text)},
        "alt_text": {n: replace(p, alt_text=ALT_TEXT) for n, p in numbered},
    }


def _text(post: Post, text: str) -> Post:
    return replace(post, text=text)


def _broken(text: str) -> Iterator[str]:
    """Break a text in place of the space nearest its middle."""
    spaces = [place for place, sign in enumerate(text) if sign == " "]
    if spaces:
        place = min(spaces, key=lambda each: abs(each - len(text) / 2))
        yield f"{text[:place]}\n{text[place + 1 :]}"


def share(values: Sequence[bool]) -> float | None:
    """Return the share that is true, or ``None`` of none."""
    return round(sum(values) / len(values), 3) if values else None


if __name__ == "__main__":
    main()
