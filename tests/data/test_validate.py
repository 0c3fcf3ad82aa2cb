import json

import pytest

from jmere.data.validate import Checks, check_posts, problems
from jmere.errors import DataError
from jmere.tags import TagSet


def check(tmp_path, *lines):
    path = tmp_path / "posts.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    found = list(problems(path, TagSet.load()))
    assert all(problem.file == str(path) for problem in found)
    return [(problem.line, problem.message) for problem in found]


def post(name, **fields):
    return {"id": name, "text": "Ann in Oslo!", **fields}


def entity(start, end, kind="per"):
    return {"start": start, "end": end, "type": kind}


def quintuple(head, tail, relation="place_of_birth"):
    return {"head": head, "tail": tail, "relation": relation}


def test_a_good_file_has_no_problem(tmp_path):
    gold = quintuple(entity(0, 3), entity(7, 11, "loc"))

    assert check(tmp_path, post("a", quintuples=[gold], image="b/c.jpg"), post("b")) == []


def test_every_problem_of_every_line_is_listed_in_order(tmp_path):
    bad = quintuple(entity(0, 3, "pers"), entity(7, 99, "loc"), "place_of_brith")
    good = quintuple(entity(0, 3), entity(7, 11, "loc"))

    assert check(
        tmp_path,
        post("a", quintuples=[bad, good, good], image="../c.jpg"),
        7,
        post("a", entities=[entity(0, 2), entity(7, 12)]),
        post("b", colour="red"),
        post("a", image="/etc/passwd"),
    ) == [
        (1, "quintuples[0]: head: type: unknown entity type 'pers'; did you mean 'per'?"),
        (1, "quintuples[0]: tail: ends at character 99, but the text has 12 characters"),
        (1, "quintuples[0]: relation: unknown relation 'place_of_brith'; "
            "did you mean 'place_of_birth'?"),
        (1, "a quintuple is given twice: 'Ann' place_of_birth 'Oslo'"),
        (1, f"image ../c.jpg: is outside the folder {tmp_path}; expected a path inside it"),
        (2, "expected an object, got 7"),
        (3, "entity 'An', characters 0 to 2, begins or ends inside a word; "
            "the words there are 'Ann' (0 to 3)"),
        (3, "id 'a' is already on line 1"),
        (4, "unknown key 'colour'; known: alt_text, alt_texts, author, entities, id, image, kept, "
            "language, quintuples, scene_graph, schema_version, text, time, tokens, url"),
        (5, f"image /etc/passwd: is outside the folder {tmp_path}; expected a path inside it"),
        (5, "id 'a' is already on line 1"),
    ]  # fmt: skip


def found(path, **checks):
    return [(each.kind.value, each.message) for each in problems(path, checks=Checks(**checks))]


def posts_file(tmp_path, *lines, name="posts.jsonl"):
    path = tmp_path / name
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def test_pictures_must_be_there_where_their_folder_is_named(tmp_path):
    folder = tmp_path / "pictures"
    (folder / "sub").mkdir(parents=True)
    (folder / "good.jpg").write_bytes(b"picture")
    (folder / "empty.jpg").touch()
    (folder / "loop.jpg").symlink_to("loop.jpg")
    names = ["sub/../good.jpg", "gone.jpg", "empty.jpg", "sub", "../posts.jsonl", "loop.jpg"]
    path = posts_file(tmp_path, *(post(name, image=name) for name in names))

    told = list(problems(path, checks=Checks(images=folder)))

    assert [(each.line, each.kind.value) for each in told] == [
        (line, "image") for line in (2, 3, 4, 5, 6)
    ]
    assert [each.message for each in told[:3]] == [
        f"image gone.jpg: no such file in {folder}",
        "image empty.jpg: is empty",
        f"image sub: no such file in {folder}",
    ]
    assert "loop" in told[4].message
    assert [each.line for each in problems(path)] == [5]


def test_a_picture_is_looked_at_by_what_can(tmp_path):
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_bytes(b"x")
    path = posts_file(tmp_path, post("a", image="a.jpg"), post("b", image="b.jpg"))

    def picture(name):
        return f"{name}: is no picture" if name == "b.jpg" else None

    told = found(path, images=tmp_path, picture=picture)
    assert told == [("image", "image b.jpg: is no picture")]


