"""The controlled world follows its options, and the models see what they can see of it."""

from collections import Counter

import pytest

from jmere.bench.worlds.command import MODELS, measure_world
from jmere.bench.worlds.controlled import FACTS, NEUTRAL, VAGUE, World, vocabulary
from jmere.data.jsonl import read_posts, write_posts
from jmere.models.registry import RECIPES, ModelConfig

TELLING = {fact.label: fact for fact in FACTS} | {fact.predicate: fact for fact in FACTS}


def told(post):
    """The facts that a post's graph tells by its nodes and by its edges."""
    scene = post.scene_graph
    nodes = [TELLING[o.label] for o in scene.objects if o.label in TELLING]
    return nodes, [TELLING[r.predicate] for r in scene.relations if r.predicate in TELLING]


def fact_of(post):
    (quintuple,) = post.quintuples
    found = (quintuple.head.type, quintuple.tail.type, quintuple.relation)
    return next(fact for fact in FACTS if fact[:3] == found)


@pytest.mark.parametrize(
    ("shown_by", "nodes", "edges"), [("nodes", 1, 0), ("edges", 0, 1), ("both", 1, 1)]
)
def test_the_graph_tells_the_fact_by_the_parts_that_are_to_tell_it(shown_by, nodes, edges):
    for post in World(shown_by=shown_by).posts(60, seed=0):
        assert told(post) == ([fact_of(post)] * nodes, [fact_of(post)] * edges)


def test_the_text_tells_nothing_unless_it_is_to():
    posts = World().posts(120, seed=0)
    assert all(VAGUE in post.tokens for post in posts)
    assert not any(fact.verb in post.tokens for fact in FACTS for post in posts)
    half = World(share=0.5).posts(400, seed=0)
    telling = [post for post in half if VAGUE not in post.tokens]
    assert 160 < len(telling) < 240
    assert all(fact_of(post).verb in post.tokens for post in telling)


def test_every_fact_is_as_frequent_as_any_other():
    assert set(Counter(map(fact_of, World().posts(60, seed=3))).values()) == {10}


def test_noise_tells_another_fact():
    posts = World(node_noise=0.5, edge_noise=1.0).posts(600, seed=0)
    wrong = [[each != [fact_of(post)] for each in told(post)] for post in posts]
    nodes, edges = (sum(column) / len(posts) for column in zip(*wrong, strict=True))
    assert nodes == pytest.approx(0.5 * 5 / 6, abs=0.06)
    assert edges == pytest.approx(5 / 6, abs=0.06)


def test_distractors_say_nothing_and_stand_beside_something():
    scene = World(shown_by="edges", distractors=4).posts(1, seed=0)[0].scene_graph
    assert len(scene.objects) == 2 + 4
    assert len(scene.relations) == 1 + 4
    assert sum(relation.predicate in NEUTRAL for relation in scene.relations) == 4


def test_of_two_facts_the_text_says_whom_of_the_picture_each_is_about():
    for post in World(shown_by="edges", pairs=2).posts(60, seed=0):
        scene = post.scene_graph
        edges = {
            (scene.objects[r.subject].label, scene.objects[r.object].label): TELLING[r.predicate]
            for r in scene.relations
            if r.predicate in TELLING
        }
        assert len(edges) == len(post.quintuples) == 2
        for quintuple in post.quintuples:
            people = tuple(
                post.text[: end.start].split()[-1] for end in (quintuple.head, quintuple.tail)
            )
            found = (quintuple.head.type, quintuple.tail.type, quintuple.relation)
            assert edges[people][:3] == found


def test_a_seed_gives_one_world_and_another_seed_another():
    world = World()
    assert world.posts(12, seed=1) == world.posts(12, seed=1)
    assert world.posts(12, seed=1) != world.posts(12, seed=2)


def test_posts_of_the_world_are_posts_like_any(tmp_path):
    posts = World(share=0.5).posts(12, seed=0)
    write_posts(tmp_path / "posts.jsonl", posts)
    assert list(read_posts(tmp_path / "posts.jsonl")) == posts
    known = set(vocabulary())
    assert all(word.lower() in known for post in posts for word in post.tokens)


def test_every_model_has_a_row():
    assert {values["name"] for values in MODELS.values()} == set(RECIPES) - {"pipeline"}
    for values in MODELS.values():
        ModelConfig.parse(values)


def test_the_text_may_name_whom_of_the_picture_each_entity_is():
    for post in World(named=True).posts(12, seed=0):
        (quintuple,) = post.quintuples
        labels = {thing.label for thing in post.scene_graph.objects}
        for end in (quintuple.head, quintuple.tail):
            assert post.text[: end.start].split()[-1] in labels


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"share": 2.0}, r"share must be in \[0, 1\], got 2\.0"),
        ({"distractors": -1}, r"distractors must not be negative"),
        ({"pairs": 3}, r"pairs must be 1 or 2, got 3"),
    ],
)
def test_an_option_out_of_range_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        World(**options)


def test_eega_sees_by_the_edges_what_the_text_cannot_tell():
    """The one test that trains: with its own graphs, then with those of other posts."""
    world = World(shown_by="edges", distractors=0)
    f1 = measure_world(world, MODELS["eega"], seed=0, posts=240, epochs=7)
    chance = 1 / len(FACTS)
    assert f1["real"] > 3 * chance
    assert max(f1["shuffled"], f1["none"]) < 2 * chance
