from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from jmere.records import SceneGraph, SceneObject, SceneRelation
from jmere.vision.relate.relator import MAX_RELATED_OBJECTS, RelateOptions, Relator

PERSON = SceneObject("person", (40, 10, 60, 90))
HAT = SceneObject("hat", (44, 5, 56, 18))
STREET = SceneObject("street", (0, 70, 100, 100))
LIGHT = SceneObject("traffic light", (80, 10, 86, 30))
SCENE = SceneGraph((PERSON, HAT, STREET, LIGHT))


@pytest.fixture(scope="module")
def relator():
    return Relator.load()


def related(scene):
    return {
        (scene.objects[each.subject].label, each.predicate, scene.objects[each.object].label)
        for each in scene.relations
    }


def test_a_person_wears_a_hat_on_the_street(relator):
    found = relator.relate(SCENE)
    assert found.objects == SCENE.objects
    assert ("person", "wearing", "hat") in related(found)
    assert ("person", "on", "street") in related(found)


def test_relations_come_likeliest_first_and_once_per_two_objects(relator):
    found = relator.relate(SCENE).relations
    scores = [each.score for each in found]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)
    assert len({frozenset((each.subject, each.object)) for each in found}) == len(found)


@pytest.mark.parametrize("objects", [(), (PERSON,), (PERSON, replace(HAT, box=None))])
def test_fewer_than_two_boxes_have_no_relation(relator, objects):
    scene = SceneGraph(objects)
    assert relator.relate(scene) == scene


def test_the_order_of_the_objects_changes_nothing(relator):
    found = related(relator.relate(SCENE))
    for objects in permutations(SCENE.objects):
        assert related(relator.relate(SceneGraph(objects))) == found


def test_objects_without_a_box_keep_their_place(relator):
    scene = SceneGraph((SceneObject("sky"), *SCENE.objects))
    assert related(relator.relate(scene)) == related(relator.relate(SCENE))


def test_relations_that_are_there_stay_and_their_objects_get_no_other(relator):
    given = SceneRelation(1, "of", 0, 0.5)
    found = relator.relate(replace(SCENE, relations=(given,))).relations
    assert found[0] == given
    assert all({each.subject, each.object} != {0, 1} for each in found[1:])


def test_options_bound_what_is_added():
    bounded = Relator.load(options=RelateOptions(max_relations=2)).relate(SCENE)
    assert len(bounded.relations) == 2
    assert Relator.load(options=RelateOptions(min_score=1.0)).relate(SCENE).relations == ()
    free = Relator.load(options=RelateOptions(both_ways=True, min_score=0.0)).relate(SCENE)
    assert len(free.relations) == 4 * 3


def test_an_unsure_classifier_says_where_things_are():
    options = RelateOptions(min_predicate_probability=1.0, min_score=0.0)
    left, right = SceneObject("car", (0, 0, 20, 20)), SceneObject("car", (22, 0, 42, 20))
    found = Relator.load(options=options).relate(SceneGraph((left, right))).relations
    assert {each.predicate for each in found} <= {"left of", "right of", "near"}


def test_names_of_other_data_sets_and_unheard_of_ones_are_related(relator):
    for label in ("traffic_light", "Traffic Light"):
        scene = SceneGraph((PERSON, HAT, STREET, replace(LIGHT, label=label)))
        assert relator.relate(scene).relations == relator.relate(SCENE).relations
    strange = SceneGraph((SceneObject("qwx", (0, 0, 5, 5)), SceneObject("日", (1, 1, 4, 4))))
    scores = [each.score for each in relator.relate(strange).relations]
    assert np.isfinite(scores).all()


def test_of_very_many_objects_the_surest_take_part(relator):
    boxes = np.random.default_rng(0).random((MAX_RELATED_OBJECTS + 50, 2)) * 1000
    crowd = tuple(
        SceneObject("person", (x, y, x + 20, y + 50), place / 1000)
        for place, (x, y) in enumerate(boxes.tolist())
    )
    found = relator.relate(SceneGraph(crowd)).relations
    assert all(min(each.subject, each.object) >= 50 for each in found)


def test_unbiased_differs_and_is_among_the_settings(relator):
    unbiased = Relator.load(unbiased=True)
    assert unbiased.relate(SCENE).relations != relator.relate(SCENE).relations
    assert unbiased.settings != relator.settings
    assert relator.settings["relations"]


@pytest.mark.parametrize(
    "wrong", [{"max_relations": -1}, {"min_predicate_probability": 2.0}, {"min_score": -0.1}]
)
def test_options_are_checked(wrong):
    with pytest.raises(ValueError, match=f"relate.{next(iter(wrong))} must"):
        RelateOptions(**wrong)
