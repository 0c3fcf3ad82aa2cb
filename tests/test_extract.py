import copy
import json
import pickle
from dataclasses import replace

import numpy as np
import pytest

from builders import sample_posts
from jmere import Extraction, Extractor, Post, SceneGraph, SceneObject, VisualConfig
from jmere.tagger.predict import NOT_FINITE
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


def test_a_stream_reads_no_further_than_it_must(tiny_model):
    extractor = Extractor.from_pretrained(tiny_model, backend="torch")
    read = []

    def posts():
        for number in range(1000):
            read.append(number)
            yield Post(text="London is in England", id=str(number))

    results = extractor.stream(posts(), batch_size=4)
    next(results)
    assert len(read) == 4
    for _ in zip(range(31), results, strict=False):
        pass
    assert len(read) == 4 * 8
    next(results)
    assert len(read) == 4 * 16


def test_a_stream_reads_two_batches_ahead_of_an_engine_with_threads(tiny_model):
    extractor = Extractor.from_pretrained(tiny_model, backend="onnx")
    posts = iter([Post(text="London is in England", id=str(number)) for number in range(100)])
    results = extractor.stream(posts, batch_size=4)
    for done in range(1, 60):
        next(results)
        left = 100 - done
        assert left - 12 <= posts.__length_hint__() <= left


def test_a_continued_stream_reads_ahead_from_the_start(tiny_model):
    extractor = Extractor.from_pretrained(tiny_model, backend="torch")
    posts = iter([Post(text="London is in England", id=str(number)) for number in range(100)])
    next(extractor.stream(posts, batch_size=4, ramp_up=False))
    assert len(list(posts)) == 100 - 4 * 8


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
    with pytest.raises(ValueError, match="device 'nonsense' is not available") as caught:
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
    assert "is not an image" in results[1].warnings[0]
    assert "nowhere.jpg: no such file" in results[2].warnings[0]
    assert results[1].quintuples == results[0].quintuples


def test_pictures_are_left_alone_where_vision_is_off(tiny_model):
    blind = Extractor.from_pretrained(tiny_model, vision=None)
    result = blind.extract(Post(text="Messi", image=b"no picture"))
    assert result.warnings == ()
    assert result.scene_graph.objects == ()


CURRY = "Stephen Curry plays for the Golden State Warriors"


def test_a_string_is_a_post(extractor):
    found = extractor.extract(Post(text=CURRY))
    assert found.quintuples
    assert extractor(CURRY) == extractor.extract(CURRY) == found
    assert extractor([CURRY, Post(text=CURRY)]) == [found, found]
    assert list(extractor.stream([CURRY])) == [found]
    assert extractor.extract_with([CURRY], [SceneGraph()]) == [found]


@pytest.mark.usefixtures("as_users_call")
@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda e: e.extract(None), "post: expected a Post or a string, got None"),
        (lambda e: e.extract([CURRY]), r"post: expected a Post or a string, got \['Stephen"),
        (lambda e: e.stream(CURRY), "posts: expected several, such as a list, got 'Stephen"),
        (lambda e: e.stream(Post(text="a")), "posts: expected several, such as a list, got Post"),
        (lambda e: e.stream({"text": "a"}), "posts: expected several, such as a list, got {'text"),
        (lambda e: e.stream(7), "posts: expected several, such as a list, got 7"),
        (
            lambda e: list(e.stream(["a", b"b"])),
            r"posts\[1\]: expected a Post or a string, got b'b",
        ),
        (lambda e: e.stream([], batch_size="8"), "batch_size: expected a whole number, got '8'"),
        (lambda e: e.extract_with([CURRY], [None]), r"scenes\[0\]: expected SceneGraph, got None"),
        (lambda e: e.extract_with(CURRY, []), "posts: expected several, such as a list, got"),
    ],
)
def test_a_wrong_type_is_one_line_that_names_it(extractor, call, message):
    with pytest.raises(TypeError, match=f"^{message}") as caught:
        call(extractor)
    assert "\n" not in str(caught.value)


def test_posts_and_graphs_of_unlike_number_are_refused(extractor):
    with pytest.raises(ValueError, match="2 posts, but 1 scene graphs; expected one for each"):
        extractor.extract_with([Post(text="a"), Post(text="b")], [SceneGraph()])
    assert extractor.extract_with([], []) == []


