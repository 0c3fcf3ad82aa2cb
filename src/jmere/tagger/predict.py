"""What a tagger finds in prepared posts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice, repeat
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jmere.data.mend import image_name, mended_text
from jmere.data.origin import origin_of
from jmere.grid.decode import Decoded
from jmere.inputs.prepare import Prepared, PreparedPost, windows_of
from jmere.records import Alignment, Entity, Extraction, FloatArray, Post, Quintuple
from jmere.tagger.asserted import asserted_only
from jmere.tagger.batches import by_length
from jmere.tagger.grounding import Shown, entities_of, ground
from jmere.tagger.overlapping import Windowing
from jmere.tagger.scorer import GridScores, PendingScores
from jmere.tagger.tagger import Tagger
from jmere.tagger.touching import join_touching
from jmere.tagger.trimmed import without_signs
from jmere.tagger.visible.described_window import DescribedWindow
from jmere.tagger.visible.description import description_of
from jmere.text.words import Words

NOT_FINITE = "the model's scores are not finite; what they would tell is left out"
"""The warning of a post whose computation ends in NaN or infinity."""


class Found(NamedTuple):
    """What was found in a prepared post, which may be one window of a long text."""

    ready: PreparedPost
    decoded: Decoded
    alignment: Alignment
    finite: bool = True
    """Whether the model gave numbers; where it did not, nothing is decoded or aligned."""


def predict(
    tagger: Tagger,
    posts: Sequence[PreparedPost],
    *,
    batch_size: int,
    gold: bool = False,
    alignment: bool = True,
) -> list[Found]:
    """What is found in each post, in their order; batches are of posts of one length.

    Args:
        tagger: The model.
        posts: The posts.
        batch_size: Maximum number of posts in a batch.
        gold: Whether batches contain the annotation, for a model that looks at a part of it.
        alignment: Whether words are matched with objects; otherwise all shares are 0.
    """
    finish = _begin(tagger, posts, batch_size=batch_size, gold=gold, alignment=alignment)
    return finish()


def _begin(
    tagger: Tagger, posts: Sequence[PreparedPost], *, batch_size: int, gold: bool, alignment: bool
) -> Callable[[], list[Found]]:
    """Begin to score the posts; return what waits for the scores and decodes them."""
    scored_posts = _begin_scoring(
        tagger, posts, batch_size=batch_size, gold=gold, alignment=alignment
    )

    def finish() -> list[Found]:
        found: dict[int, Found] = {}
        for indices, scored in scored_posts():
            rows = _decoded(tagger, [posts[index] for index in indices], scored)
            found.update(zip(indices, rows, strict=True))
        return [found[index] for index in range(len(posts))]

    return finish


def score_posts(
    tagger: Tagger, posts: Sequence[PreparedPost], *, batch_size: int
) -> Iterator[tuple[list[int], GridScores]]:
    """Score posts, a crowded one in overlapping windows; yield some indices with their scores."""
    return _begin_scoring(tagger, posts, batch_size=batch_size, gold=False, alignment=False)()


def _begin_scoring(
    tagger: Tagger, posts: Sequence[PreparedPost], *, batch_size: int, gold: bool, alignment: bool
) -> Callable[[], Iterator[tuple[list[int], GridScores]]]:
    """Begin to score the posts; return what yields some indices with their scores."""
    windowing = Windowing(posts, tagger.decoder.options)
    parts = windowing.parts

    def started() -> Iterator[tuple[list[int], PendingScores]]:
        for numbers in by_length([part.length for part in parts], batch_size):
            batch = tagger.batch([parts[number] for number in numbers], gold=gold)
            yield numbers, tagger.scorer.start(batch, alignment=alignment)

    batches = list(started()) if tagger.scorer.pool else started()

    def completed() -> Iterator[tuple[list[int], GridScores]]:
        for numbers, pending in batches:
            yield from windowing.completed(numbers, pending.result())

    return completed


def _decoded(tagger: Tagger, posts: Sequence[PreparedPost], scored: GridScores) -> Iterator[Found]:
    """Decode the posts of a batch."""
    scores = scored.grids
    finite = _finite(scores, scored.lengths)
    if not finite.all():
        scores = np.where(finite[:, None, None, None], scores, np.float32(0))
    for row, decoded in enumerate(tagger.decoder(scores, scored.lengths)):
        if tagger.decoder.options.join_touching:
            decoded = join_touching(decoded, posts[row].words)
        named = without_signs(decoded, posts[row].words)
        if tagger.decoder.options.asserted_only:
            named = asserted_only(named, posts[row].words)
        found = _found(posts[row], named, _alignment(posts[row], scored, row))
        yield found if finite[row] else found._replace(decoded=Decoded(), finite=False)


def extract_prepared(
    tagger: Tagger, prepared: Sequence[Prepared], *, batch_size: int, gold: bool = False
) -> Iterator[Extraction]:
    """Yield the extraction of each post; ``gold`` is that of ``predict``."""
    return begin_extraction(tagger, prepared, batch_size=batch_size, gold=gold)()


def begin_extraction(
    tagger: Tagger,
    prepared: Sequence[Prepared],
    *,
    batch_size: int,
    gold: bool = False,
    alignment: bool = True,
) -> Callable[[], Iterator[Extraction]]:
    """Begin to extract; the engine computes on threads of its own, if it has some.

    Args:
        tagger: The model.
        prepared: The posts.
        batch_size: Maximum number of posts in a batch.
        gold: That of ``predict``.
        alignment: That of ``predict``. Without it, nothing is said to be visible either.

    Returns:
        What waits for the scores and decodes them. Its results, the extraction of each post in
        their order, wait in their turn for what is visible.
    """
    windows = windows_of(prepared)
    finish = _begin(tagger, windows, batch_size=batch_size, gold=gold, alignment=alignment)

    def decoded() -> Iterator[Extraction]:
        found = finish()
        judged = _begin_to_judge(tagger, prepared, found) if alignment else None
        return _extractions(tagger, prepared, found, judged)

    return decoded


def _extractions(
    tagger: Tagger,
    prepared: Sequence[Prepared],
    found: Sequence[Found],
    judged: Callable[[], list[Shown]] | None,
) -> Iterator[Extraction]:
    """Yield the extraction of each post from those of its windows."""
    own = iter(found)
    shown = iter(judged() if judged else [None] * len(found))
    for each in prepared:
        count = len(each.windows)
        yield extraction(
            each.post,
            list(islice(own, count)),
            warnings=each.warnings,
            model=tagger.name,
            visible=list(islice(shown, count)),
        )


def extraction(
    post: Post,
    windows: Sequence[Found],
    *,
    warnings: Sequence[str] = (),
    model: str | None = None,
    visible: Sequence[Shown] = (),
) -> Extraction:
    """The extraction of a post from those of its windows, of which there is mostly one.

    Args:
        post: The post.
        windows: What was found in each window.
        warnings: Problems of the post.
        model: Name of the model.
        visible: The probability that each window's mentions are to be seen, where it is known.
    """
    shown = visible or [None] * len(windows)
    alignments = [window.alignment for window in windows]
    if len(windows) > 1:
        long = f"long text: read in {len(windows)} parts; no relation crosses their borders"
        warnings = [*warnings, long]
    if not all(window.finite for window in windows):
        warnings = [*warnings, NOT_FINITE]
    return Extraction(
        id=post.id,
        text=post.text,
        quintuples=tuple(q for w in windows for q in quintuples(w.ready.words, w.decoded)),
        entities=tuple(
            entity
            for window, known in zip(windows, shown, strict=True)
            for entity in entities(window.ready.words, window.decoded, known)
        ),
        scene_graph=windows[0].ready.scene,
        alignment=Alignment(
            words=tuple(word for alignment in alignments for word in alignment.words),
            objects=alignments[0].objects,
            plan=_shares([a.plan for a in alignments]),
            attention=np.concatenate([a.attention for a in alignments]),
        ),
        groundings=tuple(
            grounding
            for window, known in zip(windows, shown, strict=True)
            for grounding in ground(
                window.ready.words, window.decoded.mentions, window.alignment, known
            )
        ),
        image=image_name(post.image),
        warnings=tuple(mended_text(each, "warning", []) for each in warnings),
        model=model,
        **origin_of(post),
    )


def quintuples(words: Words, decoded: Decoded) -> tuple[Quintuple, ...]:
    """The links of a decoded grid, in characters."""
    return tuple(words.quintuple(link) for link in decoded.links)


def entities(words: Words, decoded: Decoded, visible: Shown = None) -> tuple[Entity, ...]:
    """The mentions of a decoded grid, in characters."""
    return entities_of(words, decoded.mentions, visible)


def _begin_to_judge(
    tagger: Tagger, prepared: Sequence[Prepared], found: Sequence[Found]
) -> Callable[[], list[Shown]]:
    """Begin to judge the mentions of each window by what is known of the picture."""
    if tagger.visibility is None:
        return lambda: [None] * len(found)
    known = [
        description
        for each in prepared
        for description in repeat(description_of(each.post, each.scene) or None, len(each.windows))
    ]
    windows = [
        DescribedWindow(each.ready.words, each.ready.pieces, each.decoded.mentions, description)
        for each, description in zip(found, known, strict=True)
    ]
    return tagger.visibility.start(windows)


def _shares(plans: Sequence[FloatArray]) -> FloatArray:
    """The plans of a text's windows as one plan."""
    return np.concatenate(plans) / np.float32(len(plans))


def _found(post: PreparedPost, decoded: Decoded, alignment: Alignment) -> Found:
    if np.isfinite(alignment.plan).all() and np.isfinite(alignment.attention).all():
        return Found(post, decoded, alignment)
    return Found(post, decoded, _alignment(post, None, 0), finite=False)


def _finite(scores: NDArray[np.float32], lengths: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether all scores of each post are finite; padding does not count."""
    if np.isfinite(scores.sum()):
        return np.ones(len(scores), np.bool_)
    own = zip(scores, lengths.tolist(), strict=True)
    return np.array([np.isfinite(grid[:size, :size]).all() for grid, size in own])


def _alignment(post: PreparedPost, scored: GridScores | None, row: int) -> Alignment:
    """One post's own words and objects of a batch's alignment."""
    words = post.words.words
    objects = tuple(thing.label for thing in post.scene.objects)
    if scored is None or scored.plan is None or scored.attention is None:
        nothing = np.zeros((len(words), len(objects)), np.float32)
        return Alignment(words, objects, nothing, nothing)
    plan, attention = (
        part[row, : len(words), : len(objects)] for part in (scored.plan, scored.attention)
    )
    return Alignment(words, objects, plan, attention)
