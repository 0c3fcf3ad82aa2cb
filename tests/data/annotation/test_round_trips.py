from collections import Counter
from dataclasses import replace

import pytest
from annotation_cases import records, same
from hypothesis import HealthCheck, assume, given, settings

from jmere import Entity, Post, Quintuple
from jmere.data.annotation import (
    read_brat,
    read_doccano,
    read_labelstudio,
    write_brat,
    write_doccano,
    write_labelstudio,
)
from jmere.data.readers import read_conll, read_mnre
from jmere.errors import DataError

TOOLS = {
    "labelstudio": (write_labelstudio, read_labelstudio, "tasks.json"),
    "doccano": (write_doccano, read_doccano, "doccano.jsonl"),
    "brat": (write_brat, read_brat, "brat"),
}
SOME = settings(max_examples=60, suppress_health_check=list(HealthCheck))
BREAKS = "\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029"


def sent(tool, given_posts, folder):
    write, read, name = TOOLS[tool]
    assert write(folder / name, given_posts) == len(given_posts)
    return list(read(folder / name))


@pytest.mark.parametrize("tool", TOOLS)
@SOME
@given(record=records())
def test_nothing_is_lost_in_a_tool(tool, record, tmp_path_factory):
    post = Post.from_dict(record)
    ends = [end for each in post.quintuples for end in (each.head, each.tail)]
    if tool == "brat":  # which has no such spans, and says so
        assume(
            not any(
                each.text[0] in BREAKS or each.text[-1] in BREAKS
                for each in (*ends, *post.entities)
            )
        )
    (found,) = sent(tool, [post], tmp_path_factory.mktemp(tool))
    same(found, post)


@pytest.mark.parametrize("tool", TOOLS)
def test_ids_and_order_are_kept(tool, tmp_path):
    names = ["b", "a/b", "../a", ".hidden", "A", "a", "é" * 300, "posts", "1"]
    given_posts = [Post(f"Ann in {name}", id=name) for name in names]
    assert sent(tool, given_posts, tmp_path) == given_posts


@pytest.mark.parametrize("tool", TOOLS)
def test_direction_and_several_relations_of_a_pair(tool, tmp_path):
    ann, bob = Entity("Ann", "per", 0, 3), Entity("Bob", "per", 5, 8)
    both = [Quintuple(ann, bob, "peer"), Quintuple(bob, ann, "peer"), Quintuple(ann, bob, "boss")]
    post = Post("Ann, Bob", id="1", quintuples=both, entities=[Entity("Ann", "misc", 0, 3)])
    (found,) = sent(tool, [post], tmp_path)
    same(found, post)


def with_emoji(post):
    """Put emoji, of one and of several code points, before the text and at every third blank."""
    places, text, blanks = [], "👩‍👩‍👧 ", 0
    for character in post.text:
        places.append(len(text))
        text += character
        blanks += character == " "
        if character == " " and blanks % 3 == 0:
            text += "🎉"

    def moved(entity):
        start, end = places[entity.start], places[entity.end - 1] + 1
        return replace(entity, text=text[start:end], start=start, end=end)

    quintuples = [replace(q, head=moved(q.head), tail=moved(q.tail)) for q in post.quintuples]
    return replace(
        post,
        text=text,
        tokens=None,
        quintuples=quintuples,
        entities=[moved(each) for each in post.entities],
    )


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize(
    ("read", "name"),
    [
        (lambda path: read_mnre(path, merge="v2"), "mnre/mnre_val.txt"),
        (lambda path: read_mnre(path, merge="v1"), "mnre/v1/ours_val.txt"),
        (read_conll, "mner/twitter2017/valid.txt"),
        (read_conll, "mner/twitter2015/valid.txt"),
    ],
    ids=["mnre-v2", "mnre-v1", "twitter2017", "twitter2015"],
)
def test_nothing_is_lost_of_the_data_sets(tool, read, name, shared, tmp_path):
    given_posts = [with_emoji(post) for post in read(shared / "data" / name)]
    assert len(given_posts) > 100
    for found, post in zip(sent(tool, given_posts, tmp_path), given_posts, strict=True):
        same(found, post)


def test_metadata_that_a_data_frame_lost_is_absent(tmp_path):
    path = tmp_path / "exported.jsonl"
    path.write_text(
        '{"id": "1", "text": "Ann", "image": NaN, "alt_text": null, "label": [[0, 3, "per"]]}\n'
        '{"id": NaN, "text": "Bob", "entities": [], "relations": [], "Comments": ["hm"]}\n'
    )
    tally = Counter()
    first, second = read_doccano(path, tally=tally)
    assert (first.image, first.entities) == (None, (Entity("Ann", "per", 0, 3),))
    assert second.id == "line-2"
    assert tally == {"comments of annotators were dropped": 1}


LABELLED = """[{"id": 5, "data": {"text": "\\ud83d\\ude00 Ann, Bob"}, "annotations": [
  {"was_cancelled": true, "result": []},
  {"result": []},
  {"ground_truth": true, "result": [
    {"id": "a", "type": "labels", "value": {"start": 2, "end": 5, "text": "Ann",
      "labels": ["per"]}},
    {"id": "b", "type": "labels", "value": {"start": 8, "end": 11, "text": "Bob",
      "labels": ["per"]}},
    {"type": "relation", "from_id": "a", "to_id": "b", "direction": "left", "labels": ["boss"]},
    {"type": "relation", "from_id": "a", "to_id": "b", "direction": "bi", "labels": ["peer"]},
    {"type": "relation", "from_id": "a", "to_id": "b", "direction": "right", "labels": []},
    {"id": "c", "type": "choices", "value": {"choices": ["x"]}}]}]}]"""


def test_what_people_do_in_label_studio_is_read(tmp_path):
    path, tally = tmp_path / "export.json", Counter()
    path.write_text(LABELLED.replace("\\\\", "\\"))
    (post,) = read_labelstudio(path, tally=tally)
    ann, bob = Entity("Ann", "per", 2, 5), Entity("Bob", "per", 7, 10)
    assert post.id == "5"
    assert post.quintuples == (
        Quintuple(bob, ann, "boss"), Quintuple(ann, bob, "peer"), Quintuple(bob, ann, "peer"),
    )  # fmt: skip
    assert sum(tally.values()) == 4  # an annotation, a choice, a relation, offsets in UTF-16


BRAT = """T1\tper 0 3\tAnn
T2\tloc 7 8;9 11\tB nn
R1\tresidence Arg2:T2 Arg1:T1
A1\tSure T1
#1\tAnnotatorNotes T1\ta note
"""


def test_what_brat_adds_is_counted(tmp_path):
    (tmp_path / "p.txt").write_text("Ann in Bonn")
    (tmp_path / "p.ann").write_text(BRAT)
    tally = Counter()
    (post,) = read_brat(tmp_path, tally=tally)
    assert post.quintuples == (
        Quintuple(Entity("Ann", "per", 0, 3), Entity("Bonn", "loc", 7, 11), "residence"),
    )
    assert sorted(tally.values()) == [1, 2]


def test_documents_outside_the_folder_are_not_read(tmp_path):
    (tmp_path / "secret").write_text("Ann")
    (tmp_path / "brat").mkdir()
    (tmp_path / "brat" / "p.txt").symlink_to(tmp_path / "secret")
    with pytest.raises(DataError, match="outside the folder"):
        list(read_brat(tmp_path / "brat"))
