"""Posts of a run, validated before the first epoch as by ``jmere data validate``."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

from jmere.data.validate import Checks, Finding, ProblemKind, check_posts, refuse_fatal
from jmere.records import Post
from jmere.tags import TagSet
from jmere.training.run_config import RunConfig

log = logging.getLogger(__name__)

REPORTED_LATER = (ProblemKind.BOUNDARY, ProblemKind.GRID, ProblemKind.LENGTH)
"""Problems that are reported when the posts are prepared."""


def read_splits(config: RunConfig, tags: TagSet) -> tuple[list[Post], list[Post]]:
    """Read the training posts and the dev posts.

    Problems that do not stop the run are counted in the log.

    Raises:
        DataError: At the first record that cannot be read, label that is not in the tag set
            or duplicate id.
        ValueError: If a split has no post, or no annotation.
    """
    data = config.data
    checks = Checks(tags=tags, images=config.visual.images)
    train = list(_read("data.train", data.train, checks))
    dev = list(_read("data.dev", [data.dev], checks))
    if not config.teachers:
        _check_annotated("data.train", train, "to learn from")
    _check_annotated("data.dev", dev, "to select the best epoch by")
    return train, dev


def _read(name: str, paths: Sequence[str], checks: Checks) -> Iterator[Post]:
    findings: list[Finding] = []

    def take(finding: Finding) -> None:
        refuse_fatal(finding)
        findings.append(finding)

    count = 0
    for count, post in enumerate(check_posts(*paths, checks=checks, on_finding=take), start=1):  # noqa: B007
        yield post
    if not count:
        raise ValueError(f"{name}: contains no post")
    reported = [finding for finding in findings if finding.kind not in REPORTED_LATER]
    if reported:
        log.warning(
            "%s: %d problems (see jmere data validate); the first: %s",
            name,
            len(reported),
            reported[0],
        )


def _check_annotated(name: str, posts: Sequence[Post], purpose: str) -> None:
    if not any(post.quintuples or post.entities for post in posts):
        raise ValueError(f"{name}: no post has a quintuple or an entity {purpose}")
