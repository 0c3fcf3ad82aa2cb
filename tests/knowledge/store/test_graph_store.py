"""A store holds what ``merge`` makes of the same posts, whatever came in which order."""

import os
import signal
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_posts import POSTS, claim, post, triples_in, triples_of

from jmere.knowledge.aliases import Alias, Aliases
from jmere.knowledge.merge import merge
from jmere.knowledge.reading import PostReader
from jmere.knowledge.store import GraphStore

NAMES = st.sampled_from(
    ["Ann", "ann's", "Bob", "Beyoncé", "Beyonce", "UN", "ONU", "%41<>", "\u202e"]
)
TYPES = st.sampled_from(["per", "org"])
RELATIONS = st.sampled_from(["peer", "alternate_names", "member of"])
CLAIMS = st.tuples(NAMES, RELATIONS, NAMES, st.none() | st.sampled_from([0.2, 0.4, 0.9]), TYPES)
CONTENT = st.tuples(
    st.lists(CLAIMS, max_size=3),
    st.lists(NAMES, max_size=2),
    st.sampled_from(["", "one text", "RT @a: one text", "another text"]),
    st.none() | st.sampled_from(["u", "v"]),
)


def made(contents):
    return [
        post(
            str(number),
            *(claim(h, relation, t, score, (kind, kind)) for h, relation, t, score, kind in claims),
            text=text,
            alone=alone,
            author=author,
        )
        for number, (claims, alone, text, author) in enumerate(contents)
    ]


@pytest.fixture
def store(tmp_path):
    return GraphStore(tmp_path / "store")


def fill(store, posts, *sizes):
    bounds = [0, *sizes, len(posts)]
    for start, end in pairwise(bounds):
        store.build(posts[start:end])


@pytest.mark.parametrize("sizes", [(), (4,), (1, 2, 3, 4, 5, 6, 7, 8)])
def test_later_posts_update_the_graph(store, tmp_path, sizes):
    fill(store, POSTS, *sizes)
    assert triples_in(store) == triples_of(merge(POSTS), tmp_path)
    assert store.graph() == merge(POSTS)


@settings(deadline=None, max_examples=12)
@given(st.lists(CONTENT, min_size=1, max_size=6), st.randoms())
def test_any_posts_in_any_order_give_the_graph_of_all(contents, shuffle):
    posts = made(contents)
    with TemporaryDirectory() as folder:
        store = GraphStore(Path(folder, "store"))
        mixed = [*posts, *posts]
        shuffle.shuffle(mixed)
        fill(store, mixed, *sorted(shuffle.sample(range(len(mixed)), 2)))
        if store.stats()["nodes"]:
            assert triples_in(store) == triples_of(merge(posts), Path(folder))
        assert store.graph() == merge(posts)


def test_the_same_posts_twice_change_nothing(store):
    store.build(POSTS)
    before, published = store.stats(), store.published()
    change = store.build(reversed(POSTS))
    assert (change.added, change.repeated) == (0, len(POSTS))
    assert (store.stats(), store.published()) == (before, published)


def test_stats_count_what_the_graph_has(store):
    store.build(POSTS)
    graph, counts = merge(POSTS), store.stats()
    assert counts["nodes"] == len(graph.nodes)
    assert counts["edges"] == len(graph.edges)
    assert counts["evidence"] == sum(edge.count for edge in graph.edges)
    assert (counts["posts"], counts["texts"], counts["authors"]) == (9, 8, 4)
    assert counts["relations"] == {"peer": 4, "couple": 1}
    assert counts["types"] == {"per": 5, "loc": 2}
    assert counts["first_time"] == "2024-01-01T00:00:00Z"


KILLED = """
import os, signal, sys
from jmere.knowledge.store import GraphStore, publish, graph_store
from store_posts import POSTS
folder, where = sys.argv[1:]
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
def posts():
    yield from POSTS[4:7]
    if where == "reading":
        die()
    yield from POSTS[7:]
if where == "writing":
    graph_store.write_change = graph_store.write_full = die
if where == "published":
    original = graph_store.Ledger.set
    def set_then_die(self, name, value):
        original(self, name, value)
        if name == "generation":
            die()
    graph_store.Ledger.set = set_then_die
GraphStore(folder).build(posts())
"""


@pytest.mark.parametrize("where", ["reading", "writing", "published"])
def test_a_killed_build_has_no_effect_and_can_be_repeated(store, tmp_path, where):
    store.build(POSTS[:4])
    before = triples_in(store)
    here = str(Path(__file__).parent)
    path = os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH"))))
    done = subprocess.run(
        [sys.executable, "-c", KILLED, store.folder, where], env={**os.environ, "PYTHONPATH": path}
    )
    assert done.returncode == -signal.SIGKILL
    assert triples_in(store) == before
    assert store.build(POSTS).added == len(POSTS) - 4
    assert triples_in(store) == triples_of(merge(POSTS), tmp_path)
    folders = [path.name for path in store.folder.iterdir() if path.name.startswith("graph-")]
    assert len(folders) <= 2


