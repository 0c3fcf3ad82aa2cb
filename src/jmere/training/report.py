"""Warnings of a run before the first epoch: unread pictures, long posts, lost quintuples."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence

from jmere.grid.encode import encode
from jmere.inputs.prepare import Prepared, gold_of, windows_of
from jmere.records import Link, Post
from jmere.scenes.sources.search import SceneResult, SceneSources
from jmere.tagger.tagger import Tagger
from jmere.text.words import post_words

log = logging.getLogger(__name__)

_KEYS = "visual.scenes, visual.images, or the posts' alt_text or scene_graph"
"""Settings that provide visual graphs."""


def tell_what_is_unseen(sights: Sequence[SceneResult]) -> None:
    """Warn about pictures that could not be read; their posts are used as text."""
    warnings = [warning for sight in sights for warning in sight.warnings]
    if warnings:
        log.warning(
            "%d training pictures could not be used; the first: %s", len(warnings), warnings[0]
        )


def tell_pictures_without_graph(sources: SceneSources, posts: Sequence[Post]) -> None:
    """Warn if posts name pictures but no post has a visual graph."""
    pictures = sources.pictures_without_graph(posts)
    if pictures:
        log.warning(
            "%d training posts name a picture, but no post has a visual graph, so the model "
            "learns from text alone; graphs come from %s",
            pictures,
            _KEYS,
        )


def tell_what_is_long(prepared: Sequence[Prepared], name: str, max_length: int) -> None:
    """Warn about posts that are split into windows."""
    windows = [len(each.windows) for each in prepared if len(each.windows) > 1]
    if windows:
        log.warning(
            "%d %s posts exceed the encoder's maximum of %d word pieces: "
            "split into %d windows; relations across windows are not found",
            len(windows),
            name,
            max_length,
            sum(windows),
        )


def tell_what_is_lost(tagger: Tagger, prepared: Sequence[Prepared]) -> None:
    """Warn about quintuples that words, windows or the grid cannot represent."""
    cut = crossing = 0
    for post, windows in ((each.post, each.windows) for each in prepared):
        held = sum(len(window.links) for window in windows)
        whole = held if len(windows) == 1 else len(gold_of(post, post_words(post))[1])
        cut += len(post.quintuples) - whole
        crossing += whole - held
    if cut:
        log.warning(
            "%d training quintuples have an entity boundary inside a word; see jmere data validate",
            cut,
        )
    if crossing:
        log.warning("%d training quintuples cross a window boundary", crossing)
    for reason, count in _not_in_grid(tagger, prepared).most_common():
        log.warning("%d training quintuples do not fit the grid: %s", count, reason)


def _not_in_grid(tagger: Tagger, prepared: Sequence[Prepared]) -> Counter[str]:
    return Counter(
        item.reason.value
        for post in windows_of(prepared)
        for item in encode(
            post.links,
            post.mentions,
            len(post.words),
            tagger.tags,
            symmetric=tagger.batch.symmetric,
        ).lost
        if isinstance(item.item, Link)
    )
