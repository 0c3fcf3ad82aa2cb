import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jmere.data.jsonl import post_from_json, post_to_json, read_posts, write_posts
from jmere.errors import DataError
from jmere.records import Entity, Post, Quintuple, SceneGraph, SceneObject, SceneRelation
from jmere.tags import TagSet

ANN, OSLO = Entity("Ann", "per", 0, 3), Entity("Oslo", "loc", 7, 11)
GRAPH = SceneGraph(
    (SceneObject("woman", (0.0, 1.5, 20.0, 30.0), 0.9), SceneObject("hat")),
    (SceneRelation(0, "wearing", 1, 0.5),),
    (640, 480),
)
FULL = Post(
    text="Ann in Oslo", image="a/b.jpg", alt_text="A woman", scene_graph=GRAPH, id="p1",
    quintuples=[Quintuple(ANN, OSLO, "place_of_birth")], entities=[Entity("in", "misc", 4, 6)],
)  # fmt: skip
GOOD = {"id": "p", "text": "Ann in Oslo"}


def quintuple(**changes):
    value = {
        "head": {"start": 0, "end": 3, "type": "per"},
        "tail": {"start": 7, "end": 11, "type": "loc"},
        "relation": "place_of_birth",
    }
    return {**value, **changes}


@pytest.fixture
def jsonl(tmp_path):
    def write(*lines):
        path = tmp_path / "posts.jsonl"
        raw = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
        path.write_bytes(b"\n".join(raw))
        return path

    return write


def messages(path, **options):
    told = []
    list(read_posts(path, on_problem=told.append, **options))
    return [(problem.line, problem.message) for problem in told]


@pytest.mark.parametrize(
    "post", [FULL, Post(text="", id="x"), Post(tokens=["a", "\u00a0"], id="y")]
)
def test_a_post_written_and_read_is_the_same(tmp_path, post):
    path = tmp_path / "posts.jsonl"

    assert write_posts(path, [post, post]) == 2
    assert list(read_posts(path)) == [post, post]


words = st.lists(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)
)


@given(words, st.booleans(), st.data())
def test_any_text_keeps_its_characters_and_offsets(tokens, tokenised, data):
    text = " ".join(tokens)
    post = Post(tokens=tokens, id="x") if tokenised else Post(text=text, id="x")
    if text:
        start = data.draw(st.integers(0, len(text) - 1))
        end = data.draw(st.integers(start + 1, len(text)))
        post = Post(
            post.text, tokens=post.tokens, entities=[Entity(text[start:end], "t", start, end)]
        )

    again = post_from_json(json.loads(json.dumps(post_to_json(post), ensure_ascii=False)))

    assert again == post
    assert [entity.text for entity in again.entities] == [entity.text for entity in post.entities]


def test_the_line_of_a_post_is_as_documented():
    assert post_to_json(FULL) == {
        "id": "p1",
        "text": "Ann in Oslo",
        "image": "a/b.jpg",
        "alt_text": "A woman",
        "scene_graph": {
            "objects": [
                {"label": "woman", "box": [0.0, 1.5, 20.0, 30.0], "score": 0.9},
                {"label": "hat"},
            ],
            "relations": [{"subject": 0, "predicate": "wearing", "object": 1, "score": 0.5}],
            "size": [640, 480],
        },
        "quintuples": [
            {
                "head": {"start": 0, "end": 3, "type": "per"},
                "tail": {"start": 7, "end": 11, "type": "loc"},
                "relation": "place_of_birth",
            }
        ],
        "entities": [{"start": 4, "end": 6, "type": "misc"}],
    }


def test_a_picture_in_memory_has_no_place_in_a_file():
    with pytest.raises(ValueError, match="post 'x': its image is in memory"):
        post_to_json(Post(text="a", id="x", image=object()))


def test_blank_lines_line_ends_and_a_byte_order_mark_change_nothing(jsonl):
    line = json.dumps(GOOD).encode()

    posts = list(read_posts(jsonl(b"\xef\xbb\xbf" + line + b"\r", b"", b" \r", line)))

    assert [post.text for post in posts] == ["Ann in Oslo", "Ann in Oslo"]