def test_an_error_while_posts_are_read_has_no_effect(store):
    def posts():
        yield POSTS[4]
        raise RuntimeError("the input ended")

    store.build(POSTS[:4])
    before = store.stats()
    with pytest.raises(RuntimeError, match="the input ended"):
        store.build(posts())
    assert store.stats() == before


def test_forgetting_a_post_leaves_the_graph_of_the_others(store, tmp_path):
    store.build(POSTS)
    assert store.forget(posts=["3", "6", "nowhere"]).removed == 2
    rest = [each for each in POSTS if each.id not in ("3", "6")]
    assert triples_in(store) == triples_of(merge(rest), tmp_path)
    assert store.graph() == merge(rest)


def test_forgetting_an_author_leaves_no_trace_in_any_file(store, tmp_path):
    store.build(POSTS)
    store.build([post("10", claim("Hidden-Name", "peer", "Ann"), author="secret-author")])
    assert store.forget(authors=["secret-author"]).removed == 2
    rest = [each for each in POSTS if each.author != "secret-author"]
    assert triples_in(store) == triples_of(merge(rest), tmp_path)
    content = b"".join(path.read_bytes() for path in store.folder.rglob("*") if path.is_file())
    for trace in (b"secret-author", b"Oslo", b"Hidden-Name", b"hidden-name"):
        assert trace not in content


def test_counts_drop_when_posts_are_forgotten(store):
    store.build(POSTS)
    store.forget(posts=["2"])
    edge = next(edge for edge in store.graph().edges if edge.count == 1 and edge.score == 0.5)
    assert (edge.texts, edge.authors, edge.pooled_score) == (1, 1, 0.5)


def test_merges_of_an_aliases_file_are_reversible(store, tmp_path):
    store.build(POSTS)
    before = triples_in(store)
    aliases = Aliases([Alias("Bob", "per", "Robert", "http://e.org/bob"), Alias("Di", "per", "Cy")])
    store.build(settings={"aliases": aliases.rows})
    assert triples_in(store) == triples_of(merge(POSTS, aliases=aliases), tmp_path)
    store.build([post("11", claim("Bob", "peer", "Robert's"))])  # aliases hold for later posts
    later = [*POSTS, post("11", claim("Bob", "peer", "Robert's"))]
    assert triples_in(store) == triples_of(merge(later, aliases=aliases), tmp_path)
    store.forget(posts=["11"])
    store.build(settings={"aliases": ()})
    assert triples_in(store) == before


def test_relations_that_are_excluded_leave_the_store_and_stay_out(store, tmp_path):
    store.build(POSTS[:5])
    store.build(settings={"exclude_relations": ("couple",)})
    store.build(POSTS[5:])
    store.build([post("12", claim("Ann", "couple", "Di"))])
    assert "couple" not in store.stats()["relations"]
    expected = merge([*POSTS, post("12")], exclude_relations=["couple"])
    assert triples_in(store) == triples_of(expected, tmp_path)


def test_other_settings_apply_to_all_posts(store, tmp_path):
    store.build(POSTS)
    store.build(settings={"fold_accents": False, "alternate_names": None})
    expected = merge(POSTS, fold_accents=False, alternate_names=None)
    assert triples_in(store) == triples_of(expected, tmp_path)


def test_texts_are_kept_on_request(store):
    store.build(POSTS[:1], reader=PostReader(keep_text=True))
    assert any('"Ann and Bob"' in line and "term/text>" in line for line in triples_in(store))


def test_a_store_is_written_by_one_process_at_a_time(store):
    def posts():
        with pytest.raises(ValueError, match="another process writes to this store"):
            GraphStore(store.folder).build(POSTS[5:])
        yield POSTS[0]

    store.build(posts())
    assert store.stats()["posts"] == 1


@pytest.mark.parametrize("kind", ["thesis", "file", "text", "later"])
def test_a_folder_of_something_else_is_refused(tmp_path, kind):
    folder = tmp_path / "folder"
    if kind == "file":
        folder.write_text("x")
    else:
        folder.mkdir()
        (folder / ("thesis.tex" if kind == "thesis" else "ledger.sqlite")).write_text("x" * 5000)
    expected = r"contains 'thesis\.tex'|is a file|cannot be read as a ledger"
    with pytest.raises(ValueError, match=expected):
        GraphStore(folder).build(POSTS)


def test_a_post_without_an_id_is_refused(store):
    with pytest.raises(ValueError, match="a post without an id cannot be kept"):
        store.build([post(None, claim("Ann", "peer", "Bob"))])


def test_the_base_of_a_store_stays(store):
    store.build(POSTS[:1], settings={"base": "https://e.org/"})
    assert any("<https://e.org/entity/" in line for line in triples_in(store))
    assert not any("urn:jmere:" in line for line in triples_in(store))
    with pytest.raises(ValueError, match=r"is written with the base IRI 'https://e\.org/'"):
        store.build(POSTS, settings={"base": "urn:x:"})


def test_what_is_no_store_is_told(tmp_path):
    for action in (GraphStore(tmp_path).stats, GraphStore(tmp_path).forget):
        with pytest.raises(ValueError, match="is not a graph store; 'jmere graph build --store'"):
            action()
