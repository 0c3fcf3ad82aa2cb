import numpy as np
import pytest

from jmere.records import Alignment, Mention
from jmere.tagger.grounding import ground
from jmere.text.words import split

WORDS = split("Ann Lee in Oslo")
ANN, OSLO = Mention(0, 2, "per"), Mention(3, 4, "loc")


def alignment(plan, attention, objects=("person", "cup", "tower")):
    return Alignment(
        WORDS.words, objects, np.array(plan, np.float32), np.array(attention, np.float32)
    )


def test_objects_with_more_than_an_even_share_by_hand():
    plan = [[0.2, 0.05, 0.0], [0.1, 0.1, 0.05], [0.0] * 3, [0.0, 0.1, 0.15]]
    attention = [[0.6, 0.2, 0.2], [0.4, 0.4, 0.2], [1.0, 0.0, 0.0], [0.0, 0.1, 0.9]]
    found = ground(WORDS, [ANN, OSLO], alignment(plan, attention))
    assert [(each.entity.text, each.object) for each in found] == [("Ann Lee", 0), ("Oslo", 2)]
    assert found[0].plan == pytest.approx(0.3 / 0.5)
    assert found[0].attention == pytest.approx(0.5)
    assert found[0].weight == pytest.approx(0.55)
    assert found[1].plan == pytest.approx(0.6)


def test_the_best_comes_first():
    rows = [[0.35, 0.45, 0.2]] * 4
    found = ground(WORDS, [OSLO], alignment(rows, rows))
    assert [each.object for each in found] == [1, 0]


def test_one_object_alone_has_all_of_every_entity():
    rows = [[0.25]] * 4
    found = ground(WORDS, [ANN, OSLO], alignment(rows, [[1.0]] * 4, ("person",)))
    assert [(each.object, each.weight) for each in found] == [(0, 1.0), (0, 1.0)]


def test_no_object_and_no_alignment_ground_nothing():
    assert ground(WORDS, [ANN], alignment(np.zeros((4, 0)), np.zeros((4, 0)), ())) == ()
    assert ground(WORDS, [ANN], alignment(np.zeros((4, 3)), np.zeros((4, 3)))) == ()