BAD = [
    (b"\xff\xfe{", "not UTF-8: byte 0xff at column 1"),
    (b'{"id": "a\0"}', "null byte at column 10"),
    (b"{", "not JSON: Expecting property name enclosed in double quotes at column 2"),
    ([], "expected an object, got []"),
    (b"[" * 200_000, "not readable JSON: "),
    ({"text": "a"}, "missing 'id'"),
    ({"id": 1.5, "text": "a"}, "id: expected a string, got 1.5"),
    ({"id": True, "text": "a"}, "id: expected a string, got True"),
    ({"id": " ", "text": "a"}, "id: expected a name, got a blank"),
    ({"id": "p"}, "missing 'text' or 'tokens'"),
    ({"id": "p", "text": "a\0"}, "text: contains a null character"),
    ({"id": "p", "text": "ab\ud800"}, "text: is not valid Unicode at character 2"),
    ({"id": "p", "tokens": ["a", ""]}, "tokens: word 1: is empty"),
    ({"id": "p", "tokens": "ab"}, "tokens: expected a list, got 'ab'"),
    ({"id": "p", "text": "a", "tokens": ["b"]}, "text and tokens disagree: expected the words"),
    ({**GOOD, "alttext": "x"}, "unknown key 'alttext'; did you mean 'alt_text'?"),
    ({**GOOD, "quintuples": {}}, "quintuples: expected a list, got {}"),
    (
        {**GOOD, "entities": [{"start": 0, "end": 12, "type": "per"}]},
        "entities[0]: ends at character 12, but the text has 11 characters",
    ),
    (
        {**GOOD, "entities": [{"start": 3, "end": 0, "type": "per"}]},
        "entities[0]: characters 3 to 0 are not a span: expected 0 <= start < end",
    ),
    (
        {**GOOD, "entities": [{"start": False, "end": 3, "type": "per"}]},
        "entities[0]: start: expected a whole number, got False",
    ),
    (
        {**GOOD, "entities": [{"text": "Ann", "type": "per", "end": 3}]},
        "entities[0]: start: missing",
    ),
    (
        {**GOOD, "entities": [{"start": 0, "end": 3, "type": "per", "text": "Bob"}]},
        "entities[0]: text is 'Bob', but characters 0 to 3 are 'Ann'",
    ),
    (
        {**GOOD, "quintuples": [quintuple(tail={"start": 0, "end": 3, "type": "org"})]},
        "quintuples[0]: head and tail are the same characters, 0 to 3",
    ),
    (
        {**GOOD, "quintuples": [quintuple(score=float("nan"))]},
        "quintuples[0]: score: expected a finite number, got nan",
    ),
    ({**GOOD, "scene_graph": {}}, "scene_graph: objects: missing"),
    (
        {**GOOD, "scene_graph": {"objects": [{"label": "a", "box": [0, 0, -1, 2]}]}},
        "scene_graph: objects[0]: box: expected [x0, y0, x1, y1]",
    ),
    (
        {
            **GOOD,
            "scene_graph": {
                "objects": [{"label": "a"}],
                "relations": [{"subject": 0, "predicate": "on", "object": 1}],
            },
        },
        "scene_graph: relations[0]: object: there is no object 1 among 1",
    ),
]


@pytest.mark.parametrize(("line", "message"), BAD)
def test_a_faulty_line_is_told_and_the_next_one_read(jsonl, line, message):
    told = []

    posts = list(read_posts(jsonl(line, GOOD), on_problem=told.append))

    assert [post.id for post in posts] == ["p"]
    [problem] = told
    assert problem.line == 1
    assert problem.message.startswith(message)


def test_all_the_faults_of_a_line_are_told(jsonl):
    bad = quintuple(head={"start": 9, "end": 99, "type": "pre"}, relation="place_of_brith")
    line = {"id": None, "texts": 1, "text": "Ann in Oslo", "quintuples": [bad, quintuple(), bad]}

    told = [message for _, message in messages(jsonl(line), tags=TagSet.load())]

    assert told == [
        "unknown key 'texts'; did you mean 'text'?",
        *(
            f"quintuples[{index}]: {fault}"
            for index in (0, 2)
            for fault in (
                "head: type: unknown entity type 'pre'; did you mean 'per'?",
                "head: ends at character 99, but the text has 11 characters",
                "relation: unknown relation 'place_of_brith'; did you mean 'place_of_birth'?",
            )
        ),
        "missing 'id'",
    ]  # fmt: skip


