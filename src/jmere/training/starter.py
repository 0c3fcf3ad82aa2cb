"""A folder to start from with labels of one's own: a tag set, a run file and two files of posts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import yaml

from jmere.data.jsonl import read_posts, write_posts
from jmere.data.transforms import letters
from jmere.files.whole import write_json, written_whole
from jmere.records import Post
from jmere.tags import TagSet

TAGS, RUN, TRAIN, DEV = "tags.json", "run.yaml", "train.jsonl", "dev.jsonl"

EXAMPLE = TagSet(("person", "organisation", "place"), ("works_for", "lives_in", "located_in"))
"""Labels to replace, where there are no posts to take labels from."""

_DEV_SHARE = 5
"""One post of so many is for dev."""

_EPOCHS = {20: 40, 50: 20, 200: 8}
"""Epochs of a run with so many posts at most, which are 160 to 320 steps (recipes/own-labels)."""

_MANY = 6
"""Epochs of a run with more posts."""

_HEAD = """\
# Trains a model on labels of your own:
#   jmere train {run}
# Paths are relative to the folder where the command runs. {tags} lists the entity types and the
# relations; {train} and {dev} hold annotated posts, one JSON object per line (dev about a fifth):
#   {example}
# The other choices are those of the packaged run file `starter`; state here what is to differ.
"""


class Started(NamedTuple):
    """What ``start_folder`` wrote."""

    files: tuple[Path, ...]
    tags: TagSet
    train: int
    """Posts to learn from; 0 where none were given."""
    dev: int
    """Posts to select the best epoch on."""


def start_folder(folder: str | Path, posts: str | Path | None = None) -> Started:
    """Write a tag set file and a run file, and split annotated posts into train and dev.

    Args:
        folder: Where to write; it is made where it is missing.
        posts: Annotated posts, from which the labels are taken; an example's labels if absent.

    Raises:
        FileExistsError: If one of the files to write is there already.
        ValueError: If a post is not in order, or there are too few with an annotation.
    """
    folder = Path(folder)
    names = (TAGS, RUN) if posts is None else (TAGS, RUN, TRAIN, DEV)
    for path in (folder / name for name in names):
        if path.exists():
            raise FileExistsError(f"{path}: exists already; choose another folder, or remove it")
    given = [] if posts is None else list(read_posts(posts))
    tags = EXAMPLE if posts is None else _labels(given, posts)
    train, dev = split_posts(given)
    if posts is not None and not (train and dev):
        raise ValueError(f"{posts}: expected two posts with different texts at least")
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / TAGS, tags.to_json())
    with written_whole(folder / RUN) as stream:
        stream.write(_run_file(folder, tags, epochs_for(len(given))))
    if posts is not None:
        write_posts(folder / TRAIN, train)
        write_posts(folder / DEV, dev)
    return Started(tuple(folder / name for name in names), tags, len(train), len(dev))


def split_posts(posts: Sequence[Post]) -> tuple[list[Post], list[Post]]:
    """Split posts into train and a fifth for dev, by a hash of their ids, always alike.

    Posts of one text go to one side. At least one post with a quintuple is in dev if there is any.
    """
    texts: dict[str, list[int]] = {}
    for index, post in enumerate(posts):
        texts.setdefault(letters(post.text), []).append(index)
    bare = {text for text, own in texts.items() if not any(posts[i].quintuples for i in own)}
    order = sorted(texts, key=lambda text: _hash(posts[texts[text][0]]))
    order.sort(key=lambda text: text in bare)
    wanted = max(1, len(posts) // _DEV_SHARE) if len(texts) > 1 else 0
    related = len(order) - len(bare)
    share = max(1, round(wanted * related / len(order))) if wanted and related else 0
    chosen = [*order[:share], *order[related : related + max(0, wanted - share)]]
    held = {index for text in chosen[:wanted] for index in texts[text]}
    train = [post for index, post in enumerate(posts) if index not in held]
    return train, [posts[index] for index in sorted(held)]


def epochs_for(posts: int) -> int:
    """Return the epochs to train a model of own labels with so many posts, dev's among them.

    Example:
        >>> [epochs_for(count) for count in (5, 20, 50, 150, 5000)]
        [40, 40, 20, 8, 6]
    """
    return next((epochs for most, epochs in _EPOCHS.items() if posts <= most), _MANY)


def _hash(post: Post) -> str:
    return hashlib.sha256((post.id or post.text).encode()).hexdigest()


def _labels(posts: Sequence[Post], path: str | Path) -> TagSet:
    """The labels of the posts' annotation, in alphabetical order."""
    quintuples = [quintuple for post in posts for quintuple in post.quintuples]
    ends = [entity for each in quintuples for entity in (each.head, each.tail)]
    entities = [*ends, *(entity for post in posts for entity in post.entities)]
    if not entities:
        raise ValueError(f"{path}: no post has an annotation: quintuples or entities")
    types = sorted({entity.type for entity in entities})
    return TagSet(types, sorted({quintuple.relation for quintuple in quintuples}))


def _run_file(folder: Path, tags: TagSet, epochs: int) -> str:
    names = {name: str(folder / name) for name in (TAGS, TRAIN, DEV)}
    values = {
        "extends": "starter",
        "output": str(folder / "run"),
        "data": {"tags": names[TAGS], "train": [names[TRAIN]], "dev": names[DEV]},
        "training": {"epochs": epochs},
    }
    head = _HEAD.format(
        run=folder / RUN, tags=TAGS, train=TRAIN, dev=DEV, example=json.dumps(_example(tags))
    )
    return head + yaml.safe_dump(values, sort_keys=False, allow_unicode=True)


def _example(tags: TagSet) -> dict[str, object]:
    """A line of a file of posts with these labels."""
    first, last = tags.entity_types[0], tags.entity_types[-1]
    head = {"start": 0, "end": 3, "type": first}
    tail = {"start": 10, "end": 14, "type": last}
    if not tags.relations:
        return {"id": "1", "text": "Ada is at Acme", "entities": [head, tail]}
    link = {"head": head, "relation": tags.relations[0], "tail": tail}
    return {"id": "1", "text": "Ada is at Acme", "quintuples": [link]}
