import pytest

from builders import sample_posts
from jmere.inputs.prepare import gold_of
from jmere.records import Entity, Mention, Post, Quintuple
from jmere.tagger.tagger import Tagger
from jmere.text.words import join, post_words


@pytest.fixture(scope="module")
def prepare(tiny_model):
    return Tagger.from_pretrained(tiny_model).prepare


def test_a_post_is_prepared_alone_as_in_company(prepare):
    posts = sample_posts()
    assert [prepare([post])[0] for post in posts] == prepare(posts)


def test_a_text_that_fits_is_one_window(prepare):
    words = post_words(sample_posts()[0])
    assert prepare.windows(words) == [words]


def test_windows_cover_a_long_text_and_end_with_sentences(prepare):
    words = join(("Messi won the Ballon d'Or . " * 30).split())
    windows = prepare.windows(words)
    assert len(windows) > 1
    assert tuple(word for window in windows for word in window.words) == words.words
    assert all(window.words[-1] == "." for window in windows)
    for window, pieces in zip(windows, prepare.pieces.split([w.words for w in windows]),
                              strict=True):  # fmt: skip
        assert len(pieces.ids) <= prepare.longest, window


def test_words_that_are_more_pieces_than_characters_are_counted_right(prepare):
    words = join([""] * 100)
    windows = prepare.windows(words)
    assert sum(map(len, windows)) == 100
    assert len(prepare([Post(tokens=window.words) for window in windows])) == len(windows) > 1


def test_a_long_text_without_sentences_is_cut_where_it_must(prepare):
    words = join(["x"] * 500)
    windows = prepare.windows(words)
    assert sum(map(len, windows)) == 500
    assert {len(window) for window in windows[:-1]} == {prepare.longest - 2}


def test_a_post_too_long_to_learn_from_is_refused_with_its_length(prepare):
    post = Post(tokens=["x"] * 500, id="long")
    with pytest.raises(ValueError, match=r"post 'long' has 502 word pieces, but .* at most 64"):
        prepare([post])


def test_gold_inside_a_word_is_left_out():
    post = Post(
        text="ab cd",
        quintuples=[Quintuple(Entity("ab", "per", 0, 2), Entity("c", "per", 3, 4), "peer")],
        entities=[Entity("cd", "loc", 3, 5), Entity("b", "loc", 1, 2)],
    )
    assert gold_of(post, post_words(post)) == ((Mention(1, 2, "loc"),), ())
