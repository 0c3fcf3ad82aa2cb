import json

import numpy as np
import pytest

import drawn_pictures as draw
from jmere import Extraction, Extractor, Post, SceneGraph, SceneObject
from jmere.cli import main
from jmere.tagger.picture_facts import begin_reading
from jmere.vision.detect.boxes import intersection_over_union


class Lines:
    """A reader of pictures whose lines are given with them."""

    def __init__(self):
        self.asked = 0

    def scenes(self, pictures):
        for picture in pictures:
            self.asked += 1
            yield picture


@pytest.fixture(scope="module")
def extractor():
    return Extractor.from_pretrained(vision=None)


@pytest.fixture(scope="module")
def reading():
    pytest.importorskip("rapidocr", reason="needs the extra ocr")
    return Extractor.from_pretrained(vision=None, read_text=True)


def read(extractor, posts):
    added = begin_reading(extractor.tagger, posts, Lines(), batch_size=8)
    return list(added([Extraction(post.id, post.text, (), ()) for post in posts]))


def line(text, *box, score=0.9):
    return SceneObject(text, box, score)


MESSI = (
    line("Lionel Messi leaves", 10, 10, 200, 30),
    line("Barcelona", 10, 36, 100, 56),
    line("Stephen Curry leads the Golden State Warriors", 10, 200, 460, 220),
)


def test_blocks_are_texts_of_their_own(extractor):
    [found] = read(extractor, [Post("Wow", image=SceneGraph(MESSI))])
    facts = {(q.head.text, q.relation, q.tail.text) for q in found.quintuples}
    assert ("Stephen Curry", "member_of", "Golden State Warriors") in facts
    assert ("Lionel Messi", "member_of", "Barcelona") in facts
    assert not any(
        {q.head.text, q.tail.text} == {"Lionel Messi", "Golden State Warriors"}
        for q in found.quintuples
    )
    assert {q.source for q in found.quintuples} == {"picture"}


def test_ends_have_boxes_and_no_offsets(extractor):
    [found] = read(extractor, [Post("Wow", image=SceneGraph(MESSI))])
    ends = {end.text: end for q in found.quintuples for end in (q.head, q.tail)}
    assert {(end.start, end.end) for end in (*ends.values(), *found.entities)} == {(-1, -1)}
    assert ends["Barcelona"].box == (10, 36, 100, 56)
    assert ends["Lionel Messi"].box == (10, 10, 130, 30)
    assert {end.text for end in found.entities} >= ends.keys()
    again = Extraction.from_dict(json.loads(json.dumps(found.to_dict())))
    assert again == found
    value = found.to_dict()["quintuples"][0]
    assert value["source"] == "picture"
    assert "start" not in value["head"]
    assert len(value["head"]["box"]) == 4


def test_each_post_has_what_its_own_picture_says(extractor):
    posts = [
        Post("no picture", id="1"),
        Post("unreadable", id="2", image=ValueError("b.jpg: no such file")),
        Post("words", id="3", image=SceneGraph(MESSI[:2])),
        Post("no words", id="4", image=SceneGraph()),
    ]
    found = read(extractor, posts)
    assert [each.id for each in found] == ["1", "2", "3", "4"]
    assert [bool(each.quintuples) for each in found] == [False, False, True, False]
    assert found[1].warnings == ("picture not read: b.jpg: no such file",)


def test_names_in_capitals_keep_their_letters(extractor):
    words = SceneGraph((line("TAYLOR SWIFT LIVE AT WEMBLEY STADIUM", 0, 0, 360, 20),))
    [found] = read(extractor, [Post("Wow", image=words)])
    assert {(e.text, e.type) for e in found.entities} == {
        ("TAYLOR SWIFT", "per"),
        ("WEMBLEY STADIUM", "loc"),
    }


def overlap(one, other):
    boxes = (np.array([box], np.float32) for box in (one, other))
    return float(intersection_over_union(*boxes)[0, 0])


