import ast
import json
import tempfile
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jmere.data.readers.mnre import UNRELATED, read_mnre
from jmere.data.stats import GridFacts, statistics
from jmere.errors import DataError

BILL = "['Bill', 'in', 'Rome']"
ANNA = "['Anna', 'in', 'Oslo']"


def pair(words, relation, image="'a.jpg'", head="[0, 1]", tail="[2, 3]"):
    return (
        f"{{'token': {words}, 'h': {{'name': 'x', 'pos': {head}}}, "
        f"'t': {{'name': 'y', 'pos': {tail}}}, 'img_id': {image}, 'relation': {relation!r}}}\n"
    )


LIVES, BORN = "/per/loc/place_of_residence", "/per/loc/place_of_birth"


@pytest.fixture
def mnre(tmp_path):
    def write(*lines):
        path = tmp_path / "mnre.txt"
        path.write_text("".join(lines), encoding="utf-8")
        return path

    return write


def relations(posts):
    return [[quintuple.relation for quintuple in post.quintuples] for post in posts]


@pytest.mark.parametrize(
    ("split", "samples", "quintuples", "overlapping", "touching"),
    [("train", 3618, 4503, 35, 16), ("val", 496, 624, 1, 5)],
)
def test_v1_has_the_figures_of_the_specification(
    shared, split, samples, quintuples, overlapping, touching
):
    posts = list(read_mnre(shared / f"data/mnre/mnre_{split}.txt", merge="v1"))
    found = statistics(posts)

    assert (found.samples, found.quintuples, found.entities) == (
        samples, quintuples, 2 * quintuples,
    )  # fmt: skip
    assert found.images == samples == len({post.id for post in posts})
    assert found.grid == GridFacts(overlapping=overlapping, touching=touching)


@pytest.mark.parametrize(
    ("split", "samples", "quintuples"), [("train", 3465, 4503), ("val", 473, 624)]
)
def test_v2_has_the_samples_it_should(shared, split, samples, quintuples):
    posts = list(read_mnre(shared / f"data/mnre/mnre_{split}.txt", merge="v2"))

    assert len(posts) == samples
    assert sum(len(post.quintuples) for post in posts) == quintuples


def test_version_1_of_mnre_reads_without_a_problem(shared):
    assert len(list(read_mnre(shared / "data/mnre/v1/ours_val.txt", merge="v2"))) == 267


def test_a_quintuple_has_character_offsets(mnre):
    [post] = read_mnre(mnre(pair(BILL, LIVES)), merge="v1")

    [quintuple] = post.quintuples
    assert (post.id, post.image, post.tokens) == ("a", "a.jpg", ("Bill", "in", "Rome"))
    assert (quintuple.head.text, quintuple.head.start, quintuple.head.end) == ("Bill", 0, 4)
    assert (quintuple.tail.text, quintuple.tail.start, quintuple.tail.end) == ("Rome", 8, 12)
    assert (quintuple.head.type, quintuple.tail.type) == ("per", "loc")


def test_v1_merges_a_run_of_the_same_words_that_an_unrelated_pair_ends(mnre):
    path = mnre(pair(BILL, LIVES), pair(BILL, BORN), pair(BILL, "None"), pair(BILL, LIVES))

    posts = list(read_mnre(path, merge="v1"))

    assert relations(posts) == [["place_of_residence", "place_of_birth"], ["place_of_residence"]]
    assert [post.id for post in posts] == ["a", "a-2"]


def test_v2_merges_all_of_the_same_words(mnre):
    path = mnre(pair(BILL, "none"), pair(BILL, LIVES), pair(ANNA, LIVES), pair(BILL, BORN))

    assert relations(read_mnre(path, merge="v2")) == [
        ["place_of_residence", "place_of_birth"],
        ["place_of_residence"],
    ]


def test_a_post_without_image_is_named_after_its_line(mnre):
    line = pair(BILL, LIVES).replace("'img_id': 'a.jpg', ", "")

    [post] = read_mnre(mnre("\n", line), merge="v1")

    assert (post.id, post.image) == ("line-2", None)


def test_a_bare_number_stands_for_its_jpg(mnre):
    [post] = read_mnre(mnre(pair(BILL, LIVES, image="71532")), merge="v1")

    assert (post.id, post.image) == ("71532", "71532.jpg")


def test_every_fault_is_told_with_its_line_and_the_rest_is_read(mnre):
    told = []
    path = mnre(
        pair(BILL, LIVES, head="[0, 9]", tail="[2, 2]"),
        "__import__('os').system('true')\n",
        pair(BILL, "member_of"),
        pair(ANNA, LIVES),
        pair(BILL, LIVES, head="[True, 1]"),
        pair(BILL, LIVES, tail="[0, 1]"),
    )

    posts = list(read_mnre(path, merge="v1", on_problem=told.append))

    assert [post.text for post in posts] == ["Anna in Oslo"]
    assert [(problem.line, problem.message) for problem in told] == [
        (1, "head: ends at word 9, but the text has 3 words"),
        (1, "tail: words 2 to 2 are not a span: expected 0 <= start < end"),
        (2, "neither JSON nor a Python literal: \"__import__('os').system('true')\""),
        (3, "relation: expected '/head_type/tail_type/relation' or 'None', got 'member_of'"),
        (5, "head: expected a whole number, got True"),
        (6, "head and tail are the same characters, 0 to 4"),
    ]


@pytest.mark.parametrize("line", ["{" * 90_000, "(" * 5000 + "1" + ")" * 5000, "-" * 90_000 + "1"])
def test_deep_nesting_is_a_problem_and_no_crash(mnre, line):
    with pytest.raises(DataError, match=r"mnre\.txt:1: neither JSON nor a Python literal"):
        list(read_mnre(mnre(line), merge="v1"))


