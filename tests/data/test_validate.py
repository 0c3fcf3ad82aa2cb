import json

from jmere.data.validate import problems
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
        (1, f"image ../c.jpg: leads out of the folder {tmp_path}; expected a path inside it"),
        (2, "expected an object, got 7"),
        (3, "entity 'An', characters 0 to 2, begins or ends inside a word; "
            "the words there are 'Ann' (0 to 3)"),
        (3, "id 'a' is already on line 1"),
        (4, "unknown key 'colour'; known: alt_text, entities, id, image, quintuples, "
            "scene_graph, text, tokens"),
        (5, f"image /etc/passwd: leads out of the folder {tmp_path}; expected a path inside it"),
        (5, "id 'a' is already on line 1"),
    ]  # fmt: skip


def test_images_may_be_in_a_folder_of_their_own(tmp_path):
    folder = tmp_path / "pictures"
    path = tmp_path / "posts.jsonl"
    path.write_text(json.dumps(post("a", image="../a.jpg")), encoding="utf-8")

    assert list(problems(path)) != []
    path.write_text(json.dumps(post("a", image="sub/../a.jpg")), encoding="utf-8")
    assert list(problems(path, images=folder)) == []


def test_the_words_of_a_text_decide_what_is_inside_one(tmp_path):
    tokens = {"id": "a", "tokens": ["New York", "!"]}

    assert check(tmp_path, {**tokens, "entities": [entity(0, 8, "loc")]}) == []
    [(_, message)] = check(tmp_path, {**tokens, "entities": [entity(0, 3, "loc")]})
    assert message.endswith("the words there are 'New York' (0 to 8)")
