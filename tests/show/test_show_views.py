"""Pictures of one post: what they say, and that they can be seen."""

import json
from html.parser import HTMLParser

import numpy as np
import pytest

from jmere.cli import main
from jmere.records import (
    Alignment,
    Entity,
    Extraction,
    Post,
    Quintuple,
    SceneGraph,
    SceneObject,
    SceneRelation,
)
from jmere.show import save, show_alignment, show_cases, show_grid
from jmere.tags import TagSet
from jmere.text.words import post_words

TEXT = "Ann <b>Lee met Bob in Rome 🎬"
TAGS = TagSet(["per", "loc"], ["peer", "lives_in"])
ANN, BOB = Entity("Ann <b>Lee", "per", 0, 10), Entity("Bob", "per", 15, 18)
LEE, ROME = Entity("Lee", "per", 7, 10), Entity("Rome", "loc", 22, 26)
POST = Post(
    tokens=TEXT.split(),
    id="a&b",
    quintuples=[Quintuple(ANN, BOB, "peer"), Quintuple(BOB, ROME, "lives_in")],
)
SCENE = SceneGraph((SceneObject("man"), SceneObject("<i>")), (SceneRelation(0, "near", 1),))


def found(*quintuples, plan=None):
    words = post_words(POST).words
    plan = np.full((len(words), 2), 1 / 14, np.float32) if plan is None else plan
    return Extraction(
        id=POST.id,
        text=TEXT,
        quintuples=quintuples,
        entities=(ANN, BOB),
        scene_graph=SCENE,
        alignment=Alignment(words, ("man", "<i>"), plan, plan),
    )


class Balanced(HTMLParser):
    """Fails on an element that is closed in the wrong place, and on what comes from outside."""

    def __init__(self):
        super().__init__()
        self.open, self.seen = [], []

    def handle_starttag(self, tag, attrs):
        assert tag not in ("script", "link", "iframe", "b", "i"), tag
        assert not {"src", "href", "onclick"} & {name for name, _ in attrs}
        if tag not in ("meta", "wbr"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.seen.append(data)


VIEWS = {
    "grid": lambda: show_grid(POST, post_words(POST), TAGS, symmetric=True),
    "alignment": lambda: show_alignment([("<m>", found()), ("n", found())], post_words(POST)),
    "cases": lambda: show_cases(POST, {"<m>": found(Quintuple(LEE, BOB, "peer"))}),
}


@pytest.mark.parametrize("name", VIEWS)
def test_a_picture_is_written_both_ways(name, tmp_path):
    view = VIEWS[name]()
    save(view, tmp_path / "it.png")
    save(view, tmp_path / "it.html")
    assert (tmp_path / "it.png").read_bytes().startswith(b"\x89PNG")
    page = Balanced()
    page.feed((tmp_path / "it.html").read_text(encoding="utf-8"))
    assert page.open == []
    assert any("<b>Lee" in piece for piece in page.seen)
    assert view.html() in view._repr_html_()


def test_another_kind_of_file_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"cannot draw \.pdf; expected \.png or \.html"):
        save(VIEWS["grid"](), tmp_path / "it.pdf")


def test_the_grid_is_that_of_figure_3():
    view = show_grid(POST, post_words(POST), TAGS)
    names = [[view.name(row, column) for column in range(7)] for row in range(7)]
    assert names[0] == ["per", "per", "", "peer", "", "", ""]
    assert names[3] == ["", "", "", "per", "", "lives_in", ""]
    assert names[5] == ["", "", "", "", "", "loc", ""]
    assert VIEWS["grid"]().name(3, 0) == "peer"


def test_what_a_grid_cannot_hold_is_counted():
    cut = Entity("nn", "per", 1, 3)
    post = Post(tokens=POST.tokens, entities=[ANN, Entity("<b>Lee", "per", 4, 10), cut])
    view = show_grid(post, post_words(post), TAGS)
    assert view.lost == 2  # one shares a word with another, one begins inside a word
    assert "2 not held" in view.title


def test_the_words_of_entities_are_marked():
    view = VIEWS["alignment"]()
    assert view.models[0].types == ("per", "per", "", "per", "", "", "")
    assert "<b>Lee [per]" in view.text()


def test_a_model_that_does_not_align_is_said_to_give_nothing():
    blind = found(plan=np.zeros((7, 2), np.float32))
    view = show_alignment([("eega", found()), ("text", blind)], post_words(POST))
    assert "eega: transport plan, % of all mass" in view.text()
    assert "text: no transport plan" in view.html()


def test_an_alignment_needs_an_object():
    nothing = np.zeros((7, 0), np.float32)
    bare = Alignment(post_words(POST).words, (), nothing, nothing)
    answer = Extraction("x", TEXT, (), (), alignment=bare)
    with pytest.raises(ValueError, match="no object to align words with"):
        show_alignment([("m", answer)], post_words(POST))


@pytest.mark.parametrize(
    ("quintuple", "mark"),
    [
        (Quintuple(ANN, BOB, "peer"), "✓"),
        (Quintuple(ANN, BOB, "lives_in"), "✗ relation"),
        (Quintuple(ANN, Entity("Bob", "loc", 15, 18), "peer"), "✗ type"),
        (Quintuple(BOB, ANN, "peer"), "✗ direction"),
        (Quintuple(LEE, BOB, "peer"), "✗ boundary"),
        (Quintuple(ANN, ROME, "lives_in"), "✗ not in gold"),
    ],
)
def test_a_case_says_what_is_wrong(quintuple, mark):
    view = show_cases(POST, {"m": found(quintuple)})
    assert [each.marks for each in view.answers if each.quintuple == quintuple] == [(mark,)]
    missing = [each for each in view.answers if each.marks == ("○",)]
    assert len(missing) == 1 if mark == "✓" else len(missing) == 2


