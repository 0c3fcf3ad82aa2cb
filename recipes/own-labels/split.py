"""Posts of the few-posts experiment: five relations of JMERE that the start model never sees.

The five are those after the four most frequent, by training posts. The posts that have one of them
are what a user annotates, with these relations alone; the start model gets the others.

    python recipes/own-labels/split.py TRAIN.jsonl DEV.jsonl OUTPUT
"""

import argparse
import json
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from jmere import Post, TagSet, read_posts
from jmere.data.jsonl import write_posts
from jmere.data.transforms import distinct, outside
from jmere.files.whole import write_json
from jmere.training.starter import split_posts

SIZES, SEEDS, SKIPPED, LEFT_OUT = (20, 50, 200), (1, 2, 3), 4, 5

OWN_NAMES = {"per": "person", "org": "organisation", "misc": "thing", "loc": "place"}
"""Names that a user may give the entity types, which the start model does not know."""


def left_out(train: Iterable[Post]) -> tuple[str, ...]:
    """Return the relations to leave out, the most frequent first."""
    counts = Counter(name for post in train for name in {q.relation for q in post.quintuples})
    order = sorted(counts, key=lambda name: (-counts[name], name))
    return tuple(order[SKIPPED : SKIPPED + LEFT_OUT])


def with_relations(posts: Iterable[Post], names: Sequence[str]) -> list[Post]:
    """Return the posts that have one of the relations, with the quintuples of these alone."""
    kept = (
        replace(
            post,
            entities=(),
            quintuples=tuple(q for q in post.quintuples if q.relation in names),
        )
        for post in posts
    )
    return [post for post in kept if post.quintuples]


def renamed(post: Post) -> Post:
    """Return a post with the user's names of the entity types."""
    ends = (
        replace(
            each,
            head=replace(each.head, type=OWN_NAMES[each.head.type]),
            tail=replace(each.tail, type=OWN_NAMES[each.tail.type]),
        )
        for each in post.quintuples
    )
    return replace(post, quintuples=tuple(ends))


def without_relations(posts: Iterable[Post], names: Sequence[str]) -> list[Post]:
    """Return the posts that have none of the relations."""
    return [post for post in posts if not any(q.relation in names for q in post.quintuples)]


def write(train: Sequence[Post], dev: Sequence[Post], output: Path) -> dict[str, object]:
    """Write all files of the experiment; the counts of its posts.

    A draw of few posts is the first of the posts in the order of its seed, so 20 are among 50. A
    fifth of them is for selection, as ``jmere init`` splits them. None has the text of a held one.
    ``known`` has the entity types' names that the start model knows, ``own`` others.
    """
    names = left_out(train)
    held = with_relations(dev, names)
    few = list(outside(distinct(with_relations(train, names)), held))
    start, start_dev = (without_relations(posts, names) for posts in (train, dev))
    start = list(outside(start, [*held, *few]))
    for folder in ("start", "known", "own"):
        (output / folder).mkdir(parents=True, exist_ok=True)
    others = tuple(name for name in TagSet.load().relations if name not in names)
    write_json(output / "start/tags.json", TagSet(tuple(OWN_NAMES), others).to_json())
    write_posts(output / "start/train.jsonl", start)
    write_posts(output / "start/dev.jsonl", start_dev)
    write_json(output / "known/tags.json", TagSet(tuple(OWN_NAMES), names).to_json())
    write_few(few, held, output / "known")
    write_json(output / "own/tags.json", TagSet(tuple(OWN_NAMES.values()), names).to_json())
    write_few([*map(renamed, few)], [*map(renamed, held)], output / "own")
    counts = {"start": len(start), "start_dev": len(start_dev), "few": len(few), "held": len(held)}
    return {"relations": names, **counts}


def write_few(few: Sequence[Post], held: Sequence[Post], folder: Path) -> None:
    """Write the draws of each seed, and the posts that are scored."""
    write_posts(folder / "held.jsonl", held)
    for seed in SEEDS:
        order = random.Random(seed).sample(few, len(few))
        for size in SIZES:
            learned, selected = split_posts(order[:size])
            write_posts(folder / f"{size}-train-{seed}.jsonl", learned)
            write_posts(folder / f"{size}-dev-{seed}.jsonl", selected)


def main() -> None:
    """Write the files and print their counts."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    for name in ("train", "dev", "output"):
        parser.add_argument(name, type=Path)
    options = parser.parse_args()
    train, dev = list(read_posts(options.train)), list(read_posts(options.dev))
    print(json.dumps(write(train, dev, options.output), indent=2))


if __name__ == "__main__":
    main()