def test_a_strict_reader_stops_with_file_and_line(jsonl):
    posts = read_posts(jsonl(GOOD, b"?"))

    assert next(posts).id == "p"
    with pytest.raises(DataError, match=r"posts\.jsonl:2: not JSON"):
        next(posts)


def test_a_value_is_refused_with_all_its_faults():
    with pytest.raises(ValueError, match=r"unknown key 'a'; known: .*; missing 'text' or 'tokens'"):
        post_from_json({"a": 1})


def test_a_post_in_memory_needs_no_id():
    assert post_from_json({"text": "a"}) == Post(text="a")


def to_read(path, **options):
    told = []
    posts = list(read_posts(path, gold=False, on_problem=told.append, **options))
    return posts, [(problem.line, problem.message) for problem in told]


def test_a_whole_number_is_an_id(jsonl):
    path = jsonl({"id": 7, "text": "a"}, {"id": -(10**30), "text": "a"})
    assert [post.id for post in read_posts(path)] == ["7", f"-1{'0' * 30}"]


def test_of_posts_to_read_keys_and_annotation_are_passed_over(jsonl):
    line = {**GOOD, "lang": "en", "quintuples": "none", "entities": [{"type": ""}]}
    assert to_read(jsonl(line)) == ([Post(id="p", text="Ann in Oslo")], [])


def test_of_posts_to_read_characters_and_boxes_are_left_to_be_mended(jsonl):
    box = b'{"label": "a", "box": [0, NaN, 1e999, 1]}'
    line = b'{"id": "p", "text": "cut \\ud83d\\u0000", "scene_graph": {"x": 1, "objects": [%s]}}'
    [post], told = to_read(jsonl(line % box))
    assert told == []
    assert post.text == "cut \ud83d\0"
    assert str(post.scene_graph.objects[0].box) == "(0.0, nan, inf, 1.0)"
    assert len(messages(jsonl(line % box))) == 2


@pytest.mark.parametrize(
    ("fields", "warning"),
    [
        ({"image": 7}, "image left out: expected a string, got 7"),
        ({"alt_text": ["a"]}, "alt_text left out: expected a string, got ['a']"),
        ({"scene_graph": []}, "scene_graph left out: expected an object, got []"),
        (
            {"scene_graph": {"objects": [{"label": "a", "box": [1, 2]}]}},
            "scene_graph left out: objects[0]: box: expected [x0, y0, x1, y1], x0 <= x1 and "
            "y0 <= y1, each of at most 1,000,000 pixels, got [1, 2]",
        ),
    ],
)
def test_of_posts_to_read_a_faulty_picture_is_a_warning(jsonl, fields, warning):
    assert to_read(jsonl({**GOOD, **fields}))[0][0].warnings == (warning,)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"id": [1], "text": "a"}, "id: expected a string, got [1]"),
        ({"id": "p", "text": 5}, "text: expected a string, got 5"),
        ({"id": "p", "tokens": "a b"}, "tokens: expected a list, got 'a b'"),
        ({"id": "p", "tokens": ["a", 1]}, "tokens: word 1: expected a string, got 1"),
        ({"text": "a"}, "missing 'id'"),
        ({"id": "p"}, "missing 'text' or 'tokens'"),
        ([1], "expected an object, got [1]"),
    ],
)
def test_posts_to_read_need_an_id_and_a_text(jsonl, line, message):
    posts, told = to_read(jsonl(line, GOOD))
    assert [post.id for post in posts] == ["p"]
    assert told == [(1, message)]


def test_boxes_that_no_picture_has_are_faults_of_gold_posts(jsonl):
    graph = {"objects": [{"label": "a", "box": [0, 0, 1e39, 1]}]}
    [(_, message)] = messages(jsonl({**GOOD, "scene_graph": graph}))
    assert message.startswith("scene_graph: objects[0]: box: expected [x0, y0, x1, y1]")


@pytest.mark.parametrize("gold", [True, False])
def test_a_line_of_a_later_version_is_refused(jsonl, gold):
    told = []
    lines = jsonl({**GOOD, "schema_version": 99, "new": 1}, {**GOOD, "schema_version": 1})
    assert len(list(read_posts(lines, gold=gold, on_problem=told.append))) == 1
    [problem] = told
    assert problem.message == "schema_version: 99 is of a later jmere; this one reads 1"
