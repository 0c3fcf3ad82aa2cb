"""Scores of the names that a model finds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jmere.evaluation.scores import Measure
from jmere.inputs.prepare import PreparedPost, windows_of
from jmere.records import Mention, Post
from jmere.tagger.predict import predict
from jmere.tagger.tagger import Tagger


def score_names(tagger: Tagger, posts: Sequence[Post], *, batch_size: int = 64) -> Measure:
    """Compare the names that a model finds with those that are annotated.

    A name is right if its words and its type are.

    Args:
        tagger: A model with a head for names, on any engine.
        posts: Posts all of whose names are annotated.
        batch_size: Maximum number of posts computed together.
    """
    windows = windows_of(tagger.prepare(posts))
    right = predicted = annotated = 0
    for found in predict(tagger, windows, batch_size=batch_size, alignment=False, names=True):
        own = {name.mention for name in found.names}
        gold = set(annotated_names(found.ready))
        right += len(own & gold)
        predicted += len(own)
        annotated += len(gold)
    return Measure(right, predicted, annotated)


def annotated_names(window: PreparedPost) -> Iterator[Mention]:
    """Yield the annotated names of a post, those of its relations too."""
    yield from window.mentions
    for link in window.links:
        yield from (link.head, link.tail)
