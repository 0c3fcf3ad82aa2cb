"""Posts of a tag set's labels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jmere.files import OnProblem, Problem, nearest, refuse
from jmere.records import Post
from jmere.tags import TagSet


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


def _unknown(post: Post, tags: TagSet) -> str | None:
    for entity in post.all_entities():
        if entity.type not in tags.entity_types:
            return f"unknown entity type {entity.type!r}; {nearest(entity.type, tags.entity_types)}"
    for quintuple in post.quintuples:
        if quintuple.relation not in tags.relations:
            relation = quintuple.relation
            return f"unknown relation {relation!r}; {nearest(relation, tags.relations)}"
    return None
