"""The few-posts experiment: what the start model sees, and what is learned, selected and scored."""

import importlib.util
from pathlib import Path

import pytest

from jmere.data.jsonl import read_posts
from jmere.records import Entity, Post, Quintuple
from jmere.tags import TagSet

RECIPE = Path(__file__).parents[2] / "recipes" / "own-labels" / "split.py"
COUNTS = {"peer": 30, "member_of": 20, "contain": 19, "present_in": 18, "locate_at": 12,
          "alternate_names": 11, "place_of_residence": 10, "held_on": 9, "subsidiary": 8,
          "couple": 3}  # fmt: skip


@pytest.fixture(scope="module")
def split():
    spec = importlib.util.spec_from_file_location("own_labels_split", RECIPE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def post(name, *relations):
    text = f"Ada met Bo near {name}"
    ends = Entity("Ada", "per", 0, 3), Entity("Bo", "org", 8, 10)
    return Post(text=text, id=name, quintuples=tuple(Quintuple(*ends, each) for each in relations))


@pytest.fixture
def written(split, tmp_path):
    train = [post(f"{name}{i}", name) for name, count in COUNTS.items() for i in range(count)]
    train += [post("both", "peer", "held_on")]
    dev = [post("d1", "peer"), post("d2", "peer", "locate_at"), post("held_on3", "held_on")]
    split.write(train, dev, tmp_path)
    return tmp_path


def texts(path):
    return {each.text for each in read_posts(path)}


def test_the_start_model_sees_nothing_of_the_five(written):
    tags = TagSet.load(written / "start" / "tags.json")
    own = TagSet.load(written / "own" / "tags.json")
    assert set(own.relations) == set(list(COUNTS)[4:9])
    assert not set(own.relations) & set(tags.relations)
    for name in ("train", "dev"):
        list(read_posts(written / "start" / f"{name}.jsonl", tags=tags))
    assert post("both").text not in texts(written / "start" / "train.jsonl")
    assert texts(written / "start" / "dev.jsonl") == {post("d1").text}


def test_held_posts_are_not_learned_and_have_the_five_alone(written):
    tags = TagSet.load(written / "own" / "tags.json")
    held = list(read_posts(written / "own" / "held.jsonl", tags=tags))
    assert [[q.relation for q in each.quintuples] for each in held] == [["locate_at"], ["held_on"]]
    few = texts(written / "own" / "200-train-1.jsonl") | texts(written / "own" / "200-dev-1.jsonl")
    assert len(few) == 50, "51 training posts have one of them, and one of those is held"
    assert not few & {each.text for each in held}


def test_few_posts_are_among_more_and_alike_under_both_names(written):
    for seed in (1, 2, 3):
        parts = {
            (kind, size): texts(written / kind / f"{size}-train-{seed}.jsonl")
            | texts(written / kind / f"{size}-dev-{seed}.jsonl")
            for kind in ("own", "known")
            for size in (20, 50)
        }
        assert len(parts["own", 20]) == 20
        assert parts["own", 20] < parts["own", 50]
        assert all(parts["own", size] == parts["known", size] for size in (20, 50))
