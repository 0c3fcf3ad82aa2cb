import random

import pytest

from jmere.knowledge.graph import Evidence, Merge
from jmere.knowledge.merge import Merger, merge
from jmere.records import Entity, Extraction, Post, Quintuple


def quintuple(head, relation, tail, score=None, kinds=("per", "org")):
    ends = (Entity(name, kind, -1, -1) for name, kind in zip((head, tail), kinds, strict=True))
    return Quintuple(*ends, relation, score)


def post(name, *quintuples, image=None):
    return Extraction(id=name, text="", quintuples=quintuples, entities=(), image=image)


def labels(graph):
    return sorted((node.label, node.type) for node in graph.nodes)


def test_mentions_of_one_name_and_type_are_one_node():
    graph = merge(
        [
            post("1", quintuple("Ann", "member_of", "NASA")),
            post("2", quintuple("ANN", "member_of", "#nasa")),
            post("3", quintuple("Ann", "peer", "Nasa")),
        ]
    )
    assert labels(graph) == [("Ann", "per"), ("NASA", "org")]
    ann = next(node for node in graph.nodes if node.type == "per")
    assert (ann.label, ann.names, ann.mentions) == ("Ann", ("ANN",), 3)


def test_one_name_of_two_types_is_two_nodes():
    graph = merge(
        [post("1", quintuple("Paris", "place_of_residence", "Paris", kinds=("per", "loc")))]
    )
    assert labels(graph) == [("Paris", "loc"), ("Paris", "per")]


def test_every_edge_says_where_it_was_read():
    graph = merge(
        [
            post("2", quintuple("Ann", "member_of", "NASA", 0.5), image="b.jpg"),
            post("1", quintuple("Ann", "member_of", "NASA", 0.9)),
            post("3", quintuple("Ann", "peer", "NASA")),
        ]
    )
    member, peer = graph.edges
    assert member.evidence == (Evidence("1", None, 0.9), Evidence("2", "b.jpg", 0.5))
    assert (member.relation, member.count, member.score) == ("member_of", 2, 0.9)
    assert (peer.relation, peer.count, peer.score) == ("peer", 1, None)


def test_a_post_that_says_so_twice_counts_once_by_its_best_score():
    twice = [quintuple("Ann", "peer", "Bob", 0.3), quintuple("ann", "peer", "Bob", 0.8)]
    (edge,) = merge([post("1", *twice)]).edges
    assert edge.evidence == (Evidence("1", None, 0.8),)


def test_posts_without_id_are_all_counted():
    (edge,) = merge([post(None, quintuple("Ann", "peer", "Bob"))] * 3).edges
    assert edge.count == 3


def test_alternate_names_merge_their_nodes():
    orgs = ("org", "org")
    graph = merge(
        [
            post("1", quintuple("UN", "alternate_names", "United Nations", 0.7, kinds=orgs)),
            post("2", quintuple("United Nations", "alternate_names", "ONU", 0.6, kinds=orgs)),
            post("3", quintuple("Ann", "member_of", "ONU")),
            post("4", quintuple("Ann", "member_of", "UN")),
            post("5", quintuple("Bob", "member_of", "UN")),
        ]
    )
    one = next(node for node in graph.nodes if node.type == "org")
    assert (one.label, set(one.names)) == ("UN", {"United Nations", "ONU"})
    assert one.merged == (
        Merge(("ONU", "United Nations"), "alternate_names", (Evidence("2", None, 0.6),)),
        Merge(("UN", "United Nations"), "alternate_names", (Evidence("1", None, 0.7),)),
    )
    assert [edge.count for edge in graph.edges if edge.tail == one.id] == [2, 1]
    assert {edge.relation for edge in graph.edges} == {"member_of"}


ORGS = ("org", "org")


@pytest.mark.parametrize(
    ("scores", "nodes"),
    [
        ([0.05], 2),
        ([0.49], 2),
        ([0.5], 1),
        ([None], 1),
        ([0.3, 0.3], 2),
        ([0.3, 0.3, 0.3], 1),
        ([0.05] * 9, 2),
        ([0.3, 0.3, 0.05], 2),
    ],
)
def test_names_merge_by_one_sure_post_or_several(scores, nodes):
    posts = [
        post(str(number), quintuple("UN", "alternate_names", "ONU", score, kinds=ORGS))
        for number, score in enumerate(scores)
    ]
    graph = merge(posts)
    assert len(graph.nodes) == nodes
    assert [edge.count for edge in graph.edges] == ([len(posts)] if nodes == 2 else [])


def test_the_count_is_of_posts_whichever_name_comes_first():
    pairs = [("UN", "ONU"), ("ONU", "un"), ("#UN", "ONU")]
    posts = [
        post(str(number), quintuple(head, "alternate_names", tail, 0.3, kinds=ORGS))
        for number, (head, tail) in enumerate(pairs)
    ]
    (node,) = merge(posts).nodes
    assert [len(each.evidence) for each in node.merged] == [3]
    assert len(merge([post("1", *posts[0].quintuples * 3)]).nodes) == 2
    assert len(merge(posts, merge_posts=4).nodes) == 2
    assert len(merge(posts[:1], merge_score=0.3).nodes) == 1


