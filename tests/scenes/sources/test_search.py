from pathlib import Path

import pytest

from jmere.records import Post, SceneGraph, SceneObject, TextGraph
from jmere.scenes.sources import SceneResult, SceneSource, SceneSources
from jmere.scenes.visual_config import VisualConfig
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


def sources_of(parser, *, files=None, pixels=None, objects=10) -> SceneSources:
    """The list of sources that the package itself makes."""
    return VisualConfig().sources(parser, objects=objects, graphs=files, pixels=pixels)


def scene(*labels: str) -> SceneGraph:
    return SceneGraph(tuple(SceneObject(label) for label in labels))


def names(graph: SceneGraph) -> list[str]:
    return [item.label for item in graph.objects]


def test_the_first_source_that_has_a_graph_gives_it():
    parser = AllNouns()
    sources = sources_of(parser, files={"a.jpg": scene("file")})
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
    found = sources_of(AllNouns()).scenes([Post("t", alt_text="alt", scene_graph=SceneGraph())])
    assert found == [SceneGraph()]


def test_no_alt_text_leaves_the_parser_alone():
    parser = AllNouns()
    assert sources_of(parser).scenes([Post("t"), Post("u")]) == [SceneGraph()] * 2
    assert sources_of(parser).scenes([]) == []
    assert parser.calls == []


def test_every_source_is_cut_to_the_number_of_objects():
    sources = sources_of(AllNouns(), files={"a.jpg": scene("a", "b", "c")}, objects=2)
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
    sources = sources_of(AllNouns(), files={"a": scene("file")}, pixels=Seeing(), objects=4)
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
    sources = sources_of(AllNouns(), pixels=Seeing())
    bad, good = sources.look([Post("t", image="bad", alt_text="x"), Post("t", image="y")])
    assert bad.warnings == ("picture not read: bad: is no picture",)
    assert names(bad.scene) == ["x"]
    assert good.warnings == ()


def test_a_negative_number_of_objects_is_refused():
    with pytest.raises(ValueError, match="number of objects must not be negative, got -2"):
        SceneSources([], objects=-2)


def test_a_damaged_picture_is_looked_at_and_told():
    (sight,) = sources_of(AllNouns(), pixels=Seeing()).look([Post("t", image="torn")])
    assert names(sight.scene) == ["torn"]
    assert sight.warnings == ("damaged picture: torn: two SOF markers",)


def test_a_box_that_no_picture_has_is_left_out_with_a_warning():
    graph = SceneGraph((SceneObject("cat", (0, 0, float("nan"), 1)), SceneObject("dog")))
    named = sources_of(AllNouns(), files={"a.jpg": graph})
    for sight in named.look([Post("t", scene_graph=graph), Post("t", image="a.jpg")]):
        assert sight.scene == SceneGraph((SceneObject("cat"), SceneObject("dog")))
        assert len(sight.warnings) == 1


def test_a_source_gives_a_graph_or_leaves_the_picture():
    sources = sources_of(AllNouns(), files={"a.jpg": SceneGraph()})
    posts = [
        Post("t", image="b.jpg"),
        Post("t", image="a.jpg"),
        Post("t", image="b.jpg", scene_graph=SceneGraph()),
        Post("t", image="b.jpg", alt_text="alt"),
    ]
    assert [sources.gives(post) for post in posts] == [False, True, True, True]


class Says:
    """A source of one word, or of nothing."""

    def __init__(self, *labels: str, adds: bool, warning: str | None = None) -> None:
        self.labels, self.adds, self.warning = labels, adds, warning
        self.asked = 0

    def find(self, posts):
        self.asked += len(posts)
        if not self.labels:
            return [None] * len(posts)
        found = scene(*self.labels)
        return [SceneResult(found, (self.warning,)) if self.warning else found for _ in posts]


def test_sources_that_answer_alone_are_asked_first_and_end_the_search():
    adding, silent = Says("c", adds=True), Says(adds=False)
    first, second = Says("a", adds=False), Says("b", adds=False)
    assert all(isinstance(each, SceneSource) for each in (adding, first))
    sources = SceneSources([adding, silent, first, second])
    assert names(sources.scenes([Post("t")])[0]) == ["a"]
    assert (silent.asked, first.asked, second.asked, adding.asked) == (1, 1, 0, 0)


def test_all_sources_that_add_are_joined_with_room_for_the_later_ones():
    seen, read, said = (Says(*letters, adds=True) for letters in ("abcd", "ef", "ag"))
    sources = SceneSources([seen, read, said], objects=6)
    assert names(sources.scenes([Post("t")])[0]) == ["a", "b", "c", "e", "f", "g"]
    assert names(SceneSources([seen, read]).scenes([Post("t")])[0]) == list("abcdef")


def test_each_of_three_full_sources_has_its_share():
    seen, read, said = (Says(*letters, adds=True) for letters in ("abcdef", "ghijkl", "mnopqr"))
    [scene] = SceneSources([seen, read, said], objects=6).scenes([Post("t")])
    assert names(scene) == list("abghmn")


def test_the_warnings_of_all_sources_are_kept():
    sources = SceneSources([Says("a", adds=True, warning=w) for w in ("one", "two")])
    (result,) = sources.look([Post("t")])
    assert result.warnings == ("one", "two")
    same = SceneSources([Says("a", adds=True, warning="torn") for _ in range(2)])
    assert same.look([Post("t")])[0].warnings == ("torn",)


def test_a_source_of_one_method_tells_by_its_answer_whether_it_gives():
    assert SceneSources([Says("a", adds=True)]).gives(Post("t"))
    assert not SceneSources([Says(adds=True)]).gives(Post("t"))
    assert not SceneSources([]).gives(Post("t", image="a.jpg"))


def test_a_source_that_forgets_a_post_is_named():
    class Short(Says):
        def find(self, posts):
            return super().find(posts)[1:]

    with pytest.raises(ValueError, match=r"Short\.find: 1 answers for 2 posts"):
        SceneSources([Short("a", adds=True)]).look([Post("t"), Post("u")])
