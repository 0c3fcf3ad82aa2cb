"""The posts of a run, checked before the first epoch as ``jmere data validate`` checks them."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

from jmere.data.validate import Checks, Finding, ProblemKind, check_posts, refuse_fatal
from jmere.records import Post
from jmere.tags import TagSet
from jmere.training.run_config import DataConfig, RunConfig

log = logging.getLogger(__name__)

TOLD_LATER = (ProblemKind.BOUNDARY, ProblemKind.GRID, ProblemKind.LENGTH)
"""Problems that are counted when the posts are prepared, by what is lost for the model."""


def read_splits(config: RunConfig, tags: TagSet) -> tuple[list[Post], list[Post]]:
    """Read the posts to learn from and those to select on.

    Problems that the run can go on with are counted in the log.

    Raises:
        DataError: At the first record that cannot be read, label that is not in the tag set
            or id that stands twice.
        ValueError: If a split has no post, or no annotation to learn from or to select on.
    """
    data = config.data
    train = list(_read("data.train", data.train, data, tags))
    dev = list(_read("data.dev", [data.dev], data, tags))
    if not config.teachers:
        _check_annotated("data.train", train, "to learn from")
    _check_annotated("data.dev", dev, "to select the best epoch by")
    return train, dev


def _read(name: str, paths: Sequence[str], data: DataConfig, tags: TagSet) -> Iterator[Post]:
    findings: list[Finding] = []

    def take(finding: Finding) -> None:
        refuse_fatal(finding)
        findings.append(finding)

    count = 0
    checks = Checks(tags=tags, images=data.images)
    for count, post in enumerate(check_posts(*paths, checks=checks, on_finding=take), start=1):  # noqa: B007
        yield post
    if not count:
        raise ValueError(f"{name}: no post to read")
    told = [finding for finding in findings if finding.kind not in TOLD_LATER]
    if told:
        log.warning(
            "%s: %d problems, which jmere data validate lists; the first: %s",
            name,
            len(told),
            told[0],
        )


def _check_annotated(name: str, posts: Sequence[Post], purpose: str) -> None:
    if not any(post.quintuples or post.entities for post in posts):
        raise ValueError(f"{name}: no post has a quintuple or an entity {purpose}")
