import numpy as np
import pytest

from jmere.training.relations.recall import DEPTHS, Ranked, measure_recall
from jmere.training.relations.vrd import AnnotatedPicture, Annotations


def picture(relations, things=3):
    return AnnotatedPicture(
        None,
        np.arange(things),
        np.tile([0.0, 0.0, 1.0, 1.0], (things, 1)),
        np.array(relations, dtype=np.int64).reshape(-1, 3),
    )


def annotations(*pictures, labels=3):
    return Annotations(tuple(map(chr, range(97, 97 + labels))), ("on", "by"), pictures)


def ranked(rows):
    table = np.array(rows, dtype=np.int64).reshape(-1, 3)
    return Ranked(table[:, [0, 2]], table[:, 1])


def recall(found, *pictures, seen=(), labels=3):
    return measure_recall(annotations(*pictures, labels=labels), lambda _: ranked(found), seen=seen)


def test_found_are_those_with_both_ends_and_the_predicate_right():
    gold = picture([[0, 0, 1], [1, 0, 2], [2, 1, 0], [0, 1, 2]])
    found = recall([[0, 0, 1], [1, 1, 2], [0, 1, 2], [0, 1, 2]], gold)
    assert found.all.at == {50: 0.5, 100: 0.5}
    assert found.all.count == 4


def test_each_predicate_of_a_pair_counts():
    assert recall([[0, 0, 1]], picture([[0, 0, 1], [0, 1, 1]])).all.at[50] == 0.5


def test_only_the_likeliest_count():
    gold = picture([[10, 0, 11]], things=12)
    others = [[a, 1, b] for a in range(12) for b in range(12) if a != b and (a, b) != (10, 11)]
    for place, expected in ((49, (1, 1)), (50, (0, 1)), (99, (0, 1)), (100, (0, 0))):
        found = recall([*others[:place], [10, 0, 11]], gold, labels=12)
        assert tuple(found.all.at[depth] for depth in DEPTHS) == expected


def test_relations_count_alike_whichever_picture_they_are_in():
    found = recall([[0, 0, 1]], picture([[0, 0, 1]]), picture([[0, 1, 1], [1, 1, 0], [0, 0, 2]]))
    assert found.all.at[50] == 0.25


def test_zero_shot_are_those_whose_names_were_not_together():
    gold = picture([[0, 0, 1], [1, 0, 2], [2, 0, 1]])
    found = recall([[1, 0, 2]], gold, seen={("a", "on", "b")})
    assert (found.zero_shot.count, found.zero_shot.at[50]) == (2, 0.5)


def test_the_mean_is_over_predicates():
    found = recall([[0, 1, 1]], picture([[0, 1, 1], [0, 0, 2], [1, 0, 0], [2, 0, 0]]))
    assert found.all.at[50] == 0.25
    assert found.mean[50] == 0.5


def test_a_thing_with_itself_counts_and_is_not_found():
    assert recall([[0, 0, 1]], picture([[0, 0, 0], [0, 0, 1]])).all.at[50] == 0.5


@pytest.mark.parametrize("pictures", [[], [picture([])], [picture([], things=0)]])
def test_nothing_annotated_is_no_recall(pictures):
    found = recall([], *pictures)
    assert (found.all.at[50], found.all.count, found.zero_shot.count) == (0, 0, 0)
