"""Figure 5: the three channels of the pairs of words."""

import pytest

from jmere.cli import main
from jmere.records import Post, TextGraph
from jmere.show import save, show_channels
from jmere.text.cooccurrence import CooccurrenceTable
from jmere.text.words import post_words

WORDS = ["Ann", "met", "<b>Bob", "Rome"]
POSTS = [WORDS[:3], WORDS[:3], ["Paris", "Rome"], ["Paris", "things"], ["Paris", "things"]]


@pytest.fixture
def view():
    """``met`` heads Ann and Bob; Rome is a tree of its own."""
    graph = TextGraph(
        words=tuple(WORDS),
        heads=(1, 1, 1, 3),
        labels=("nsubj", "root", "obj", "root"),
        pos=("PROPN", "VERB", "PROPN", "PROPN"),
    )
    table = CooccurrenceTable.count(POSTS)
    return show_channels(post_words(Post(tokens=WORDS)), graph, table, identity="p1")


def test_cells_say_what_is_known_of_a_pair(view):
    assert view.cell("Pos", 0, 1) == "PROPN VERB"
    assert [view.cell("Sd", 0, column) for column in range(4)] == ["0", "1", "2", ""]
    # 2 of the 18 ordered pairs are Ann and Bob, each of whom begins 4 of them:
    # log2((2 / 18) / (4 / 18) ** 2) = 1.2, half of it rounded up is 1, and so the bin is 2.
    assert view.cell("Co", 0, 2) == view.cell("Co", 2, 0) == "2"
    assert view.cell("Co", 0, 3) == ""  # never seen together


def test_the_text_has_each_pair_once(view):
    lines = view.text().splitlines()
    assert lines[0] == "Channels of word pairs of post p1"
    assert sum(line.split()[:1] != [] and line.split()[0] in WORDS for line in lines) == 6
    (ann_bob,) = (line for line in lines if line.startswith("Ann") and "<b>Bob" in line)
    assert ann_bob.split()[2:5] == ["PROPN", "PROPN", "2"]


def test_the_page_and_the_picture_are_written(view, tmp_path):
    save(view, tmp_path / "channels.html")
    page = (tmp_path / "channels.html").read_text(encoding="utf-8")
    assert page.count("<table>") == 3
    assert "&lt;b&gt;Bob" in page
    assert "<b>Bob" not in page
    save(view, tmp_path / "channels.png")
    assert (tmp_path / "channels.png").read_bytes().startswith(b"\x89PNG")


def test_a_post_without_words_has_channels_too():
    graph = TextGraph(words=(), heads=(), labels=(), pos=())
    empty = show_channels(post_words(Post(text="")), graph, CooccurrenceTable.count(POSTS))
    assert empty.text().startswith("Channels of word pairs")
    assert empty.figure() is not None


def test_the_command_draws_the_models_channels(capsys):
    assert main(["show", "channels", "--text", "Messi leaves Barcelona"]) == 0
    shown = capsys.readouterr().out
    assert "PROPN" in shown
    assert "Barcelona" in shown
