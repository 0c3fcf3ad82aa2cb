import numpy as np
import pytest

from jmere.records import SceneGraph, SceneObject, SceneRelation
from jmere.scenes.combine import top_objects

SCENE = SceneGraph(
    objects=(
        SceneObject("cup", score=0.2),
        SceneObject("man", score=0.9),
        SceneObject("dog"),
        SceneObject("hat", score=0.9),
        SceneObject("bench", score=0.5),
    ),
    relations=(
        SceneRelation(1, "wearing", 3, 0.7),
        SceneRelation(1, "sitting on", 4, 0.6),
        SceneRelation(1, "holding", 0, 0.9),
        SceneRelation(2, "near", 1),
    ),
    size=(640, 480),
    appearance=np.arange(10, dtype=np.float32).reshape(5, 2),
)


def test_the_surest_stay_in_order_with_their_relations_and_rows():
    kept = top_objects(SCENE, 3)

    assert [item.label for item in kept.objects] == ["man", "hat", "bench"]
    assert kept.relations == (
        SceneRelation(0, "wearing", 1, 0.7),
        SceneRelation(0, "sitting on", 2, 0.6),
    )
    assert kept.appearance is not None
    assert kept.appearance.tolist() == [[2, 3], [6, 7], [8, 9]]
    assert kept.size == (640, 480)


def test_of_equal_scores_the_first_stays_and_no_score_comes_last():
    assert [item.label for item in top_objects(SCENE, 1).objects] == ["man"]
    assert [item.label for item in top_objects(SCENE, 4).objects] == ["cup", "man", "hat", "bench"]


def test_without_scores_the_first_objects_stay():
    scene = SceneGraph(tuple(SceneObject(label) for label in "abc"))
    assert [item.label for item in top_objects(scene, 2).objects] == ["a", "b"]


def test_without_scores_objects_in_more_relations_stay():
    relations = (SceneRelation(3, "holding", 1), SceneRelation(3, "near", 2))
    scene = SceneGraph(tuple(SceneObject(label) for label in "abcde"), relations)
    kept = [[item.label for item in top_objects(scene, k).objects] for k in range(1, 5)]
    assert kept == [["d"], ["b", "d"], ["b", "c", "d"], ["a", "b", "c", "d"]]


@pytest.mark.parametrize("k", [5, 6, 100])
def test_enough_room_changes_nothing(k: int):
    assert top_objects(SCENE, k) is SCENE


def test_no_room_leaves_no_object():
    assert top_objects(SCENE, 0).objects == ()
    with pytest.raises(ValueError, match="must not be negative, got -1"):
        top_objects(SCENE, -1)
