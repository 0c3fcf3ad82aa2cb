"""A graph on disk has the bytes of the graph in memory."""

import random
from dataclasses import replace
from itertools import product

import pytest

pytest.importorskip("duckdb", reason="needs the extra large")
pytest.importorskip("pyarrow", reason="needs the extra large")

from jmere.files.locks import folder_locked
from jmere.knowledge import parquet
from jmere.knowledge.aliases import Alias, Aliases
from jmere.knowledge.disk import disk_parquet, disk_rows
from jmere.knowledge.disk.disk_graph import merged_on_disk, write_disk_graph
from jmere.knowledge.disk.disk_tables import memory_size
from jmere.knowledge.merge import Merger
from jmere.knowledge.reading import PostReader
from jmere.knowledge.write import FORMATS, write_graph
from jmere.records import Entity, Extraction, Quintuple

NAMES = [
    "Ann", "ANN", "#Ann", "Beyoncé", "Beyonce", "Queen B", "The UN", "United Nations", "ONU",
    'The "quoted" one', "back\\slash", "a & b <c>", "東京", "É\u0301", "x y/z?é", "@x",
]  # fmt: skip
RELATIONS = ["alternate_names", "peer", "member of/é", "lives_in"]
AUTHORS = [None, "ann", 'b "b"', "é"]
TIMES = [None, "2024-01-01T00:00:00Z", "2023-05-05T00:00:00Z", "0001-02-03T04:05:06Z", "never"]
TEXTS = ["", "Ann and Bob sing", "RT @u: Ann and Bob sing!", "Another text of words"]
SCORES = [None, 0.0, 1e-05, 0.3, 0.5, 0.5000001, 0.77, 1.0]
ALIASES = Aliases(
    [
        Alias("ONU", "org", "UN", "http://e.org/un"),
        Alias("United Nations", "org", "UN"),
        Alias("Ann", "per", "Annie"),
    ]
)


def posts_of(seed, count):
    """Posts of hostile names; ids recur, with other content."""
    draw = random.Random(seed)

    def entity():
        box = (1.0, 2.5, 3.25, 1e6) if draw.random() < 0.1 else None
        start = -1 if box or draw.random() < 0.3 else draw.randrange(5)
        end = -1 if start < 0 else start + 3
        return Entity(draw.choice(NAMES), draw.choice(["per", "org", "a b"]), start, end, box)

    for _ in range(count):
        quintuples = tuple(
            Quintuple(
                entity(), entity(), draw.choice(RELATIONS), draw.choice(SCORES),
                draw.choice([None, "picture"]),
            )
            for _ in range(draw.randrange(4))
        )  # fmt: skip
        yield Extraction(
            str(draw.randrange(count)),
            draw.choice(TEXTS),
            quintuples,
            tuple(entity() for _ in range(draw.randrange(3))),
            image=draw.choice([None, None, "", "a b.jpg"]),
            model=draw.choice([None, "default"]),
            time=draw.choice(TIMES),
            author=draw.choice(AUTHORS),
            url=draw.choice([None, "http://e.org/a?b=c"]),
            language=draw.choice([None, "en"]),
            kept={"likes": draw.randrange(3)} if draw.random() < 0.2 else {},
        )


def bytes_of(path):
    if path.is_dir():
        return {each.name: each.read_bytes() for each in path.iterdir()}
    return path.read_bytes()


def both(tmp_path, form, posts, *, keep_text=False, **rules):
    """The graph as a file, from memory and from disk."""
    ours = {"keep_text": keep_text}
    merger = Merger(**rules, **ours)
    for post in posts:
        merger.add(post)
    write_graph(merger.graph(), tmp_path / "memory", form)
    posts = [*posts]
    random.Random(5).shuffle(posts)
    with merged_on_disk(
        posts, rules=merger.rules, reader=PostReader(**ours), beside=tmp_path, memory=1 << 26
    ) as graph:
        write_disk_graph(graph, tmp_path / "disk", form)
    return bytes_of(tmp_path / "memory"), bytes_of(tmp_path / "disk")


@pytest.mark.parametrize(("form", "seed"), [*product(FORMATS, [1])])
def test_bytes_are_those_of_memory(form, seed, tmp_path):
    memory, disk = both(tmp_path, form, [*posts_of(seed, 200)], aliases=ALIASES, keep_text=True)
    assert disk == memory


@pytest.mark.parametrize(
    "rules",
    [
        {},
        {"fold_accents": False, "alternate_names": None},
        {"merge_score": 0.9, "merge_posts": 2},
        {"aliases": Aliases([Alias("peer", "per", "Ann")])},
    ],
)
@pytest.mark.parametrize("form", ["nt", "parquet"])
def test_rules_hold_on_disk(form, rules, tmp_path):
    for seed in range(2, 5):
        folder = tmp_path / str(seed)
        folder.mkdir()
        memory, disk = both(folder, form, [*posts_of(seed, 40)], **rules)
        assert disk == memory


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("count", [0, 1])
def test_small_graphs_are_written(count, form, tmp_path):
    memory, disk = both(tmp_path, form, [*posts_of(7, 30)][:count])
    assert disk == memory


def test_nothing_is_left_beside_the_output(tmp_path):
    both(tmp_path, "nt", [*posts_of(1, 5)])
    assert {path.name for path in tmp_path.iterdir()} == {"memory", "disk"}


def test_what_a_killed_process_left_is_removed(tmp_path):
    left, empty, used, other = (
        tmp_path / f".jmere-graph-{name}" for name in ("abcdefgh", "_1234567", "12345678", "x")
    )
    for folder in (left, empty, used, other):
        folder.mkdir()
        if folder != empty:
            (folder / "graph.db").touch()
    with folder_locked(used):
        both(tmp_path, "nt", [*posts_of(1, 5)])
    assert {path.name for path in tmp_path.iterdir()} == {"memory", "disk", used.name, other.name}


def test_a_post_needs_an_id(tmp_path):
    post = replace(next(posts_of(1, 1)), id=None)
    with (
        pytest.raises(ValueError, match="a post without an id cannot be kept on disk"),
        merged_on_disk([post], rules=Merger().rules, reader=PostReader(), beside=tmp_path),
    ):
        pass


@pytest.mark.parametrize("text", ["", "many", "1MB", "-5GB", "5XB", "nanGB"])
def test_a_wrong_size_is_told(text):
    with pytest.raises(ValueError, match="expected a size of at least 64MiB, got"):
        memory_size(text)


def test_sizes_have_units():
    assert memory_size("1.5 GiB") == 3 << 29
    assert memory_size("100000000") == memory_size("100mb") == 100_000_000


def test_groups_of_parquet_have_the_rows_of_memory(tmp_path, monkeypatch):
    for module in (parquet, disk_parquet):
        monkeypatch.setattr(module, "GROUP", 50)
    memory, disk = both(tmp_path, "parquet", [*posts_of(1, 200)])
    assert disk == memory


@pytest.mark.parametrize("form", ["nt", "ttl", "graphml", "parquet"])
def test_nodes_and_edges_may_go_over_the_ends_of_batches(form, tmp_path, monkeypatch):
    monkeypatch.setattr(disk_rows, "_MAX_BYTES", 1_000)
    memory, disk = both(tmp_path, form, [*posts_of(1, 200)], aliases=ALIASES)
    assert disk == memory
