"""Texts that are varied and joined: what moves along, and how an epoch draws them."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import sample_posts, tiny_run
from jmere.inputs.prepare import gold_of, windows_of
from jmere.records import Link, Mention
from jmere.tagger.tagger import Tagger
from jmere.tags import NONE
from jmere.text.words import post_words
from jmere.training.crowds.crowd_config import JoinConfig, VaryConfig
from jmere.training.crowds.draws import DrawnTexts, crowd_sizes
from jmere.training.crowds.stacks import stacked
from jmere.training.crowds.texts import NEW, Passage, join_texts
from jmere.training.crowds.variations import vary
from jmere.training.run import train
from jmere.training.run_config import RunConfig

CURRY, WARRIORS = Mention(0, 2, "per"), Mention(4, 7, "org")
TEXT = Passage(
    ("Stephen", "Curry", "leads", "the", "Golden", "State", "Warriors", "."),
    links=(Link(CURRY, WARRIORS, "member_of"),),
)
ALL = VaryConfig(hashtags=0.5, hyphens=0.5, ends=0.5, lower=0.2, upper=0.2)


def named(text, mention):
    return " ".join(text.words[mention.start : mention.end])


def sample_texts():
    texts = []
    for post in sample_posts():
        words = post_words(post)
        texts.append(Passage(words.words, *gold_of(post, words)))
    return texts


def taught(size, tags=3):
    """Opinions that tell which pair of words each is of."""
    grid = np.zeros((size, size, tags), np.float16)
    grid[..., 1] = np.arange(size * size).reshape(size, size) + 1
    return grid


@pytest.mark.parametrize("separator", [".", "", " ", "and"])
def test_joined_texts_keep_their_annotation(separator):
    texts = sample_texts()[:3]
    joined = join_texts(texts, [separator] * 2)
    blank = not separator.strip()
    assert len(joined.words) == sum(len(text.words) for text in texts) + (0 if blank else 2)
    before = [(named(t, q.head), q.relation, named(t, q.tail)) for t in texts for q in t.links]
    after = [(named(joined, q.head), q.relation, named(joined, q.tail)) for q in joined.links]
    assert after == before
    assert len(joined.mentions) == sum(len(text.mentions) for text in texts)


def test_opinions_of_joined_texts_stand_apart():
    one, two = (
        Passage(("a", "b"), taught=taught(2)),
        Passage(("c",), taught=taught(1)),
    )
    joined = join_texts([one, two], ["."]).taught
    assert joined[:2, :2, 1].tolist() == [[1, 2], [3, 4]]
    assert joined[3, 3, 1] == 1
    apart = np.ones((4, 4), np.bool_)
    apart[:2, :2] = apart[3, 3] = False
    assert (joined[apart].argmax(axis=-1) == NONE).all()
    assert join_texts([one, Passage(("c",))], ["."]).taught is None


def test_opinions_follow_the_words():
    text = Passage(("a", "b"), taught=taught(2)).rewritten(("#", "a", "a", "b"), (NEW, 0, 0, 1))
    assert text.taught[1:, 1:, 1].tolist() == [[1, 1, 2], [0, 1, 2], [3, 3, 4]]
    assert (text.taught[0, :, NONE] == 1).all()
    assert text.taught[2, 1, NONE] == 1  # a name's cells are above the diagonal


def test_an_entity_that_is_torn_apart_is_dropped():
    torn = TEXT.rewritten(("Stephen", "leads", "Curry"), (0, 2, 1))
    assert torn.links == ()


@given(st.integers(0, 10**6))
def test_variations_keep_every_name(seed):
    varied = vary(TEXT, ALL, np.random.default_rng(seed))
    (link,) = varied.links
    plain = [named(varied, end).replace("- ", "").lower() for end in (link.head, link.tail)]
    assert plain == ["stephen curry", "golden state warriors"]


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"hashtags": 1.0}, {"# Stephen Curry leads the Golden State Warriors .",
                             "Stephen Curry leads the # Golden State Warriors ."}),
        ({"hyphens": 1.0}, {"Stephen - Curry leads the Golden State Warriors .",
                            "Stephen Curry leads the Golden - State Warriors .",
                            "Stephen Curry leads the Golden State - Warriors ."}),
        ({"lower": 1.0}, {"stephen curry leads the golden state warriors ."}),
        ({"upper": 1.0}, {"STEPHEN CURRY LEADS THE GOLDEN STATE WARRIORS ."}),
        ({}, {"Stephen Curry leads the Golden State Warriors ."}),
    ],
)  # fmt: skip
def test_each_variation_is_what_it_says(config, expected):
    draw = np.random.default_rng(0)
    found = {" ".join(vary(TEXT, VaryConfig(**config), draw).words) for _ in range(40)}
    assert found == expected


def test_an_end_is_a_stop_more_or_less_or_an_address():
    draw = np.random.default_rng(0)
    ends = {vary(TEXT, VaryConfig(ends=1.0), draw).words[7:] for _ in range(40)}
    assert () in ends
    assert all(end == () or end[-1].startswith("https://t.co/") for end in ends)
    bare = TEXT.rewritten(TEXT.words[:-1], range(7))
    assert (".",) in {vary(bare, VaryConfig(ends=1.0), draw).words[7:] for _ in range(40)}


def test_hashtags_are_split_as_the_word_splitter_does():
    text = Passage(("#", "MetGala", "with", "Ann"), links=(Link(Mention(1, 2, "misc"),
                Mention(3, 4, "per"), "present_in"),))  # fmt: skip
    varied = vary(text, VaryConfig(hashtags=1.0), np.random.default_rng(0))
    assert varied.words[:3] == ("#", "Met", "Gala")
    assert named(varied, varied.links[0].head) == "Met Gala"


@given(st.integers(1, 500), st.floats(0, 1), st.integers(2, 6))
def test_an_epoch_reads_each_post_about_once(posts, share, most):
    sizes = crowd_sizes(posts, JoinConfig(share=share, most=most))
    assert all(1 <= size <= most for size in sizes)
    assert abs(sum(sizes) - posts) <= 2 * most


def test_epochs_differ_and_are_the_same_again(tiny_model):
    tagger = Tagger.from_pretrained(tiny_model)
    posts = windows_of(tagger.prepare(sample_posts()))
    drawn = DrawnTexts(posts, tagger.prepare, join=JoinConfig(share=0.5, most=3), vary=ALL, seed=1)
    first, second, again = drawn(0), drawn(1), drawn(0)
    assert [post.words for post in first] == [post.words for post in again]
    assert [post.words for post in first] != [post.words for post in second]
    assert len(first) == len(second)
    assert max(len(post.words) for post in first) > max(len(post.words) for post in posts)
    grids = tagger.batch(first, gold=True).gold
    assert (grids > 0).any()


def test_scene_graphs_are_those_of_other_posts(tiny_model):
    tagger = Tagger.from_pretrained(tiny_model)
    posts = windows_of(tagger.prepare(sample_posts()))
    config = VaryConfig(scenes=1.0)
    drawn = DrawnTexts(posts, tagger.prepare, join=JoinConfig(), vary=config, seed=1)(0)
    own = {post.words.words: post.scene for post in posts}
    assert any(post.scene != own[post.words.words] for post in drawn)
    assert all(post.scene in own.values() for post in drawn)


def test_a_crowd_that_is_too_long_loses_its_last_posts(tiny_model):
    tagger = Tagger.from_pretrained(tiny_model)
    posts = windows_of(tagger.prepare(sample_posts() * 10))
    join = JoinConfig(share=1.0, most=50)
    drawn = DrawnTexts(posts, tagger.prepare, join=join, vary=VaryConfig(), seed=1)(0)
    assert all(len(post.pieces.ids) <= tagger.prepare.longest for post in drawn)
    assert len(drawn) == len(crowd_sizes(len(posts), join))


def test_stacked_posts_hold_the_gold_of_theirs():
    texts = sample_texts()
    posts = stacked(texts, 2, [".", ""])
    assert len(posts) == len(texts) // 2
    found = sorted(
        (q.head.text, q.relation, q.tail.text) for post in posts for q in post.quintuples
    )
    gold = sorted((named(t, q.head), q.relation, named(t, q.tail)) for t in texts for q in t.links)
    assert found == gold
    assert stacked(texts, 2, [".", ""]) == posts


def test_a_run_learns_from_crowds_and_selects_on_stacks(tmp_path):
    values = tiny_run(tmp_path, epochs=2, tune_decoding=True, calibrate=True)
    values["data"] |= {"join": {"share": 0.5, "most": 3, "dev": [2]}, "vary": {"ends": 0.5}}
    train(RunConfig.parse(values))
    with (Path(values["output"]) / "log.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [float(row["dev_stacked_f1"]) >= 0 for row in rows] == [True, True]


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ({"join": {"most": 1}}, r"data\.join\.most must be 2 or more, got 1"),
        ({"join": {"share": 2}}, r"data\.join\.share must be in \[0, 1\], got 2"),
        ({"join": {"dev": [1]}}, r"data\.join\.dev: expected numbers from 2, got \[1\]"),
        ({"join": {"separators": []}}, r"data\.join\.separators: expected a word or a blank one"),
        ({"vary": {"upper": -1}}, r"data\.vary\.upper must be in \[0, 1\], got -1"),
    ],
)
def test_wrong_choices_are_refused(tmp_path, part, message):
    values = tiny_run(tmp_path)
    values["data"] |= part
    with pytest.raises(ValueError, match=message):
        RunConfig.parse(values)
