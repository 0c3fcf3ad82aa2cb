import numpy as np
import pytest

from jmere import Entity, Post, Quintuple, SceneGraph, SceneObject, SceneRelation

CURRY, NBA = Entity("Curry", "per", 0, 5), Entity("NBA", "org", 6, 9)


def test_a_score_and_a_text_take_no_part_in_equality():
    assert Quintuple(CURRY, NBA, "member_of", 0.9) == Quintuple(CURRY, NBA, "member_of")
    assert Entity("curry", "per", 0, 5) == CURRY
    assert Quintuple(NBA, CURRY, "member_of") != Quintuple(CURRY, NBA, "member_of")


def test_tokens_are_joined_by_single_spaces():
    post = Post(tokens=["a", "b  c"])
    assert post.text == "a b  c"
    assert post.tokens == ("a", "b  c")


def test_text_and_tokens_must_agree():
    with pytest.raises(ValueError, match="text and tokens disagree"):
        Post(text="a  b", tokens=["a", "b"])


def test_entities_of_a_post_are_listed_once_in_text_order():
    rest = Entity("x", "loc", 7, 8)
    quintuples = [Quintuple(NBA, CURRY, "contain"), Quintuple(CURRY, NBA, "member_of")]
    post = Post(text="Curry NBA", quintuples=quintuples, entities=[rest, NBA])
    assert post.all_entities() == (CURRY, NBA, rest)


def test_a_relation_must_be_between_objects_of_the_graph():
    with pytest.raises(ValueError, match="'on' names object 1, but the scene graph has 1 objects"):
        SceneGraph((SceneObject("cat"),), (SceneRelation(0, "on", 1),))


def test_each_object_has_one_appearance_vector():
    with pytest.raises(ValueError, match="2 appearance vectors for 1 objects"):
        SceneGraph((SceneObject("cat"),), appearance=np.zeros((2, 3), np.float32))
