import copy
import pickle

import numpy as np
import pytest

from jmere import Alignment, Entity, Post, Quintuple, SceneGraph, SceneObject, SceneRelation

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


PICTURE = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)


def test_posts_with_pictures_in_memory_can_be_compared():
    post = Post(text="a", image=PICTURE)
    assert post == Post(text="a", image=PICTURE.copy())
    assert post != Post(text="a", image=PICTURE + 1)
    assert post != Post(text="a", image="a.jpg")
    assert post != Post(text="a")
    assert hash(post) == hash(Post(text="a", image=PICTURE.copy()))


def test_alignments_can_be_compared():
    plan = np.ones((1, 1), np.float32)
    alignment = Alignment(("a",), ("cat",), plan, plan)
    assert alignment == Alignment(("a",), ("cat",), plan.copy(), plan.copy())
    assert alignment != Alignment(("a",), ("cat",), plan, plan / 2)
    assert alignment != "a"


@pytest.mark.usefixtures("as_users_call")
def test_lists_are_taken_and_kept_as_tuples():
    cat = SceneObject("cat")
    assert SceneGraph([cat], [SceneRelation(0, "on", 0)]) == SceneGraph(
        (cat,), (SceneRelation(0, "on", 0),)
    )
    assert hash(SceneGraph([cat])) == hash(SceneGraph((cat,)))


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda each: pickle.loads(pickle.dumps(each))])
def test_records_are_copied_and_pickled(copied):
    scene = SceneGraph((SceneObject("cat", (0, 1, 2, 3), 0.5),), size=(4, 5))
    post = Post(
        text="Curry NBA", image=PICTURE, scene_graph=scene, entities=[CURRY],
        quintuples=[Quintuple(CURRY, NBA, "member_of", 0.5)],
    )  # fmt: skip
    assert copied(post) == post


def test_records_are_written_to_dicts_and_read_back():
    scene = SceneGraph((SceneObject("cat", (0, 1, 2, 3), 0.5),), (), (4, 5))
    post = Post("Curry NBA", "a.jpg", scene_graph=scene, id="p", entities=[CURRY])
    quintuple = Quintuple(CURRY, NBA, "member_of", 0.5)
    for record in (scene, post, CURRY, quintuple):
        assert type(record).from_dict(record.to_dict()) == record
    assert Quintuple.from_dict(quintuple.to_dict()).score == 0.5
