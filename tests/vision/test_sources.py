from pathlib import Path

import numpy as np
import pytest

from jmere.records import Post, SceneGraph, SceneObject, TextGraph
from jmere.text.words import Words
from jmere.vision.sources import SceneSources, shuffled


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
