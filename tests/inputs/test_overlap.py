"""Short overlapping windows of crowded posts."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import sample_posts
from jmere.inputs.overlap import cut_post, overlapping_spans, sentence_spans, windows_of_words
from jmere.inputs.prepare import windows_of
from jmere.tagger.tagger import Tagger
from jmere.text.words import join, split


@given(
    st.lists(st.sampled_from(["Ann", "won", ".", "!", "|", "..."]), min_size=1, max_size=60),
    st.integers(1, 20),
    st.data(),
)
def test_windows_cover_the_text_in_order(words, size, data):
    step = data.draw(st.integers(1, size))
    spans = overlapping_spans(join(words), size=size, step=step)
    covered = {place for start, end in spans for place in range(start, end)}
    assert covered == set(range(len(words)))
    assert all(0 < end - start <= size for start, end in spans)
    assert all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(spans))


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Ann won. Bob lost!", ["Ann won .", "Bob lost !"]),
        ("Wow!!! Ann won...", ["Wow ! ! !", "Ann won ..."]),
        ("Dr. Ann won | Bob lost", ["Dr. Ann won |", "Bob lost"]),
        ("Ann won\nBob lost", ["Ann won", "Bob lost"]),
        ("Ann\nin Bonn", ["Ann in Bonn"]),
        ("Ann won", ["Ann won"]),
    ],
)
def test_sentences_end_where_a_reader_says(text, sentences):
    words = split(text)
    found = [" ".join(words.words[start:end]) for start, end in sentence_spans(words)]
    assert found == sentences


def test_a_text_of_few_words_is_read_whole():
    words = split("Ann won. Bob lost.")
    assert windows_of_words(words, size=3, step=1, beyond=6) == [(0, 6)]
    assert windows_of_words(words, size=0, step=1, beyond=0) == [(0, 6)]
    assert windows_of_words(words, size=3, step=1, beyond=5) == [(0, 3), (3, 6)]


def test_a_dense_text_is_read_sentence_by_sentence():
    dense = split("Ann Lee met Bob Ray. Carl Fox won. Dora Hill left Bonn.")
    options = {"size": 20, "step": 6, "beyond": 24}
    assert windows_of_words(dense, **options) == [(0, len(dense))]
    assert windows_of_words(dense, dense=8, **options) == [(0, 6), (6, 10), (10, 15)]
    assert windows_of_words(dense, dense=5, **options) == [(0, len(dense))]
    plain = split("Ann Lee met Bob Ray. It was late. Nobody saw them.")
    assert windows_of_words(plain, dense=8, **options) == [(0, len(plain))]


def test_web_addresses_at_the_end_are_in_no_window():
    words = split("Ann won https://t.co/x https://t.co/y")
    assert windows_of_words(words, size=0, step=1, beyond=0, skip_addresses=True) == [(0, 2)]
    alone = split("https://t.co/x")
    assert windows_of_words(alone, size=0, step=1, beyond=0, skip_addresses=True) == [(0, 1)]


def test_a_window_is_as_if_its_words_stood_alone(tiny_model):
    prepare = Tagger.from_pretrained(tiny_model).prepare
    (post,) = windows_of(prepare([sample_posts()[0]]))
    start, end = 1, len(post.words) - 1
    cut = cut_post(post, start, end)
    (alone,) = prepare.pieces.split([post.words.words[start:end]])
    assert cut.pieces == alone
    assert cut.words.words == post.words.words[start:end] == cut.graph.words
    assert cut.words.spans[0] == post.words.spans[start]
    heads = cut.graph.heads
    assert all(0 <= head < end - start for head in heads)
    assert all(
        cut.graph.labels[place] == "root" for place, head in enumerate(heads) if head == place
    )
    assert (cut.links, cut.mentions) == ((), ())