def test_an_error_of_the_source_comes_after_the_results_before_it(extractor):
    def posts():
        yield CURRY
        yield CURRY
        raise KeyError("the source broke")

    results = []
    with pytest.raises(KeyError, match="the source broke"):
        results.extend(extractor.stream(posts()))  # list.extend keeps what came before
    assert len(results) == 2


def test_invalid_characters_are_replaced_and_told(extractor):
    posts = [CURRY, Post(text=f"{CURRY} \ud83d\0 again", id="\ud800"), CURRY]
    first, second, third = extractor.stream(posts)
    assert second.text == f"{CURRY} �� again"
    assert second.quintuples == extractor.extract(second.text).quintuples
    assert second.id == "�"
    assert len(second.warnings) == 2
    assert first == third
    assert first.warnings == ()


def test_blank_words_are_in_no_entity_and_move_nothing(extractor):
    tokens = ["\u00a0", *CURRY.split(), "", " "]
    found = extractor.extract(Post(tokens=tokens))
    [quintuple] = found.quintuples
    assert quintuple.head.text == "Stephen Curry"
    assert found.text[quintuple.tail.start : quintuple.tail.end] == "Golden State Warriors"
    assert found.warnings == ("tokens: 3 blank words are not read, the first at 0",)
    assert extractor.extract(Post(tokens=[" ", ""])).entities == ()


@pytest.mark.parametrize("how", ["post", "beside", "by name"])
def test_a_box_that_no_picture_has_is_left_out(extractor, tiny_model, how):
    scene = SceneGraph((SceneObject("man", (0, 0, 1e308, 1e308)), SceneObject("cup", (1, 1, 2, 2))))
    if how == "post":
        found = extractor.extract(Post(text=CURRY, scene_graph=scene))
    elif how == "beside":
        [found] = extractor.extract_with([Post(text=CURRY)], [scene])
    else:
        named = Extractor.from_pretrained(tiny_model, scenes={"a.jpg": scene})
        found = named.extract(Post(text=CURRY, image="x/a.jpg"))
    assert [thing.box for thing in found.scene_graph.objects] == [None, (1, 1, 2, 2)]
    assert found.quintuples
    assert np.isfinite(found.alignment.plan).all()
    assert found.warnings[0].startswith("objects[0]: box (0.0, 0.0, 1e+308, 1e+308) left out")


def test_the_largest_box_of_the_smallest_picture_is_finite(extractor):
    scene = SceneGraph((SceneObject("man", (-1e6, -1e6, 1e6, 1e6)),), size=(1, 1))
    found = extractor.extract(Post(text=CURRY, scene_graph=scene))
    assert found.warnings == ()
    assert np.isfinite(found.alignment.plan).all()


def test_what_a_reader_said_of_a_post_is_in_its_result(extractor):
    found = extractor.extract(Post(text=CURRY, warnings=["image left out: no string"]))
    assert found.warnings == ("image left out: no string",)


def test_pictures_out_of_reach_leave_their_posts_to_the_text(tiny_model, tiny_detector, tmp_path):
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "loop.jpg").symlink_to("loop.jpg")
    (tmp_path / "pictures" / "there.jpg").symlink_to("back.jpg")
    (tmp_path / "pictures" / "back.jpg").symlink_to("there.jpg")
    names = ["/etc/passwd", "../up.jpg", "loop.jpg", "there.jpg", "a\0.jpg", "\udcff.jpg", "", 7]
    for weights in (tiny_detector, "nowhere.onnx"):
        vision = VisionConfig(weights=str(weights))
        seeing = Extractor.from_pretrained(tiny_model, images=tmp_path / "pictures", vision=vision)
        results = list(seeing.stream([Post(text=CURRY, image=name) for name in names]))
        assert [len(found.warnings) for found in results] == [1] * len(names)
        assert all(found.quintuples for found in results)
        assert "is outside" in results[0].warnings[0]
        assert "is outside" in results[1].warnings[0]
        assert "levels of symbolic links" in results[2].warnings[0]
        assert "levels of symbolic links" in results[3].warnings[0]
        assert "contains a null character" in results[4].warnings[0]
        for found in results:
            assert Extraction.from_dict(found.to_dict()) == found


