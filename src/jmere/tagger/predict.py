"""What a tagger finds in prepared posts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice, repeat
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jmere.data.mend import image_name, mended_text
from jmere.data.origin import origin_of
from jmere.grid.decode import Decoded
from jmere.grid.word_labels import ScoredMention, decode_labels
from jmere.inputs.prepare import Prepared, PreparedPost, windows_of
from jmere.records import Alignment, Entity, Extraction, FloatArray, Post, Quintuple
from jmere.tagger.asserted import asserted_only
from jmere.tagger.batches import by_length
from jmere.tagger.grounding import DIGITS, Shown, entities_of, ground
from jmere.tagger.names.added_names import with_names
from jmere.tagger.names.whole_hashtags import whole_hashtags
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


class PredictOptions(NamedTuple):
    """How prepared posts are read; the arguments of ``predict``."""

    batch_size: int
    gold: bool = False
    alignment: bool = True
    names: bool = False


class Found(NamedTuple):
    """What was found in a prepared post, which may be one window of a long text."""

    ready: PreparedPost
    decoded: Decoded
    alignment: Alignment
    finite: bool = True
    """Whether the model gave numbers; where it did not, nothing is decoded or aligned."""
    names: tuple[ScoredMention, ...] = ()
    """All names, in a relation or not, where they were asked for."""


def predict(
    tagger: Tagger,
    posts: Sequence[PreparedPost],
    *,
    batch_size: int,
    gold: bool = False,
    alignment: bool = True,
    names: bool = False,
) -> list[Found]:
    """What is found in each post, in their order; batches are of posts of one length.

    Args:
        tagger: The model.
        posts: The posts.
        batch_size: Maximum number of posts in a batch.
        gold: Whether batches contain the annotation, for a model that looks at a part of it.
        alignment: Whether words are matched with objects; otherwise all shares are 0.
        names: Whether all names are found, by a model that has a head for them.
    """
    options = PredictOptions(batch_size=batch_size, gold=gold, alignment=alignment, names=names)
    return _begin(tagger, posts, options)()


def _begin(
    tagger: Tagger, posts: Sequence[PreparedPost], options: PredictOptions
) -> Callable[[], list[Found]]:
    """Begin to score the posts; return what waits for the scores and decodes them."""
    decoding = tagger.decoder.options
    adds = (decoding.names_with_facts, decoding.names_without_facts) != (None, None)
    if adds and tagger.names is not None:
        options = options._replace(names=True)
    scored_posts = _begin_scoring(tagger, posts, options)

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
    return _begin_scoring(tagger, posts, PredictOptions(batch_size, alignment=False))()


def _begin_scoring(
    tagger: Tagger, posts: Sequence[PreparedPost], options: PredictOptions
) -> Callable[[], Iterator[tuple[list[int], GridScores]]]:
    """Begin to score the posts; return what yields some indices with their scores."""
    windowing = Windowing(posts, tagger.decoder.options)
    parts = windowing.parts

    def started() -> Iterator[tuple[list[int], PendingScores]]:
        for numbers in by_length([part.length for part in parts], options.batch_size):
            batch = tagger.batch([parts[number] for number in numbers], gold=options.gold)
            pending = tagger.scorer.start(batch, alignment=options.alignment, names=options.names)
            yield numbers, pending

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
    options, names = tagger.decoder.options, _names(tagger, posts, scored, finite)
    for row, decoded in enumerate(tagger.decoder(scores, scored.lengths)):
        if options.join_touching:
            decoded = join_touching(decoded, posts[row].words)
        named = without_signs(decoded, posts[row].words)
        if options.asserted_only:
            named = asserted_only(named, posts[row].words)
        named = with_names(named, names[row], options)
        found = _found(posts[row], named, _alignment(posts[row], scored, row))
        if finite[row]:
            yield found._replace(names=names[row])
        else:
            yield found._replace(decoded=Decoded(), finite=False)


def _names(
    tagger: Tagger, posts: Sequence[PreparedPost], scored: GridScores, finite: NDArray[np.bool_]
) -> list[tuple[ScoredMention, ...]]:
    """All names of each post of a batch; none where they were not asked for."""
    if scored.names is None or tagger.names is None:
        return [()] * len(posts)
    scores = np.where(finite[:, None, None], scored.names, np.float32(0))
    decoded = decode_labels(scores, scored.lengths, tagger.names.types)
    return [whole_hashtags(own, post.words) for own, post in zip(decoded, posts, strict=True)]


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
    names: float | None = None,
) -> Callable[[], Iterator[Extraction]]:
    """Begin to extract; the engine computes on threads of its own, if it has some.

    Args:
        tagger: The model.
        prepared: The posts.
        batch_size: Maximum number of posts in a batch.
        gold: That of ``predict``.
        alignment: That of ``predict``. Without it, nothing is said to be visible either.
        names: The least score of names that results have beside their entities; ``None`` gives
            none.

    Returns:
        What waits for the scores and decodes them. Its results, the extraction of each post in
        their order, wait in their turn for what is visible.
    """
    windows = windows_of(prepared)
    finish = _begin(tagger, windows, PredictOptions(batch_size, gold, alignment, names is not None))

    def decoded() -> Iterator[Extraction]:
        found = finish()
        judged = _begin_to_judge(tagger, prepared, found) if alignment else None
        return _extractions(tagger, prepared, found, judged, names=names)

    return decoded


def _extractions(
    tagger: Tagger,
    prepared: Sequence[Prepared],
    found: Sequence[Found],
    judged: Callable[[], list[Shown]] | None,
    *,
    names: float | None,
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
            names=names,
        )


def extraction(
    post: Post,
    windows: Sequence[Found],
    *,
    warnings: Sequence[str] = (),
    model: str | None = None,
    visible: Sequence[Shown] = (),
    names: float | None = None,
) -> Extraction:
    """The extraction of a post from those of its windows, of which there is mostly one.

    Args:
        post: The post.
        windows: What was found in each window.
        warnings: Problems of the post.
        model: Name of the model.
        visible: The probability that each window's mentions are to be seen, where it is known.
        names: The least score of ``names``, of which there are none without it.
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
        names=() if names is None else tuple(_scored_names(windows, names)),
        **origin_of(post),
    )


def _scored_names(windows: Sequence[Found], least: float) -> Iterator[Entity]:
    """The names of a post's windows, in characters, from a score on."""
    for window in windows:
        for name in window.names:
            if name.score >= least:
                entity = window.ready.words.entity(name.mention)
                yield replace(entity, score=round(name.score, DIGITS))


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
