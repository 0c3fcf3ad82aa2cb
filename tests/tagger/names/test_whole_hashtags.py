import pytest

from jmere.grid.word_labels import ScoredMention
from jmere.records import Mention
from jmere.tagger.names.whole_hashtags import whole_hashtags
from jmere.text.words import join, split


def found(words, *parts):
    names = [ScoredMention(Mention(start, end, kind), score) for start, end, kind, score in parts]
    whole = whole_hashtags(names, words)
    return [(words.entity(name.mention).text, name.mention.type) for name in whole]


@pytest.mark.parametrize(
    ("text", "parts", "expected"),
    [
        ("What a night #NBAFinals", [(4, 5, "org", 0.9)], [("NBAFinals", "org")]),
        ("#StarbucksUK", [(1, 2, "org", 0.6), (2, 3, "loc", 0.9)], [("StarbucksUK", "loc")]),
        ("#GameOfThrones", [(0, 4, "misc", 0.9)], [("GameOfThrones", "misc")]),
        (
            "#NBA in Bonn",
            [(1, 2, "org", 0.9), (3, 4, "loc", 0.9)],
            [("NBA", "org"), ("Bonn", "loc")],
        ),
        ("# NBA Finals", [(1, 2, "org", 0.9)], [("NBA", "org")]),
        ("no sign of Bonn", [(3, 4, "loc", 0.9)], [("Bonn", "loc")]),
        ("the #Golden State", [(2, 4, "org", 0.9)], [("Golden State", "org")]),
    ],
)
def test_a_name_in_a_hashtag_is_the_whole_hashtag(text, parts, expected):
    assert found(split(text), *parts) == expected


def test_of_overlapping_names_the_surest_stays():
    words = split("the #GoldenState")
    assert found(words, (0, 3, "loc", 0.4), (3, 4, "org", 0.8)) == [("GoldenState", "org")]


def test_a_sign_at_the_end_is_no_hashtag():
    assert found(join(["Ann", "#"]), (0, 1, "per", 0.9)) == [("Ann", "per")]