def test_the_undirected_reading_forgives_direction():
    swapped = found(Quintuple(BOB, ANN, "peer"))
    view = show_cases(POST, {"m": swapped}, reading="undirected")
    assert [each.marks for each in view.answers] == [("✓",), ("○",)]
    assert "picture: man, <i> (man near <i>)" in view.text()


@pytest.fixture
def posts(tmp_path):
    ends = [{"start": 0, "end": 3, "type": "per"}, {"start": 8, "end": 11, "type": "per"}]
    link = {"head": ends[0], "tail": ends[1], "relation": "peer"}
    post = {"id": "p", "text": "Ann met Bob", "alt_text": "a man holding a trophy"}
    path = tmp_path / "posts.jsonl"
    path.write_text(json.dumps({**post, "quintuples": [link]}) + "\n", encoding="utf-8")
    return str(path)


def show(capsys, *arguments):
    code = main(["show", *map(str, arguments)])
    return code, *capsys.readouterr()


def test_the_commands_show_a_post(posts, tiny_model, tmp_path, capsys):
    code, out, _ = show(capsys, "grid", "--post", posts)
    assert code == 0
    assert ["Ann", "Bob", "peer"] in [line.split() for line in out.splitlines()]
    page = tmp_path / "grid.html"
    assert show(capsys, "grid", "--post", posts, "-m", tiny_model, "-o", page)[0] == 0
    code, out, _ = show(capsys, "cases", posts, tiny_model, "--post", posts, "--id", "p")
    assert code == 0
    assert ["Ann", "per", "peer", "Bob", "per", "✓"] in [
        row.split()[:6] for row in out.splitlines()
    ]


def test_the_plan_is_made_with_another_alpha(posts, tiny_model, capsys):
    alphas = ("--alpha", 1, "--alpha", 0.4)
    code, out, _ = show(capsys, "alignment", "--post", posts, "-m", tiny_model, *alphas)
    assert code == 0
    nodes_alone, own = out.split("transport plan")[1:]
    assert "alpha 1, trained with 0.4" in out
    assert nodes_alone.split("run")[0] != own.split("run")[0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["grid"], "pass either a file of posts (--post) or --text"),
        (["grid", "--post", "POSTS", "--id", "q"], "no post 'q'"),
        (["grid", "--post", "POSTS", "-o", "x.pdf"], "cannot draw .pdf"),
        (["grid", "--post", "POSTS", "--alt-text", "a cat"], "--alt-text requires --text"),
        (
            ["alignment", "--post", "POSTS", "--alpha", "2"],
            "'--alpha': expected a number from 0 to 1, got 2",
        ),
        (["cases", "nowhere", "--post", "POSTS"], "nowhere: no such model folder"),
    ],
)
def test_bad_input_of_show_ends_in_one_line(posts, capsys, arguments, message):
    given = [posts if argument == "POSTS" else argument for argument in arguments]
    code, out, err = show(capsys, *given)
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1


def long_post(count):
    return Post(tokens=["word"] * count, id="i" * 1000)


def test_a_grid_that_is_too_large_to_open_is_refused(tmp_path, capsys):
    path = tmp_path / "posts.jsonl"
    path.write_text(json.dumps({"id": "1", "tokens": ["word"] * 500}) + "\n", encoding="utf-8")
    for suffix, message in (
        ("html", "the post has 500 words; expected at most 400 for a table"),
        ("png", "the picture would have 51,240 x 33,240 pixels; expected at most 80,000,000"),
    ):
        output = tmp_path / f"grid.{suffix}"
        assert main(["show", "grid", "--post", str(path), "-o", str(output)]) == 2
        assert capsys.readouterr().err.startswith(f"jmere: {message}")
        assert not output.exists()
    assert main(["show", "grid", "--post", str(path)]) == 0


def test_a_grid_is_not_made_where_it_would_fill_the_memory():
    words = post_words(Post(tokens=["word"] * 4001))
    with pytest.raises(ValueError, match="4,001 words; expected at most 4,000 for a grid"):
        show_grid(Post(text=""), words, TAGS)


def test_a_notebook_says_that_a_grid_is_too_large():
    post = long_post(401)
    shown = show_grid(post, post_words(post), TAGS)._repr_html_()
    assert "the post has 401 words" in shown
    assert len(shown) < 3000


def test_an_alignment_of_many_words_is_refused_as_a_picture(tmp_path):
    post, plan = long_post(3000), np.full((3000, 1), 1 / 3000, np.float32)
    alignment = Alignment(post_words(post).words, ("man",), plan, plan)
    found = Extraction(id=post.id, text=post.text, quintuples=(), entities=(), alignment=alignment)
    view = show_alignment([("m", found)], post_words(post))
    assert len(view.title) < 100
    with pytest.raises(ValueError, match="the picture would have"):
        save(view, tmp_path / "it.png")
    assert not list(tmp_path.iterdir())