def test_results_are_compared_copied_pickled_and_read_back(extractor):
    scene = SceneGraph((SceneObject("man", (0, 0, 5, 9), 0.9), SceneObject("trophy")), size=(9, 9))
    post = Post(text=CURRY, id="p", image="a.jpg", scene_graph=scene)
    found, again = extractor.extract(post), extractor.extract(post)
    assert found == again
    assert hash(found) == hash(again)
    assert found in [again]
    assert found.groundings
    for copied in (copy.deepcopy(found), pickle.loads(pickle.dumps(found))):
        assert copied == found
        assert copied.alignment == found.alignment
    read = Extraction.from_dict(json.loads(json.dumps(found.to_dict())))
    assert read == found
    assert read.to_dict() == found.to_dict()
    assert read.alignment is None


@pytest.mark.parametrize("name", ["scores", "plan", "attention"])
def test_numbers_that_are_not_finite_are_told(tiny_model, name, monkeypatch):
    extractor = Extractor.from_pretrained(tiny_model, backend="torch")
    scorer = extractor.tagger.scorer
    scene = SceneGraph((SceneObject("man"),))
    texts = ["London is in England", CURRY]  # a batch has the shorter first
    sound = extractor.extract_with(texts, [scene, scene])

    class Spoilt:
        pool = None

        def start(self, batch, **options):
            found = scorer.start(batch, **options).result()
            part = "grids" if name == "scores" else name
            values = getattr(found, part).copy()
            values[0, 1 if name == "scores" else 0] = float("nan")
            return Done(replace(found, **{part: values}))

    class Done:
        def __init__(self, found):
            self.found = found

        def result(self):
            return self.found

    monkeypatch.setattr(extractor.tagger, "scorer", Spoilt())
    results = extractor.extract_with(texts, [scene, scene])
    assert results[0].warnings == (NOT_FINITE,)
    assert results[0].quintuples == (() if name == "scores" else sound[0].quintuples)
    assert np.isfinite(results[0].alignment.plan).all()
    assert np.isfinite(results[0].alignment.attention).all()
    assert Extraction.from_dict(results[0].to_dict()) == results[0]
    assert results[1] == sound[1]


@pytest.mark.parametrize("images", [None, "photos"])
def test_old_keywords_and_the_visual_config_say_the_same(tiny_model, images):
    graphs = {"a.jpg": SceneGraph((SceneObject("cat"),))}
    old = Extractor.from_pretrained(tiny_model, scenes=graphs, images=images, vision=None)
    config = VisualConfig(images=images, detector=None)
    new = Extractor.from_pretrained(tiny_model, scenes=graphs, visual=config)
    post = Post("Ada lives in London", image="a.jpg")
    assert old.extract(post) == new.extract(post)
    assert [thing.label for thing in new.extract(post).scene_graph.objects] == ["cat"]


def test_the_visual_config_decides_what_a_model_is_shown(tiny_model):
    post = Post("Ada lives in London", alt_text="a man and a dog")
    shown = {
        number: Extractor.from_pretrained(tiny_model, visual=VisualConfig(objects=number))
        for number in (0, 1, 2)
    }
    assert {n: len(each(post).scene_graph.objects) for n, each in shown.items()} == {
        0: 0,
        1: 1,
        2: 2,
    }
    nothing = Extractor.from_pretrained(tiny_model, visual=VisualConfig(shown="none"))
    assert nothing(post).scene_graph == SceneGraph()
    with pytest.raises(ValueError, match="'shuffled' is a control for training and evaluation"):
        Extractor.from_pretrained(tiny_model, visual=VisualConfig(shown="shuffled"))


def test_a_source_of_the_user_is_asked_and_joined(tiny_model):
    class FromId:
        adds = True

        def find(self, posts):
            return [SceneGraph((SceneObject(post.id),)) if post.id else None for post in posts]

    extractor = Extractor.from_pretrained(tiny_model, sources=[FromId()])
    known, unknown = extractor([Post("t", id="x", alt_text="a dog"), Post("t", alt_text="a dog")])
    assert [thing.label for thing in known.scene_graph.objects] == ["dog", "x"]
    assert [thing.label for thing in unknown.scene_graph.objects] == ["dog"]
