import numpy as np
import pytest

from builders import sample_posts
from jmere.inputs.batcher import relation_types
from jmere.inputs.prepare import windows_of
from jmere.records import Post, SceneGraph, SceneObject, SceneRelation
from jmere.scenes.sources import FromFiles, SceneSources
from jmere.tagger.tagger import Tagger
from jmere.tags import IGNORE, OTHER, Vocabulary


@pytest.fixture(scope="module")
def tagger(tiny_model):
    return Tagger.from_pretrained(tiny_model)


def test_a_batch_is_padded_to_its_longest_post(tagger):
    posts = sample_posts()[1:3]
    batch = tagger.batch(windows_of(tagger.prepare(posts)), gold=True)
    assert batch.word_mask.sum(1).tolist() == [len(post.tokens) for post in posts]
    assert batch.word_mask.shape[1] == 5
    for matrix in (batch.dependencies, batch.hops, batch.cooccurrence):
        assert matrix.shape == (2, 5, 5)
        assert matrix.dtype == np.uint8
    tags = tagger.tags
    assert batch.gold[0, 0, 3] == tags.relation_id("peer")
    assert batch.gold[0, 3, 0] == 0
    assert batch.gold[0, 0, 1] == tags.entity_id("per")


def test_padding_has_no_gold(tagger):
    batch = tagger.batch(windows_of(tagger.prepare(sample_posts()[:2])), gold=True)
    padding = ~(batch.word_mask[:, :, None] & batch.word_mask[:, None, :])
    assert (batch.gold[padding] == IGNORE).all()
    assert (batch.gold[~padding] != IGNORE).all()


def test_without_being_asked_for_there_is_no_gold(tagger):
    assert tagger.batch(windows_of(tagger.prepare(sample_posts()))).gold is None


def test_a_post_without_a_picture_stands_beside_one_with(tagger):
    scene = SceneGraph((SceneObject("man", (1, 2, 3, 4)), SceneObject("hat")), size=(10, 8))
    batch = tagger.batch(
        windows_of(tagger.prepare([Post(text="a man", scene_graph=scene), Post(text="a stage")]))
    )
    assert batch.object_mask.tolist() == [[True, True], [False, False]]
    assert batch.box_mask.tolist() == [[True, False], [False, False]]
    np.testing.assert_allclose(batch.boxes[0, 0], [0.1, 0.25, 0.3, 0.5, 0.05], rtol=1e-6)
    assert (batch.label_pieces[1] == -1).all()


def test_empty_posts_make_a_batch(tagger):
    batch = tagger.batch(windows_of(tagger.prepare([Post(text=""), Post(text=" ")])))
    assert batch.word_mask.tolist() == [[False], [False]]


def test_no_posts_make_none(tagger):
    with pytest.raises(ValueError, match="at least one post"):
        tagger.batch([])


def test_relations_are_undirected_with_self_loops_and_the_surest_counts():
    things = tuple(SceneObject(name) for name in ("man", "horse", "hat"))
    relations = (
        SceneRelation(0, "riding", 1, 0.9),
        SceneRelation(1, "under", 0, 0.2),
        SceneRelation(2, "sniffing", 1),
    )
    vocabulary = Vocabulary(["self", "riding", "under"])
    (types,) = relation_types([SceneGraph(things, relations)], vocabulary).tolist()
    own, riding = vocabulary.id("self"), vocabulary.id("riding")
    assert types == [[own, riding, 0], [riding, own, OTHER], [0, OTHER, own]]


def test_appearance_of_another_width_is_refused(tagger):
    from dataclasses import replace

    scene = SceneGraph((SceneObject("man"),), appearance=np.ones((1, 3), np.float32))
    ready = windows_of(tagger.prepare([Post(text="a man", scene_graph=scene)]))
    assert tagger.batch(ready).appearance.shape == (1, 1, 0)
    with pytest.raises(ValueError, match="appearance vectors are 3 wide, but the model takes 4"):
        replace(tagger.batch, appearance_width=4)(ready)
    batch = replace(tagger.batch, appearance_width=3)(ready)
    assert (batch.appearance == 1).all()
    assert batch.appearance_mask.all()


def test_scene_files_give_posts_their_pictures(tiny_model):
    tagger = Tagger.from_pretrained(tiny_model)
    tagger.use_scenes(SceneSources([FromFiles({"a.jpg": SceneGraph((SceneObject("horse"),))})]))
    ready = windows_of(
        tagger.prepare([Post(text="x", image="folder/a.jpg"), Post(text="x", image="b.jpg")])
    )
    assert [len(post.scene.objects) for post in ready] == [1, 0]
