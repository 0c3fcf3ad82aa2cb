import pytest
from hypothesis import given
from hypothesis import strategies as st

from jmere.records import Entity, Mention
from jmere.text.hashtags import tag_parts
from jmere.text.words import split

TAGS = {
    "GoldenStateWarriors": "Golden State Warriors",
    "NBAFinals": "NBA Finals",
    "StarbucksUK": "Starbucks UK",
    "GameOfThrones": "Game Of Thrones",
    "Euro2016": "Euro 2016",
    "MetGala": "Met Gala",
}
WHOLE = ["MAGA", "Tulsa", "throwback", "iPhone", "LaTeX", "JBieber", "Beyoncé", "1", "", "a_b"]


@pytest.mark.parametrize("tag", TAGS)
def test_capitals_divide_a_hashtag(tag):
    assert split(f"so #{tag}!").words == ("so", "#", *TAGS[tag].split(), "!")


@pytest.mark.parametrize("tag", WHOLE)
def test_what_capitals_do_not_divide_is_one_word(tag):
    assert tag_parts(tag) == [(0, len(tag))]


def test_only_hashtags_are_divided():
    assert split("NBAFinals and # NBAFinals").words == ("NBAFinals", "and", "#", "NBAFinals")


def test_the_name_in_a_hashtag_is_what_stands_there():
    words = split("hi #RealMadrid")
    assert words.mention(Entity("RealMadrid", "org", 4, 14)) == Mention(2, 4, "org")
    assert words.entity(Mention(2, 4, "org")).text == "RealMadrid"


@given(st.text(st.sampled_from("ABab1é_#"), max_size=20))
def test_the_parts_are_the_whole(tag):
    spans = tag_parts(tag)
    assert "".join(tag[start:end] for start, end in spans) == tag
    assert all(start < end for start, end in spans) or not tag
