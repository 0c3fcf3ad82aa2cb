"""A folder to start from with own labels: what it holds, and that its run file trains well."""

import json
import os
import random
import re
import resource
import subprocess
import sys

import pytest

from jmere.cli import main
from jmere.data.jsonl import read_posts, write_posts
from jmere.records import Entity, Post, Quintuple
from jmere.tags import TagSet
from jmere.training.run_config import RunConfig
from jmere.training.run_file import load_run
from jmere.training.starter import DEV, RUN, TAGS, TRAIN, split_posts, start_folder

NAMES = {
    "cook": ["Mara Quint", "Oleg Brandt", "Suri Patel", "Nina Holm", "Tomas Rey"],
    "dish": ["plum dumplings", "smoked trout", "leek pie", "rye pancakes", "fig ice cream"],
    "restaurant": ["Blue Spoon", "Harbour Grill", "Cafe Nord", "The Copper Pot"],
}
TEMPLATES = [
    ("{cook} cooks {dish} tonight", "cook", "cooks", "dish"),
    ("The {dish} at {restaurant} is a dream", "dish", "served_at", "restaurant"),
    ("So happy that {cook} now works for {restaurant}", "cook", "works_for", "restaurant"),
    ("{restaurant} serves {dish} again", "dish", "served_at", "restaurant"),
    ("Try the {dish} that {cook} made", "cook", "cooks", "dish"),
]


def made_up_posts(count):
    pick = random.Random(1)
    for index in range(count):
        template, head, relation, tail = TEMPLATES[index % len(TEMPLATES)]
        chosen = {kind: pick.choice(names) for kind, names in NAMES.items()}
        text = template.format(**chosen)

        def entity(kind, text=text, chosen=chosen):
            start = text.index(chosen[kind])
            return Entity(chosen[kind], kind, start, start + len(chosen[kind]))

        yield Post(
            text=text, id=f"p{index}", quintuples=(Quintuple(entity(head), entity(tail), relation),)
        )


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.fixture
def posts(tmp_path):
    path = tmp_path / "posts.jsonl"
    write_posts(path, made_up_posts(20))
    return path


def test_labels_come_from_the_posts_and_the_split_is_always_alike(tmp_path, posts, capsys):
    assert main(["init", str(tmp_path / "a"), "--from", str(posts)]) == 0
    assert "jmere train" in capsys.readouterr().err
    start_folder(tmp_path / "b", posts)
    tags = TagSet.load(tmp_path / "a" / TAGS)
    assert tags == TagSet(sorted(NAMES), ["cooks", "served_at", "works_for"])
    for name in (TRAIN, DEV):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    train, dev = (list(read_posts(tmp_path / "a" / name, tags=tags)) for name in (TRAIN, DEV))
    assert {post.id for post in (*train, *dev)} == {f"p{index}" for index in range(20)}
    assert len(dev) >= 4
    assert not {post.text for post in train} & {post.text for post in dev}


def test_the_run_file_is_whole_and_names_the_files(tmp_path, posts):
    start_folder(tmp_path / "own", posts)
    config = RunConfig.parse(load_run(tmp_path / "own" / RUN))
    assert config.data.train == [str(tmp_path / "own" / TRAIN)]
    assert (config.encoder, config.begin) == ("default", "default")
    assert config.training.epochs == 40


def test_without_posts_there_are_labels_to_replace(tmp_path):
    started = start_folder(tmp_path / "own")
    assert [path.name for path in started.files] == [TAGS, RUN]
    tags = TagSet.load(tmp_path / "own" / TAGS)
    text = (tmp_path / "own" / RUN).read_text(encoding="utf-8")
    example = tmp_path / "example.jsonl"
    example.write_text(re.search(r"^#   (\{.*\})$", text, re.M)[1] + "\n", encoding="utf-8")
    (post,) = read_posts(example, tags=tags)
    assert post.quintuples[0].head.start == 0


@pytest.mark.parametrize("name", [TAGS, RUN, TRAIN, DEV])
def test_no_file_is_replaced(tmp_path, posts, capsys, name):
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / name).write_text("mine", encoding="utf-8")
    assert main(["init", str(folder), "--from", str(posts)]) == 2
    assert f"{name}: exists already" in capsys.readouterr().err
    assert [path.name for path in folder.iterdir()] == [name]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([], "no post has an annotation"),
        ([{"id": "a", "text": "Ada met Alan"}], "no post has an annotation"),
        (
            [{"id": "a", "text": "Ada", "entities": [{"start": 0, "end": 3, "type": "x"}]}],
            "two posts with different texts",
        ),
        (
            [{"id": "a", "text": "Ada", "entities": [{"start": 0, "end": 9, "type": "x"}]}],
            "jsonl:1",
        ),
    ],
)
def test_posts_that_are_too_few_or_wrong_are_one_line(tmp_path, capsys, lines, message):
    path = tmp_path / "posts.jsonl"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    assert main(["init", str(tmp_path / "own"), "--from", str(path)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line
    assert not (tmp_path / "own").exists()


def test_dev_has_posts_with_quintuples_and_posts_without():
    with_facts = list(made_up_posts(10))
    without = [Post(text=f"Nothing {index}", id=f"n{index}") for index in range(90)]
    train, dev = split_posts([*without, *with_facts])
    assert (len(train), len(dev)) == (80, 20)
    assert sum(bool(post.quintuples) for post in dev) == 2
    assert [bool(split_posts([*without[:30], post])[1]) for post in with_facts[:1]] == [True]


@pytest.mark.parametrize("count", [2, 3, 4, 7])
def test_few_posts_are_split_too(count):
    train, dev = split_posts(list(made_up_posts(count)))
    assert train
    assert dev
    assert len(train) + len(dev) == count


def test_a_run_file_of_init_learns_twenty_posts(tmp_path, posts):
    start_folder(tmp_path / "own", posts)
    # In a process of its own, without the type checks of the tests and on one thread.
    command = [sys.executable, "-m", "jmere", "train", str(tmp_path / "own" / RUN), "--json"]
    begun = cpu_seconds()
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, timeout=900, env=environment
    )
    assert cpu_seconds() - begun < 120
    scores = json.loads(done.stdout)
    assert scores["jmere"]["f1"] >= 0.9
