"""F1 of the arms of configs/compare/picture.yaml on all posts and on slices, over their seeds.

A slice keeps some posts, or some quintuples of gold and predictions. A difference is that of the
counts added up over the seeds that two arms share, with a paired bootstrap over the posts.

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
from jmere.text.words import post_words

AGAINST = ("none", "other")
"""Arms that the others are compared with."""

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
    ]


def scores_of(part: Slice, dev: Sequence[Post], found: Sequence[Extraction]) -> Scores:
    """Score predictions on a slice, undirected."""
    ids = {str(post.id) for post in dev if part.post(post)}
    return score(part.of(dev, ids), part.of(found, ids), "undirected")


def read_arms(folder: Path) -> dict[str, dict[int, list[Extraction]]]:
    """Read the predictions of each arm and seed."""
    arms: dict[str, dict[int, list[Extraction]]] = {}
    for path in sorted(folder.glob(f"*/seed-*/{PREDICTIONS}")):
        seed = int(path.parent.name.removeprefix("seed-"))
        arms.setdefault(path.parent.parent.name, {})[seed] = list(read_predictions(path))
    return arms


def report(
    train: Sequence[Post], dev: Sequence[Post], arms: dict[str, dict[int, list[Extraction]]]
) -> list[dict[str, Any]]:
    """Return the figures of every slice and arm."""
    rows: list[dict[str, Any]] = []
    for part in slices_of(train, dev):
        scored = {
            arm: {seed: scores_of(part, dev, found) for seed, found in runs.items()}
            for arm, runs in arms.items()
        }
        for arm, runs in scored.items():
            figures = [100 * each.jmere.f1 for each in runs.values()]
            row = {
                "slice": part.name,
                "arm": arm,
                "seeds": sorted(runs),
                "gold": next(iter(runs.values())).jmere.gold,
                "f1": statistics.fmean(figures),
                "deviation": statistics.stdev(figures) if len(figures) > 1 else None,
                "mner_f1": statistics.fmean(100 * each.mner.f1 for each in runs.values()),
            }
            for other in AGAINST:
                found = pooled_difference(runs, scored[other]) if other in scored else None
                if found is not None and other != arm:
                    row[f"less {other}"] = {
                        "f1": 100 * found.f1,
                        "low": 100 * found.low,
                        "high": 100 * found.high,
                        "p": found.p_value,
                    }
            rows.append(row)
    return rows


def main() -> None:
    """Read the runs and print one JSON object per slice and arm."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("runs", type=Path, help="folder of jmere bench compare")
    parser.add_argument("--train", type=Path, required=True, help="training posts")
    parser.add_argument("--dev", type=Path, required=True, help="dev posts")
    options = parser.parse_args()
    train, dev = list(read_posts(options.train)), list(read_posts(options.dev))
    for row in report(train, dev, read_arms(options.runs)):
        print(json.dumps(row))


if __name__ == "__main__":
    main()