@pytest.mark.parametrize("text", ["", " \n", "\u200b\u00a0"])
def test_a_post_without_a_word_is_told(tmp_path, text):
    path = posts_file(tmp_path, {"id": "a", "text": text})

    assert found(path) == [("empty", "the post has no word")]


def test_what_no_grid_holds_is_told(tmp_path):
    nested = post("a", entities=[entity(0, 11, "org"), entity(7, 11, "loc")])
    two_types = post("b", entities=[entity(0, 3), entity(0, 3, "org")])
    inside = post("c", quintuples=[quintuple(entity(0, 11), entity(7, 11, "loc"))])
    pair = [quintuple(entity(0, 3), entity(7, 11, "loc"), kind) for kind in ("place_of_birth", "x")]
    path = posts_file(tmp_path, nested, two_types, inside, post("d", quintuples=pair))

    told = list(problems(path))

    assert {each.kind.value for each in told} == {"grid"}
    assert [(each.line, each.message.rpartition(": ")[2]) for each in told] == [
        (1, "the entity overlaps another entity"),
        (2, "the entity's words already have another type"),
        (3, "head and tail overlap"),
        (3, "the entity overlaps another entity"),
        (4, "the pair already has another relation"),
    ]
    assert told[0].message.startswith("entity 'Oslo', characters 7 to 11, type loc, does not fit")


def test_a_post_over_the_models_length_is_told(tmp_path):
    path = posts_file(tmp_path, post("a"), {"id": "b", "tokens": ["word"] * 9})

    assert found(path, pieces=lambda words: len(words) + 2, longest=8) == [
        ("length", "the post has 11 word pieces, but the model takes 8 at once")
    ]


def test_a_box_beyond_its_picture_is_told(tmp_path):
    def scene(box, **size):
        return {"scene_graph": {"objects": [{"label": "dog", "box": box}], **size}}

    path = posts_file(
        tmp_path,
        post("a", **scene([0, 0, 640.5, 480], size=[640, 480])),
        post("b", **scene([0, 0, 700, 480], size=[640, 480])),
        post("c", **scene([-40, 0, 7, 8])),
        post("d", **scene([0, 0, 7, 1e308])),
    )

    assert [each.line for each in problems(path)] == [2, 3, 4]


def test_a_lone_surrogate_is_told(tmp_path):
    path = tmp_path / "posts.jsonl"
    path.write_text('{"id": "a", "text": "x \\ud83d y"}\n', encoding="utf-8")

    assert found(path) == [("record", "text: is not valid Unicode at character 2")]


def test_checked_posts_are_read_once_and_ids_hold_across_files(tmp_path):
    one = posts_file(tmp_path, post("a"), post("b", colour="red"), post("c"), name="1.jsonl")
    two = posts_file(tmp_path, post("d", entities=[entity(0, 2)]), post("a"), name="2.jsonl")
    told = []

    posts = list(check_posts(one, two, on_finding=told.append))

    assert [each.id for each in posts] == ["a", "c", "d"]
    assert [(each.line, each.kind.value) for each in told] == [
        (2, "record"), (1, "boundary"), (2, "id"),
    ]  # fmt: skip
    assert told[-1].message == f"id 'a' is already in {one}:1"


def test_a_strict_check_stops_at_what_cannot_be_trained_on_alone(tmp_path):
    good = post("a", entities=[entity(0, 2)], image="gone.jpg")
    path = posts_file(tmp_path, good, post("b"), post("a"))

    posts = check_posts(path, checks=Checks(images=tmp_path))

    assert [next(posts).id, next(posts).id] == ["a", "b"]
    with pytest.raises(DataError, match=r"posts\.jsonl:3: id 'a' is already on line 1"):
        next(posts)


def test_the_words_of_a_text_decide_what_is_inside_one(tmp_path):
    tokens = {"id": "a", "tokens": ["New York", "!"]}

    assert check(tmp_path, {**tokens, "entities": [entity(0, 8, "loc")]}) == []
    [(_, message)] = check(tmp_path, {**tokens, "entities": [entity(0, 3, "loc")]})
    assert message.endswith("the words there are 'New York' (0 to 8)")
