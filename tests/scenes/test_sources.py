from pathlib import Path

import numpy as np
import pytest

from jmere.records import Post, SceneGraph, SceneObject, TextGraph
from jmere.scenes.sources import SceneSources, shuffled
from jmere.text.words import Words
from jmere.vision.flawed import Flawed


class AllNouns:
    """A parser to which every word is a noun and a root; it remembers what it was given."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []

    def parse(self, texts: list[Words]) -> list[TextGraph]:
        self.calls.append([text.text for text in texts])
        return [
            TextGraph(
                text.words,
                ("NOUN",) * len(text),
                tuple(range(len(text))),
                ("root",) * len(text),
            )
            for text in texts
        ]


def scene(*labels: str) -> SceneGraph:
    return SceneGraph(tuple(SceneObject(label) for label in labels))


def names(graph: SceneGraph) -> list[str]:
    return [item.label for item in graph.objects]


def test_the_first_source_that_has_a_graph_gives_it():
    parser = AllNouns()
    sources = SceneSources(parser, files={"a.jpg": scene("file")})
    posts = [
        Post("t", image="x/a.jpg", alt_text="alt", scene_graph=scene("given")),
        Post("t", image=Path("x/a.jpg"), alt_text="alt"),
        Post("t", image="b.jpg", alt_text="alt"),
        Post("t", image="b.jpg"),
        Post("t", alt_text=" "),
        Post("t", image=object(), alt_text="other alt"),
    ]

    found = sources.scenes(posts)

    assert [names(graph) for graph in found] == [
        ["given"], ["file"], ["alt"], [], [], ["other", "alt"],
    ]  # fmt: skip
    assert parser.calls == [["alt", "other alt"]]


def test_a_given_graph_without_objects_means_no_picture():
    found = SceneSources(AllNouns()).scenes([Post("t", alt_text="alt", scene_graph=SceneGraph())])
    assert found == [SceneGraph()]


def test_no_alt_text_leaves_the_parser_alone():
    parser = AllNouns()
    assert SceneSources(parser).scenes([Post("t"), Post("u")]) == [SceneGraph()] * 2
    assert SceneSources(parser).scenes([]) == []
    assert parser.calls == []


def test_every_source_is_cut_to_the_number_of_objects():
    sources = SceneSources(AllNouns(), files={"a.jpg": scene("a", "b", "c")}, objects=2)
    posts = [Post("t", image="a.jpg"), Post("t", alt_text="d e f"), Post("t", scene_graph=scene())]
    assert [names(graph) for graph in sources.scenes(posts)] == [["a", "b"], ["d", "e"], []]


class Seeing:
    """Sees the letters of a picture's name, or refuses it."""

    def scenes(self, pictures):
        for picture in pictures:
            if picture == "bad":
                yield ValueError("bad: is no picture")
            elif picture == "torn":
                yield Flawed(scene("torn"), "torn: two SOF markers")
            else:
                things = (SceneObject(letter, (0, 0, 1, 1), 0.9) for letter in str(picture))
                yield SceneGraph(tuple(things))


def test_pixels_come_after_files_and_join_the_alt_text():
    sources = SceneSources(AllNouns(), files={"a": scene("file")}, pixels=Seeing(), objects=4)
    posts = [
        Post("t", image="a"),
        Post("t", image="xy"),
        Post("t", image="xy", alt_text="y z"),
        Post("t", alt_text="z"),
        Post("t", image="xy", scene_graph=scene("given")),
        Post("t", image="stuvw", alt_text="p q r"),
    ]
    found = [names(graph) for graph in sources.scenes(posts)]
    assert found == [
        ["file"], ["x", "y"], ["x", "y", "z"], ["z"], ["given"], ["s", "t", "p", "q"],
    ]  # fmt: skip


def test_a_picture_that_cannot_be_seen_is_told_of_and_its_alt_text_read():
    sources = SceneSources(AllNouns(), pixels=Seeing())
    bad, good = sources.look([Post("t", image="bad", alt_text="x"), Post("t", image="y")])
    assert bad.warnings == ("picture not looked at: bad: is no picture",)
    assert names(bad.scene) == ["x"]
    assert good.warnings == ()


def test_a_negative_number_of_objects_is_refused():
    with pytest.raises(ValueError, match="number of objects must not be negative, got -2"):
        SceneSources(AllNouns(), objects=-2)


@pytest.mark.parametrize("seed", range(20))
def test_shuffled_graphs_all_move_and_none_is_lost(seed: int):
    scenes = [scene("a"), SceneGraph(), scene("b"), scene("c"), SceneGraph(), scene("d")]

    moved = shuffled(scenes, np.random.default_rng(seed))

    assert sorted(map(names, moved)) == sorted(map(names, scenes))
    for before, after in zip(scenes, moved, strict=True):
        assert (after != before) == bool(before.objects)


def test_shuffling_is_repeated_by_its_seed_and_changed_by_another():
    scenes = [scene(label) for label in "abcdefgh"]
    once, again, other = (shuffled(scenes, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert once == again != other


def test_a_graph_alone_has_nowhere_to_go():
    generator = np.random.default_rng(0)
    assert shuffled([], generator) == []
    assert shuffled([scene("a")], generator) == [scene("a")]
    assert shuffled([SceneGraph(), scene("a")], generator) == [SceneGraph(), scene("a")]


def test_a_damaged_picture_is_looked_at_and_told():
    (sight,) = SceneSources(AllNouns(), pixels=Seeing()).look([Post("t", image="torn")])
    assert names(sight.scene) == ["torn"]
    assert sight.warnings == ("damaged picture: torn: two SOF markers",)


def test_a_box_that_no_picture_has_is_left_out_with_a_warning():
    graph = SceneGraph((SceneObject("cat", (0, 0, float("nan"), 1)), SceneObject("dog")))
    named = SceneSources(AllNouns(), files={"a.jpg": graph})
    for sight in named.look([Post("t", scene_graph=graph), Post("t", image="a.jpg")]):
        assert sight.scene == SceneGraph((SceneObject("cat"), SceneObject("dog")))
        assert len(sight.warnings) == 1


def test_a_source_gives_a_graph_or_leaves_the_picture():
    sources = SceneSources(AllNouns(), files={"a.jpg": SceneGraph()})
    posts = [
        Post("t", image="b.jpg"),
        Post("t", image="a.jpg"),
        Post("t", image="b.jpg", scene_graph=SceneGraph()),
        Post("t", image="b.jpg", alt_text="alt"),
    ]
    assert [sources.gives(post) for post in posts] == [False, True, True, True]
