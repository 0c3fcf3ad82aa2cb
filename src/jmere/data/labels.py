"""Posts of a tag set's labels, and labels of another set in its words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from jmere.configs import load_yaml
from jmere.files import OnProblem, Problem, nearest, refuse
from jmere.records import Post
from jmere.tags import TagSet
from jmere.values import short_repr


def of_known_labels(
    posts: Iterable[Post], tags: TagSet, *, on_problem: OnProblem = refuse
) -> Iterator[Post]:
    """The posts all of whose entity types and relations are in the tag set.

    Raises:
        DataError: At the first other post, unless ``on_problem`` goes on.
    """
    for post in posts:
        unknown = _unknown(post, tags)
        if unknown is None:
            yield post
        else:
            on_problem(Problem(f"post {post.id}", None, unknown))


def read_names(path: str | Path) -> dict[str, str]:
    """A YAML file of relations and what they are called in another set.

    Raises:
        FileNotFoundError: If there is no such file.
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
"""What ``renamed`` counts."""


def renamed(
    posts: Iterable[Post], names: Mapping[str, str], *, tally: Counter[str] | None = None
) -> Iterator[Post]:
    """Rename relations of posts; of quintuples made alike the first is kept."""
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
