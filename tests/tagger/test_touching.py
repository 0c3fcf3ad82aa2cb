"""Names cut in two, made whole."""

from jmere.grid.decode import Decoded
from jmere.records import Link, Mention
from jmere.tagger.touching import join_touching
from jmere.text.words import split

WORDS = split("Curry of Golden State Warriors in San Diego")
CURRY, STATE, WARRIORS = Mention(0, 1, "per"), Mention(2, 4, "org"), Mention(4, 5, "org")
SAN, DIEGO = Mention(6, 7, "loc"), Mention(7, 8, "loc")


def test_links_go_to_the_whole_and_the_surer_stays():
    links = (
        Link(CURRY, STATE, "member_of", 0.4),
        Link(CURRY, WARRIORS, "member_of", 0.7),
        Link(WARRIORS, DIEGO, "locate_at", 0.5),
    )
    joined = join_touching(Decoded(links, (CURRY, STATE, WARRIORS, SAN, DIEGO)), WORDS)
    team, city = Mention(2, 5, "org"), Mention(6, 8, "loc")
    assert joined.mentions == (CURRY, team, city)
    assert joined.links == (Link(CURRY, team, "member_of"), Link(team, city, "locate_at"))
    assert [link.score for link in joined.links] == [0.7, 0.5]


def test_more_than_two_parts_are_one_name():
    words = split("the Golden State Warriors")
    parts = tuple(Mention(place, place + 1, "org") for place in (1, 2, 3))
    assert join_touching(Decoded(mentions=parts), words).mentions == (Mention(1, 4, "org"),)


def test_names_of_two_types_and_related_names_stay_apart():
    words = split("Barcelona Messi Ronaldo")
    team, one, other = Mention(0, 1, "org"), Mention(1, 2, "per"), Mention(2, 3, "per")
    decoded = Decoded((Link(one, other, "peer", 0.5),), (team, one, other))
    assert join_touching(decoded, words) is decoded


def test_names_on_two_lines_or_with_a_word_between_stay_apart():
    words = split("Rome\nOslo and Bonn")
    names = (Mention(0, 1, "loc"), Mention(1, 2, "loc"), Mention(3, 4, "loc"))
    assert join_touching(Decoded(mentions=names), words).mentions == names
