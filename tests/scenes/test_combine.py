import numpy as np

from jmere.records import SceneGraph, SceneObject, SceneRelation
from jmere.scenes.combine import join_graphs

SEEN = SceneGraph(
    (SceneObject("person", (0, 0, 4, 9), 0.9), SceneObject("cup", (5, 5, 6, 6), 0.7)),
    (SceneRelation(0, "holding", 1, 0.6),),
    (10, 10),
    np.ones((2, 3), np.float32),
)
SAID = SceneGraph(
    (SceneObject("woman"), SceneObject("cup"), SceneObject("cup")),
    (SceneRelation(0, "looking at", 1), SceneRelation(2, "near", 1)),
)


def test_an_object_of_both_is_one_and_relations_follow_it():
    graph = join_graphs(SEEN, SAID)
    assert [thing.label for thing in graph.objects] == ["person", "cup", "woman", "cup"]
    assert graph.objects[:2] == SEEN.objects
    assert graph.relations == (
        SceneRelation(0, "holding", 1, 0.6),
        SceneRelation(2, "looking at", 1),
        SceneRelation(3, "near", 1),
    )
    assert graph.size == (10, 10)


def test_what_is_only_described_has_no_appearance():
    rows = join_graphs(SEEN, SAID).appearance
    np.testing.assert_array_equal(np.isnan(rows).all(axis=1), [False, False, True, True])
    assert (rows[:2] == 1).all()


def test_one_graph_alone_is_itself():
    nothing = SceneGraph(size=(10, 10))
    assert join_graphs(SEEN, SceneGraph()) == SEEN
    assert join_graphs(nothing, SAID).objects == SAID.objects
    assert join_graphs(nothing, SAID).size == (10, 10)


def test_labels_are_one_in_any_case_and_boxes_apart_are_two():
    read = SceneGraph((SceneObject("CUP", (5, 5, 6, 6), 0.9), SceneObject("cup", (8, 8, 9, 9))))
    graph = join_graphs(SEEN, read)
    assert [thing.label for thing in graph.objects] == ["person", "cup", "cup"]
    assert [thing.box for thing in graph.objects[1:]] == [(5, 5, 6, 6), (8, 8, 9, 9)]


def test_the_size_is_that_of_whichever_graph_knows_it():
    said = SceneGraph((SceneObject("sky"),))
    assert join_graphs(said, SEEN).size == (10, 10)
