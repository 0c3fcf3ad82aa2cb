from dataclasses import replace

import numpy as np
import pytest

from builders import sample_posts
from jmere import Extractor, Post, SceneGraph, SceneObject
from jmere.vision.detect.boxes import Selection
from jmere.vision.pixels import VisionConfig


@pytest.fixture(scope="module")
def extractor(tiny_model):
    return Extractor.from_pretrained(tiny_model)


def test_a_learned_post_is_extracted(extractor):
    gold = sample_posts()[0]
    result = extractor.extract(Post(text=gold.text))
    assert set(result.quintuples) == set(gold.quintuples)
    assert all(0 < quintuple.score <= 1 for quintuple in result.quintuples)
    assert result.entities == gold.all_entities()


def test_offsets_are_characters_of_the_text(extractor):
    text = "👩‍👩‍👧\u200b\t" + sample_posts()[0].text + "  e\u0301 שלום"
    for quintuple in extractor.extract(Post(text=text)).quintuples:
        for end in (quintuple.head, quintuple.tail):
            assert text[end.start : end.end] == end.text


def test_the_gold_annotation_is_not_looked_at(extractor):
    gold = sample_posts()[0]
    blind = Post(tokens=gold.tokens, id=gold.id)
    assert extractor.extract(gold).quintuples == extractor.extract(blind).quintuples


def test_a_stream_keeps_order_and_batches_change_nothing(extractor):
    posts = [Post(text=post.text * (1 + n % 3), id=str(n)) for n, post in
             enumerate(sample_posts() * 5)]  # fmt: skip
    alone = [extractor.extract(post) for post in posts]
    together = list(extractor.stream(iter(posts), batch_size=3))
    assert [result.id for result in together] == [post.id for post in posts]
    for one, other in zip(alone, together, strict=True):
        assert one.quintuples == other.quintuples
        assert [q.score for q in one.quintuples] == pytest.approx(
            [q.score for q in other.quintuples], abs=1e-4
        )


def test_a_stream_reads_no_further_than_it_must(extractor):
    read = []

    def posts():
        for number in range(1000):
            read.append(number)
            yield Post(text="London is in England", id=str(number))

    next(extractor.stream(posts(), batch_size=4))
    assert len(read) <= 4 * 8


@pytest.mark.parametrize("text", ["", " ", "\t\n", "\u200b", "!", "#", "RT", "https://t.co/x"])
def test_a_text_of_next_to_nothing_has_no_quintuples(extractor, text):
    result = extractor.extract(Post(text=text))
    assert result.quintuples == ()
    assert result.text == text


def test_nothing_in_nothing_out(extractor):
    assert list(extractor.stream([])) == []


def test_a_long_text_is_read_in_parts_and_says_so(extractor):
    text = (sample_posts()[0].text + " . ") * 12
    result = extractor.extract(Post(text=text))
    assert "long text: read in" in result.warnings[0]
    assert " ".join(result.alignment.words) == text.strip()
    assert result.alignment.plan.shape == (len(result.alignment.words), 0)
    for entity in result.entities:
        assert text[entity.start : entity.end] == entity.text


def test_words_and_objects_are_aligned(extractor):
    scene = SceneGraph((SceneObject("man", (0, 0, 5, 9), 0.9), SceneObject("trophy")))
    result = extractor.extract(Post(text="Messi won the Ballon d'Or", scene_graph=scene))
    alignment = result.alignment
    assert alignment.objects == ("man", "trophy")
    assert alignment.plan.shape == alignment.attention.shape == (len(alignment.words), 2)
    assert alignment.plan.sum() == pytest.approx(1, abs=1e-3)
    np.testing.assert_allclose(alignment.attention.sum(axis=1), 1, rtol=1e-5)


def test_a_caption_becomes_the_scene(extractor):
    result = extractor.extract(Post(text="Messi", alt_text="a man holding a trophy"))
    assert [thing.label for thing in result.scene_graph.objects] == ["man", "trophy"]


def test_the_batch_size_must_be_positive(extractor):
    with pytest.raises(ValueError, match="batch_size must be at least 1, got 0"):
        list(extractor.stream([], batch_size=0))


def test_a_device_that_is_not_there_is_one_line(tiny_model):
    with pytest.raises(ValueError, match="device 'nonsense' is not to be had") as caught:
        Extractor.from_pretrained(tiny_model, device="nonsense")
    assert "\n" not in str(caught.value)


def pixels(seed=0):
    return np.random.default_rng(seed).integers(0, 256, (48, 60, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def seeing(tiny_model, tiny_detector):
    vision = VisionConfig(weights=str(tiny_detector), selection=Selection(min_score=0.05))
    return Extractor.from_pretrained(tiny_model, vision=vision)


def test_a_picture_is_looked_at_and_its_boxes_ground_the_entities(seeing):
    post = replace(sample_posts()[0], image=pixels())
    result = seeing.extract(post)
    assert result.scene_graph.size == (60, 48)
    assert all(thing.box for thing in result.scene_graph.objects)
    assert len(result.alignment.objects) == len(result.scene_graph.objects)
    assert {each.entity for each in result.groundings} == set(result.entities)
    assert result.warnings == ()


def test_what_is_said_of_a_picture_joins_what_is_seen(seeing):
    result = seeing.extract(Post(text="Messi", image=pixels(), alt_text="a trophy"))
    *seen, said = result.scene_graph.objects
    assert seen
    assert (said.label, said.box) == ("trophy", None)


def test_a_bad_picture_leaves_its_post_to_the_text(seeing):
    gold = sample_posts()[0]
    posts = [replace(gold, image=image) for image in (None, b"no picture", "nowhere.jpg", pixels())]
    results = list(seeing.stream(posts))
    assert [len(result.warnings) for result in results] == [0, 1, 1, 0]
    assert "is no picture" in results[1].warnings[0]
    assert "nowhere.jpg: no such file" in results[2].warnings[0]
    assert results[1].quintuples == results[0].quintuples


def test_pictures_are_left_alone_where_vision_is_off(tiny_model):
    blind = Extractor.from_pretrained(tiny_model, vision=None)
    result = blind.extract(Post(text="Messi", image=b"no picture"))
    assert result.warnings == ()
    assert result.scene_graph.objects == ()
