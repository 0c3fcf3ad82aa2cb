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
    given_posts = list(read(shared / "data" / name))
    assert len(given_posts) > 100
    for found, post in zip(sent(tool, given_posts, tmp_path), given_posts, strict=True):
        same(found, post)
