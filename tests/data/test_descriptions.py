"""Files of captions by several captioners, and posts with several descriptions."""

import gzip
import json
from collections import Counter

import pytest

from jmere.cli import main
from jmere.data.descriptions import CaptionFile, read_descriptions
from jmere.data.jsonl import read_posts, write_posts
from jmere.data.transforms import TWICE
from jmere.errors import DataError
from jmere.records import Post

LINES = [
    {"image": "7.jpg", "blip2": "a dog", "llava_next": "A dog\n on  grass."},
    {"image": "folder/8.png", "blip2": "a cat", "llava_next": None},
    {"image": "9", "blip2": "a man", "llava_next": "a man"},
]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "captions.jsonl"
    path.write_text("\n".join(map(json.dumps, LINES)) + "\n\n", encoding="utf-8")
    return path


def read(*names, **options):
    return read_descriptions([CaptionFile.parse(str(name)) for name in names], **options)


def test_one_captioner_is_read(file):
    expected = {"7.jpg": ["A dog on grass."], "8.png": [], "9.jpg": ["a man"]}
    assert read(f"{file}:llava_next") == expected


def test_all_captioners_are_read_in_the_order_of_the_line(file):
    expected = {"7.jpg": ["a dog", "A dog on grass."], "8.png": ["a cat"], "9.jpg": ["a man"]}
    assert read(file) == expected
    assert read(f"{file}:blip2", f"{file}:llava_next") == expected


def test_a_compressed_file_is_read(file):
    packed = file.with_name("captions.jsonl.gz")
    packed.write_bytes(gzip.compress(file.read_bytes()))
    assert read(f"{packed}:blip2") == read(f"{file}:blip2")


def test_files_of_lines_join_them(file, tmp_path):
    other = tmp_path / "more.txt"
    other.write_text("7.jpg :old\n7.jpg :a big dog\n8.png :a cat\n", encoding="utf-8")
    tally = Counter()
    found = read(f"{file}:blip2", other, tally=tally)
    assert found == {"7.jpg": ["a dog", "a big dog"], "8.png": ["a cat"], "9.jpg": ["a man"]}
    assert tally == {TWICE: 1}


def test_a_file_whose_name_has_a_colon_is_a_file(tmp_path):
    path = tmp_path / "a.jsonl:b"
    assert CaptionFile.parse(str(path)) == (tmp_path / "a.jsonl", "b")
    path.write_text("1.jpg :a dog\n", encoding="utf-8")
    assert CaptionFile.parse(str(path)) == (path, None)


@pytest.mark.parametrize(
    ("line", "key", "message"),
    [
        ('{"image": "1.jpg", "blip2": "x"}', ":blip", "no caption 'blip'; did you mean 'blip2'"),
        ('{"blip2": "x"}', "", "image: missing"),
        ('{"image": 3, "blip2": "x"}', "", "image: expected a string, got 3"),
        ('{"image": "1.jpg", "blip2": ["x"]}', "", r"blip2: expected a string, got \['x'\]"),
        ("[1]", "", r"expected an object with 'image' and captions, got \[1\]"),
        ("a.jpg :a dog", "", "not JSON"),
    ],
)
def test_another_form_is_refused_with_its_line(tmp_path, line, key, message):
    path = tmp_path / "c.jsonl"
    path.write_text(f"\n{line}\n", encoding="utf-8")
    with pytest.raises(DataError, match=rf"c\.jsonl:2: {message}") as caught:
        read(f"{path}{key}")
    assert "\n" not in str(caught.value)


MNRE = {
    "token": ["Ada", "visits", "Bonn"],
    "h": {"name": "Ada", "pos": [0, 1]},
    "t": {"name": "Bonn", "pos": [2, 3]},
    "img_id": "7.jpg",
    "relation": "/per/loc/place_of_residence",
}


def converted(tmp_path, *captions):
    source, target = tmp_path / "mnre.txt", tmp_path / "posts.jsonl"
    source.write_text(f"{MNRE}\n", encoding="utf-8")
    options = [part for each in captions for part in ("--captions", str(each))]
    code = main(["data", "convert", "mnre", str(source), str(target), "--merge", "v1", *options])
    return code, target


def test_a_converted_post_has_the_descriptions_of_its_picture(file, tmp_path):
    code, target = converted(tmp_path, f"{file}:llava_next", f"{file}:blip2")
    assert code == 0
    (post,) = read_posts(target)
    assert post.alt_text == "A dog on grass."
    assert post.alt_texts == post.descriptions == ("A dog on grass.", "a dog")
    assert "alt_text" not in json.loads(target.read_text())


def test_one_description_is_the_alternative_text(file, tmp_path):
    code, target = converted(tmp_path, f"{file}:blip2")
    assert code == 0
    line = json.loads(target.read_text())
    assert line["alt_text"] == "a dog"
    assert "alt_texts" not in line


def test_a_missing_file_of_captions_is_one_line(tmp_path, capsys):
    code, target = converted(tmp_path, tmp_path / "gone.jsonl:blip2")
    assert code == 2
    assert not target.exists()
    error = capsys.readouterr().err
    assert "gone.jsonl" in error
    assert len(error.strip().splitlines()) == 1


def test_descriptions_are_written_and_read_back(tmp_path):
    posts = [
        Post("x", id="1", alt_texts=["a man", "two men"]),
        Post("x", id="2", alt_text="first", alt_texts=("a man", "first")),
        Post("x", id="3", alt_text="alone"),
    ]
    write_posts(tmp_path / "posts.jsonl", posts)
    assert list(read_posts(tmp_path / "posts.jsonl")) == posts
    assert list(read_posts(tmp_path / "posts.jsonl", gold=False)) == posts
    assert [post.descriptions for post in posts] == [
        ("a man", "two men"),
        ("first", "a man"),
        ("alone",),
    ]


def test_wrong_descriptions_are_told():
    with pytest.raises(ValueError, match="alt_texts: expected a string, got 3"):
        Post.from_dict({"id": "1", "text": "x", "alt_texts": ["a", 3]})
    with pytest.raises(ValueError, match="alt_texts: expected a list, got 'a'"):
        Post.from_dict({"id": "1", "text": "x", "alt_texts": "a"})
