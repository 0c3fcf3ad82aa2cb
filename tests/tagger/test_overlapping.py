"""Scores that are fused from overlapping windows."""

from dataclasses import replace

import numpy as np
import pytest

from builders import sample_posts
from jmere import Extractor
from jmere.grid.decode import DecodeOptions
from jmere.inputs.overlap import cut_post
from jmere.inputs.prepare import windows_of
from jmere.records import Post
from jmere.tagger.overlapping import APART
from jmere.tagger.predict import score_posts
from jmere.tagger.tagger import Tagger
from jmere.tags import NONE


def windowed(tiny_model, **options):
    tagger = Tagger.from_pretrained(tiny_model)
    chosen = replace(tagger.decoder.options, **options)
    tagger.decoder = replace(tagger.decoder, options=chosen)
    return tagger


def grids(tagger, posts):
    found = {}
    for indices, scored in score_posts(tagger, posts, batch_size=3):
        for row, index in enumerate(indices):
            size = int(scored.lengths[row])
            sides = (scored.plan, scored.attention)
            rows = (None if side is None else side[row, :size] for side in sides)
            found[index] = (scored.grids[row, :size, :size], *rows)
    return [found[index] for index in range(len(posts))]


def shares(scores):
    grown = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return grown / grown.sum(axis=-1, keepdims=True)


def test_a_pair_has_the_mean_over_the_windows_that_hold_it(tiny_model):
    tagger = windowed(tiny_model, window=6, window_step=4, window_beyond=0)
    words = ["Ann", "met", "Bob", "in", "Bonn", "and", "Carl", "saw", "Dora", "in", "Oslo"]
    posts = windows_of(tagger.prepare([Post(tokens=words), Post(tokens=["Ann", "won"])]))
    (fused, plan, attention), (short, _, _) = grids(tagger, posts)
    assert fused.shape[:2] == (11, 11)
    assert short.shape[:2] == (2, 2)
    spans = [(0, 6), (4, 10), (5, 11)]
    parts = [cut_post(posts[0], *span) for span in spans]
    whole = windowed(tiny_model)
    one, two, three = (shares(found[0]) for found in grids(whole, parts))
    np.testing.assert_allclose(shares(fused)[0, 1], one[0, 1], atol=1e-5)
    np.testing.assert_allclose(
        shares(fused)[5, 5], (one[5, 5] + two[1, 1] + three[0, 0]) / 3, atol=1e-5
    )
    assert fused[0, 9].tolist() == [0 if tag == NONE else APART for tag in range(len(tagger.tags))]
    assert plan is None or plan.sum() == pytest.approx(1, abs=1e-4) or not plan.size
    assert attention is None or len(attention) == 11


def test_a_crowded_post_with_a_picture_keeps_its_alignment(tiny_model):
    tagger = windowed(tiny_model, window=4, window_step=2, window_beyond=0)
    post = next(post for post in sample_posts() if post.alt_text or post.scene_graph)
    found = Extractor(tagger).extract(post)
    assert len(found.alignment.words) == found.alignment.plan.shape[0]
    assert found.alignment.objects
    assert found.alignment.plan.sum() == pytest.approx(1, abs=1e-4)
    np.testing.assert_allclose(found.alignment.attention.sum(axis=1), 1, atol=1e-4)


def test_a_web_address_at_the_end_changes_nothing(tiny_model):
    tagger = windowed(tiny_model, skip_addresses=True)
    texts = ["Stephen Curry leads the Warriors", "https://t.co/x"]
    plain, changed = (
        windows_of(tagger.prepare([Post(text=text + end) for text in texts]))
        for end in ("", " https://t.co/3f http://b.com/c")
    )
    (bare, _, _), (address, _, _) = grids(tagger, plain)
    (longer, _, attention), (addresses, _, _) = grids(tagger, changed)
    np.testing.assert_allclose(shares(longer)[:5, :5], shares(bare), atol=1e-5)
    assert (longer[5:].argmax(axis=-1) == NONE).all()
    assert attention is None or len(attention) == 7
    assert (address.shape[0], addresses.shape[0]) == (1, 3)


def test_relations_between_sentences_are_weakened(tiny_model):
    words = ["Ann", "won", ".", "Bob", "lost", "."]
    options = {"window": 6, "window_step": 3, "window_beyond": 5}
    # Two windows of two sentences each hold the middle one.
    words = [*words, *words]
    plain, weak = (
        grids(tagger, windows_of(tagger.prepare([Post(tokens=words)])))[0][0]
        for tagger in (windowed(tiny_model, **options), windowed(tiny_model, across=0.5, **options))
    )
    before, after = shares(plain), shares(weak)
    np.testing.assert_allclose(after[0, 1], before[0, 1], atol=1e-5)
    np.testing.assert_allclose(after[0, 3, 1:], before[0, 3, 1:] / 2, atol=1e-5)


def test_the_batch_does_not_matter(tiny_model):
    tagger = windowed(tiny_model, window=5, window_step=3, window_beyond=6)
    extractor = Extractor(tagger)
    posts = sample_posts()
    for together, post in zip(extractor(posts), posts, strict=True):
        alone = extractor.extract(post)
        assert (together.quintuples, together.entities) == (alone.quintuples, alone.entities)


def test_short_posts_are_read_as_without_windows(tiny_model):
    posts = sample_posts()
    plain = Extractor.from_pretrained(tiny_model)(posts)
    assert Extractor(windowed(tiny_model, window=8, window_beyond=500))(posts) == plain


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"window": -1}, r"decoding\.window must not be negative, got -1"),
        (
            {"window": 4, "window_step": 5},
            r"decoding\.window_step must be from 1 to decoding\.window",
        ),
        ({"window_step": 0}, r"decoding\.window_step must be from 1"),
        ({"across": 1.5}, r"decoding\.across must be in \[0, 1\], got 1\.5"),
        ({"window_beyond": -2}, r"decoding\.window_beyond must not be negative"),
    ],
)
def test_wrong_windows_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        DecodeOptions(**options)
