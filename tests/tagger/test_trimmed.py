"""Names without the sign of their hashtag."""

from jmere.grid.decode import Decoded
from jmere.records import Link, Mention
from jmere.tagger.trimmed import without_signs
from jmere.text.words import join, split

WORDS = split("#RealMadrid beat #Bob")


def test_a_name_and_its_link_lose_the_sign():
    team, bob = Mention(0, 3, "org"), Mention(5, 6, "per")
    found = without_signs(Decoded((Link(team, bob, "x", 0.5),), (team, bob)), WORDS)
    assert found.mentions == (Mention(1, 3, "org"), bob)
    assert found.links == (Link(Mention(1, 3, "org"), bob, "x"),)
    assert found.links[0].score == 0.5


def test_a_sign_that_stands_apart_stays():
    found = Decoded(mentions=(Mention(0, 3, "org"),))
    assert without_signs(found, join(WORDS.words)) is found


def test_a_sign_alone_and_signs_elsewhere_stay():
    found = Decoded(mentions=(Mention(1, 3, "org"), Mention(4, 5, "misc")))
    assert without_signs(found, WORDS) is found
