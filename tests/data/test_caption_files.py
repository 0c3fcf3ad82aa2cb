from collections import Counter

import pytest

from jmere.data.transforms import TWICE, WITHOUT, read_captions, with_captions
from jmere.errors import DataError
from jmere.records import Post


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "captions.txt"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize(
    "line",
    [f"{image}a dog: big" for image in ("7.jpg :", "7.jpg:", "7.jpg\t", "images/7.jpg : ", "7 :")],
)
def test_dialects_of_captions_are_read(file, line):
    assert read_captions(file(line + "\r\n\n")) == {"7.jpg": "a dog: big"}


def test_another_form_is_refused(file):
    with pytest.raises(DataError, match=r"captions\.txt:2: expected 'IMAGE :CAPTION', got 'dog'"):
        read_captions(file("a.jpg :b\ndog\n"))


def test_what_is_dropped_is_counted(file):
    tally = Counter()
    captions = read_captions(file("a.jpg :one\na.jpg :two\n"), tally=tally)
    posts = [Post("x", image="f/a.jpg"), Post("y", image="b.jpg"), Post("z")]

    found = list(with_captions(posts, captions, tally=tally))

    assert [post.alt_text for post in found] == ["two", None, None]
    assert tally == {TWICE: 1, WITHOUT: 1}