def test_a_screenshot_gives_facts_beside_those_of_the_text(reading):
    post = Post("Stephen Curry leads the Golden State Warriors", id="1", image=draw.screenshot())
    found = reading(post)
    by_source = {(q.source, q.head.text, q.relation, q.tail.text): q for q in found.quintuples}
    assert (None, "Stephen Curry", "member_of", "Golden State Warriors") in by_source
    fact = by_source["picture", "Lionel Messi", "member_of", "Paris Saint-Germain"]
    assert overlap(fact.head.box, draw.extent((24, 90, 24, "Lionel Messi"))) > 0.5
    assert {thing.label for thing in found.scene_graph.objects} >= {"Sports News"}
    [alone] = reading("Stephen Curry leads the Golden State Warriors").quintuples
    assert alone.source is None


def test_a_poster_and_a_jersey_have_names(reading):
    names = {
        (e.text, e.type)
        for image in (draw.poster(), draw.jersey())
        for e in reading(Post("Look!", image=image)).entities
    }
    assert ("Wembley Stadium", "loc") in names
    assert any("Swift" in text and kind == "per" for text, kind in names)
    assert any(text.casefold() == "curry" for text, _ in names)


def test_results_are_the_same_in_a_stream(reading):
    posts = [
        Post("a", id="1", image=draw.screenshot()),
        Post("b", id="2"),
        Post("c", id="3", image=draw.poster()),
    ]
    assert list(reading.stream(posts, batch_size=2)) == [reading(post) for post in posts]


def test_the_graph_has_the_picture_as_source(reading, tmp_path):
    result = reading(Post("Look!", id="7", image=draw.screenshot()))
    (tmp_path / "found.jsonl").write_text(json.dumps(result.to_dict()) + "\n", encoding="utf-8")
    out = tmp_path / "graph.ttl"
    assert main(["graph", "build", str(tmp_path / "found.jsonl"), "-o", str(out)]) == 0
    text = out.read_text(encoding="utf-8")
    assert '"picture"' in text
    assert "Paris Saint-Germain" in text


def test_the_command_reads_text(tmp_path, capsys):
    pytest.importorskip("rapidocr", reason="needs the extra ocr")
    (tmp_path / "in").mkdir()
    draw.screenshot().save(tmp_path / "in" / "news.png")
    posts = tmp_path / "posts.jsonl"
    posts.write_text('{"id": "1", "text": "Look!", "image": "news.png"}\n', encoding="utf-8")
    call = ["extract", str(posts), "-o", str(tmp_path / "found.jsonl"), "--read-text"]
    assert main(call) == 2
    error = capsys.readouterr().err
    assert "--read-text requires --image, or --images" in error
    assert error.count("\n") == 1
    assert main([*call, "--images", str(tmp_path / "in")]) == 0
    [value] = map(json.loads, (tmp_path / "found.jsonl").read_text().splitlines())
    assert {q["source"] for q in value["quintuples"]} == {"picture"}


def test_a_headline_in_a_real_picture_is_a_fact(shared, reading):
    picture = shared / "images" / "posts" / "twitter_stream_2018_06_11_25_0_2_124.jpg"
    found = reading(Post("Look!", image=picture))
    facts = {(q.head.text, q.relation, q.tail.text) for q in found.quintuples}
    assert ("TRUMP", "peer", "KIM") in facts


@pytest.mark.parametrize("name", ["twitter_19_31_17_0.jpg", "twitter_19_31_16_6.jpg"])
def test_real_pictures_are_read(shared, reading, name):
    found = reading(Post("Look!", image=shared / "images" / "posts" / name))
    size = found.scene_graph.size
    for end in found.entities:
        if end.box is not None:
            x0, y0, x1, y1 = end.box
            assert 0 <= x0 < x1 <= size[0]
            assert 0 <= y0 < y1 <= size[1]