def test_accents_are_a_weak_match_that_is_told():
    posts = [
        post("1", quintuple("Beyoncé", "peer", "Bob", 0.9), quintuple("Zoë", "peer", "Bob")),
        post("2", quintuple("Beyonce", "peer", "Bob", 0.9), quintuple("Beyonce", "peer", "Cy")),
    ]
    one = next(node for node in merge(posts).nodes if node.label.startswith("Bey"))
    assert (one.label, one.names) == ("Beyonce", ("Beyoncé",))
    assert one.merged == (Merge(("Beyonce", "Beyoncé"), "accents"),)
    apart = merge(posts, fold_accents=False)
    assert len(apart.nodes) == len(merge(posts).nodes) + 1
    assert all(node.merged == () for node in apart.nodes)


def test_spellings_are_one_node_and_the_most_frequent_is_its_label():
    names = ["The Beatles", "Beatles", "Beatles’", "the beatles", "Beatles"]
    posts = [post(str(at), quintuple(name, "peer", "AT&amp;T")) for at, name in enumerate(names)]
    graph = merge(posts)
    assert labels(graph) == [("AT&T", "org"), ("Beatles", "per")]
    assert graph.edges[0].count == 5


@pytest.mark.parametrize("name", ["", "\u00a0", "\u200b", "\u0301", "\x1b\0", "\u3164"])
def test_a_name_without_a_visible_character_is_left_out_and_counted(name):
    merger = Merger()
    merger.add(post("1", quintuple(name, "peer", "Bob"), quintuple("Ann", "peer", "Bob")))
    merger.add(post("2", quintuple("Ann", "peer", name)))
    assert labels(merger.graph()) == [("Ann", "per"), ("Bob", "org")]
    assert merger.nameless == 2


def test_alternate_names_of_two_types_stay_an_edge():
    graph = merge([post("1", quintuple("Apple", "alternate_names", "Tim"))])
    assert len(graph.nodes) == 2
    assert [edge.relation for edge in graph.edges] == ["alternate_names"]


@pytest.mark.parametrize(("name", "nodes"), [("aka", 1), (None, 2), ("alternate_names", 2)])
def test_the_relation_that_merges_is_the_callers(name, nodes):
    posts = [post("1", quintuple("UN", "aka", "ONU", kinds=("org", "org")))]
    assert len(merge(posts, alternate_names=name).nodes) == nodes


def test_unsure_quintuples_are_left_out_and_gold_ones_stay():
    posts = [post("1", quintuple("Ann", "peer", "Bob", 0.4), quintuple("Cy", "peer", "Di"))]
    assert labels(merge(posts, min_score=0.5)) == [("Cy", "per"), ("Di", "org")]
    assert len(merge(posts, min_score=0.4).nodes) == 4


def test_the_label_is_the_most_frequent_name_and_no_hashtag_among_equals():
    graph = merge([post("1", quintuple("#NASA", "part_of", "nasa!", kinds=("org", "org")))])
    assert labels(graph) == [("#NASA", "org"), ("nasa!", "org")]
    graph = merge(
        [post("1", quintuple("#Acme", "peer", "Bob")), post("2", quintuple("Acme", "peer", "Bob"))]
    )
    assert ("Acme", "per") in labels(graph)


def test_an_entity_of_two_quintuples_is_mentioned_once():
    ann, bob, cy = (
        Entity(name, "per", at, at + 3) for at, name in enumerate(("Ann", "Bob", "Cyr"))
    )
    graph = merge(
        [
            Post(
                text="",
                id="1",
                quintuples=[Quintuple(ann, bob, "peer"), Quintuple(ann, cy, "peer")],
            )
        ]
    )
    assert {node.label: node.mentions for node in graph.nodes} == {"Ann": 1, "Bob": 1, "Cyr": 1}


def test_the_order_of_posts_changes_nothing():
    draw = random.Random(0)
    names = ["Ann", "ann", "#Ann", "Ánn", "Bob", "The Bob", "UN", "ONU", "ÓNU", "Nations"]
    posts = [
        post(
            str(number),
            *(
                quintuple(
                    *draw.sample(names, 1),
                    relation,
                    *draw.sample(names, 1),
                    score=draw.random(),
                    kinds=("per", "per"),
                )
                for relation in draw.choices(["peer", "alternate_names", "couple"], (8, 1, 8), k=2)
            ),
        )
        for number in range(40)
    ]
    graph = merge(posts)
    assert len(graph.edges) > 4
    assert {each.reason for node in graph.nodes for each in node.merged} == {
        "accents",
        "alternate_names",
    }
    for _ in range(5):
        draw.shuffle(posts)
        assert merge(posts) == graph


def test_no_post_makes_an_empty_graph():
    graph = merge([])
    assert (graph.nodes, graph.edges) == ((), ())


def test_posts_are_taken_one_at_a_time():
    def posts():
        for number in range(3):
            seen.append(number)
            yield post(str(number), quintuple("Ann", "peer", "Bob"))

    seen = []
    assert merge(posts()).edges[0].count == 3
    assert seen == [0, 1, 2]