def test_a_line_may_not_be_endless(mnre):
    with pytest.raises(DataError, match=r"mnre\.txt:1: the line is longer than 100000 bytes"):
        list(read_mnre(mnre("'" + "a" * 300_000 + "'\n"), merge="v1"))


def test_unrelated_posts_are_kept_where_asked_for(mnre):
    path = mnre(pair(BILL, "None"), pair(ANNA, "None"), pair(BILL, LIVES))
    assert relations(read_mnre(path, merge="v2")) == [[LIVES.rpartition("/")[2]]]
    kept = read_mnre(path, merge="v2", unrelated=True)
    assert relations(kept) == [["place_of_residence"], []]
    with pytest.raises(ValueError, match="unrelated posts are kept with merge 'v2' alone"):
        list(read_mnre(path, merge="v1", unrelated=True))


def test_a_list_that_never_ends_is_a_problem_and_no_crash(mnre):
    with pytest.raises(DataError, match=r"mnre\.txt:1: the list does not end"):
        list(read_mnre(mnre("[" * 90_000), merge="v1"))


def as_json(line):
    return json.dumps(ast.literal_eval(line)) + "\n"


LINES = (pair(BILL, LIVES), pair(ANNA, BORN, image="None"), pair(BILL, "None"))
DIALECTS = {
    "JSON lines": [as_json(line) for line in LINES],
    "a JSON list": [json.dumps([ast.literal_eval(line) for line in LINES])],
    "an indented JSON list": [json.dumps([ast.literal_eval(line) for line in LINES], indent=2)],
    "a Python list": ["[", ",".join(LINES), "]"],
    "a Python list on one line": [str([ast.literal_eval(line) for line in LINES])],
    "a list with a comma at its end": ["\n [", *(line.strip() + ",\n" for line in LINES), "]\n"],
    "lines with a comma": [line.strip() + ",\n" for line in LINES],
    "null in Python": [line.replace("None,", "null,") for line in LINES],
    "null for no relation": [as_json(line).replace('"None"', "null") for line in LINES],
    "None for no relation": [line.replace("'None'", "None") for line in LINES],
    "blank for no relation": [line.replace("'None'", "''") for line in LINES],
    "NA for no relation": [line.replace("'None'", "'NA'") for line in LINES],
    "no first slash": [line.replace("'/", "'") for line in LINES],
    "spans in lists": [line.replace("[0, 1]", "[[0, 1]]") for line in LINES],
    "spans as tuples": [line.replace("[0, 1]", "(0, 1)") for line in LINES],
    "head and tail": [line.replace("'h':", "'head':").replace("'t':", "'tail':") for line in LINES],
    "tokens": [line.replace("'token':", "'tokens':") for line in LINES],
    "other keys": [line.replace("{'token'", "{'id': 7, 'token'") for line in LINES],
    "image": [line.replace("'img_id'", "'image_id'") for line in LINES],
    "CR LF and a byte order mark": ["\ufeff", *(line.strip() + "\r\n" for line in LINES)],
}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_dialect_reads_as_the_plain_form_does(mnre, dialect):
    def found(*lines):
        tally = Counter()
        posts = list(read_mnre(mnre(*lines), merge="v1", tally=tally))
        return [(post.tokens, post.image, post.quintuples) for post in posts], tally

    expected, dropped = found(*LINES)
    assert len(expected) == 2
    assert dropped == {UNRELATED: 1}
    assert found(*DIALECTS[dialect]) == (expected, dropped)


def test_a_bad_record_of_a_list_is_told_with_its_line_and_the_rest_is_read(mnre):
    told = []
    first, last = pair(BILL, LIVES).strip(), pair(ANNA, BORN)
    path = mnre(f"[{first},\n{{'token': 7}},\noops, ']', {last}]\nmore\n")

    posts = list(read_mnre(path, merge="v1", on_problem=told.append))

    assert [(post.text, post.id) for post in posts] == [
        ("Bill in Rome", "a"),
        ("Anna in Oslo", "a-2"),
    ]
    assert [(each.line, each.message) for each in told] == [
        (2, "token: expected a list, got 7"),
        (2, "relation: missing"),
        (3, "neither JSON nor a Python literal: 'oops'"),
        (3, "expected an object, got ']'"),
        (5, "unexpected content after the list of records"),
    ]


def test_characters_escaped_in_json_and_python_are_read(mnre):
    word = "\U0001f600 ]}',"
    ends = {"h": {"pos": [0, 1]}, "t": {"pos": [1, 2]}, "relation": LIVES}
    in_json = json.dumps({"token": [word, "a/b"], **ends}).replace("a/b", "a\\/b")
    in_python = str({"token": [word, "a/b"], **ends}).replace("a/b", "a\\/b")

    assert [post.tokens for post in read_mnre(mnre(in_json), merge="v1")] == [(word, "a/b")]
    assert [post.tokens for post in read_mnre(mnre(f"[{in_json}]"), merge="v1")] == [(word, "a/b")]
    assert [post.tokens for post in read_mnre(mnre(in_python), merge="v1")] == [(word, "a\\/b")]


@given(st.text(st.sampled_from("[](){},:'\\\"n1 \n"), max_size=60))
def test_no_text_ends_in_anything_but_a_data_error(text):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "mnre.txt")
        path.write_text(text, encoding="utf-8")
        told = []
        list(read_mnre(path, merge="v2", on_problem=told.append))
        assert all(problem.line is not None for problem in told)


def test_a_list_of_open_quotes_takes_time_in_proportion(mnre):
    begun = time.process_time()
    with pytest.raises(DataError):
        list(read_mnre(mnre("['" + "\\'" * 500_000), merge="v1"))
    assert time.process_time() - begun < 5
