"""Denied, asked and supposed facts."""

import pytest

from jmere.text.assertion import is_asserted

ASSERTED = [
    "ANN plays for BONN",
    "ANN left Rome because she did not like it and joined BONN",
    "Not only ANN plays for BONN",
    "Why did ANN leave BONN ?",
    "Who else saw ANN win in BONN ?",
    "Is n't it great that ANN plays for BONN ?",
    "ANN , who never lost , plays for BONN",
    "ANN plays for BONN , not for Rome",
    "Nobody plays like ANN for BONN",
    "Everything looks as if ANN joined BONN",
    "RT if you love ANN of BONN",
    "If it rains , ANN plays in BONN",
    "I wish ANN of BONN all the best",
    "ANN ca n't wait for BONN",
    "ANN is no doubt the best of BONN",
]
UNASSERTED = [
    "ANN never played for BONN",
    "ANN is n’t with BONN",
    "ANN isnt with BONN",
    "ANN no longer plays for BONN",
    "ANN denies that she joined BONN",
    "ANN chose Rome instead of BONN",
    "No one called ANN has ever worked for BONN",
    "Neither Eve nor ANN plays for BONN",
    "Is ANN with BONN ?",
    "ANN to BONN ? !",
    "What if ANN joins BONN ?",
    "ANN plays for BONN , does she ?",
    "If ANN joins BONN , I leave",
    "Can someone say whether ANN was born in BONN",
    "Imagine ANN at BONN",
    "I wish ANN would play for BONN",
    "I wish ANN played for BONN",
    "ANN should have signed for BONN",
    "ANN has no office in BONN",
    "Is ANN joining BONN or did I dream it",
    "It is not true that ANN joined BONN",
    "The story of ANN and BONN is a hoax",
]


def judged(text):
    words = text.split()
    names = (range(place, place + 1) for place in map(words.index, ("ANN", "BONN")))
    return is_asserted(words, *names)


@pytest.mark.parametrize("text", ASSERTED)
def test_what_is_told_stays(text):
    assert judged(text)


@pytest.mark.parametrize("text", UNASSERTED)
def test_what_is_denied_asked_or_supposed_goes(text):
    assert not judged(text)


def test_the_order_of_the_names_does_not_matter():
    words = ["BONN", "did", "not", "sign", "ANN"]
    assert not is_asserted(words, range(4, 5), range(1))
    assert not is_asserted(words, range(1), range(4, 5))


def test_words_inside_a_name_deny_nothing():
    words = ["ANN", "stars", "in", "Never", "Say", "Never"]
    assert is_asserted(words, range(1), range(3, 6))
