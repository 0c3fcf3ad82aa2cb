"""F1 of the rows of `jmere bench` on all posts and on slices, over their seeds.

A slice keeps some posts, or some quintuples of gold and predictions. A difference is that of the
counts added up over the seeds that two rows share, with a paired bootstrap over the posts.
Rows of a second folder are named with it, as in bench-off/eega.

    python recipes/picture/slices.py runs/picture --train TRAIN.jsonl --dev DEV.jsonl
"""

import argparse
import json
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from jmere import Extraction, Post, Quintuple
from jmere.bench.plan import PREDICTIONS
from jmere.bench.results import pooled_difference
from jmere.data.jsonl import read_posts
from jmere.data.predictions import read_predictions
from jmere.evaluation.scores import Scores, score
from jmere.scenes.combine import DEFAULT_OBJECTS
from jmere.scenes.visual_config import VisualConfig
from jmere.text.parser import Parser
from jmere.text.words import post_words

AGAINST = ("none", "other")
"""Rows that the others are compared with, unless others are named."""

CROWDS = ((1, 2), (3, 4), (5, 6), (7, DEFAULT_OBJECTS))
"""Least and most objects of the pictures of a slice."""

Record = TypeVar("Record", Post, Extraction)


@dataclass(frozen=True)
class Slice:
    """Part of the dev set."""

    name: str
    post: Callable[[Post], bool] = lambda _: True
    """Whether a post is kept."""
    quintuple: Callable[[Quintuple], bool] = lambda _: True
    """Whether a quintuple, gold or predicted, is kept."""

    def of(self, records: Iterable[Record], ids: set[str]) -> list[Record]:
        """Return the records with these ids, and their quintuples of the slice."""
        return [
            replace(each, quintuples=tuple(filter(self.quintuple, each.quintuples)))
            for each in records
            if each.id in ids
        ]


def slices_of(train: Sequence[Post], dev: Sequence[Post]) -> list[Slice]:
    """Return the slices where a picture should help, if anywhere."""
    lengths = sorted(len(post_words(post)) for post in dev)
    short = lengths[len(lengths) // 3]
    seen = {entity.text.casefold() for post in train for entity in post.all_entities()}

    sources = VisualConfig().sources(Parser.load(), objects=DEFAULT_OBJECTS)
    objects = {
        post.id: len(scene.objects) for post, scene in zip(dev, sources.scenes(dev), strict=True)
    }

    def with_objects(least: int, most: int) -> Callable[[Post], bool]:
        return lambda post: least <= objects[post.id] <= most

    def is_new(each: Quintuple) -> bool:
        return any(end.text.casefold() not in seen for end in (each.head, each.tail))

    def with_type(kind: str) -> Callable[[Quintuple], bool]:
        return lambda each: kind in (each.head.type, each.tail.type)

    def with_relation(name: str) -> Callable[[Quintuple], bool]:
        return lambda each: each.relation == name

    return [
        Slice("all"),
        Slice(f"posts of up to {short} words", post=lambda post: len(post_words(post)) <= short),
        Slice("an entity unseen in training", quintuple=is_new),
        Slice("persons", quintuple=with_type("per")),
        Slice("misc", quintuple=with_type("misc")),
        *(Slice(name, quintuple=with_relation(name)) for name in ("held_on", "present_in", "peer")),
        *(Slice(f"{few} to {many} objects", with_objects(few, many)) for few, many in CROWDS),
    ]


def scores_of(part: Slice, dev: Sequence[Post], found: Sequence[Extraction]) -> Scores:
    """Score predictions on a slice, undirected."""
    ids = {str(post.id) for post in dev if part.post(post)}
    return score(part.of(dev, ids), part.of(found, ids), "undirected")


def read_rows(folders: Sequence[Path]) -> dict[str, dict[int, list[Extraction]]]:
    """Read the predictions of each row and seed."""
    rows: dict[str, dict[int, list[Extraction]]] = {}
    for folder in folders:
        for path in sorted(folder.glob(f"*/seed-*/{PREDICTIONS}")):
            seed, name = int(path.parent.name.removeprefix("seed-")), path.parent.parent.name
            if folder != folders[0]:
                name = f"{folder.name}/{name}"
            rows.setdefault(name, {})[seed] = list(read_predictions(path))
    return rows


def report(
    train: Sequence[Post],
    dev: Sequence[Post],
    found: dict[str, dict[int, list[Extraction]]],
    against: Sequence[str] = AGAINST,
) -> list[dict[str, Any]]:
    """Return the figures of every slice and row."""
    figures: list[dict[str, Any]] = []
    for part in slices_of(train, dev):
        if not any(map(part.post, dev)):
            continue
        scored = {
            name: {seed: scores_of(part, dev, predictions) for seed, predictions in runs.items()}
            for name, runs in found.items()
        }
        for name, runs in scored.items():
            f1 = [100 * each.jmere.f1 for each in runs.values()]
            entry = {
                "slice": part.name,
                "arm": name,
                "seeds": sorted(runs),
                "gold": next(iter(runs.values())).jmere.gold,
                "f1": statistics.fmean(f1),
                "deviation": statistics.stdev(f1) if len(f1) > 1 else None,
                "mner_f1": statistics.fmean(100 * each.mner.f1 for each in runs.values()),
            }
            for other in against:
                less = pooled_difference(runs, scored[other]) if other in scored else None
                if less is not None and other != name:
                    entry[f"less {other}"] = {
                        "f1": 100 * less.f1,
                        "low": 100 * less.low,
                        "high": 100 * less.high,
                        "p": less.p_value,
                    }
            figures.append(entry)
    return figures


def main() -> None:
    """Read the runs and print one JSON object per slice and row."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("runs", type=Path, nargs="+", help="folders of jmere bench")
    parser.add_argument("--train", type=Path, required=True, help="training posts")
    parser.add_argument("--dev", type=Path, required=True, help="dev posts")
    parser.add_argument("--against", nargs="+", default=AGAINST, help="rows to compare with")
    options = parser.parse_args()
    train, dev = list(read_posts(options.train)), list(read_posts(options.dev))
    for row in report(train, dev, read_rows(options.runs), options.against):
        print(json.dumps(row))


if __name__ == "__main__":
    main()
