from itertools import permutations

import pytest

from jmere.knowledge.graph import Edge, Evidence
from jmere.knowledge.merge import merge
from jmere.records import Entity, Extraction, Quintuple

SAYS = "Ann works for NASA since last year"


def post(name, text, score=None, relation="member_of", tail="NASA", kind="org", **origin):
    head, end = Entity("Ann", kind if kind == "per" else "per", 0, 3), Entity(tail, kind, 14, 18)
    return Extraction(name, text, (Quintuple(head, end, relation, score),), (head, end), **origin)


def edge(*posts):
    (found,) = merge(posts).edges
    return found


def test_retweets_count_as_posts_but_not_as_texts_or_authors():
    found = edge(
        post("1", SAYS, 0.5, author="ann", time="2024-01-01"),
        post("2", f"RT @ann: {SAYS}", 0.5, author="bob", time="2024-01-02"),
        post("3", f"{SAYS}! https://t.co/x", 0.5, author="cy", time="2024-01-03"),
        post("4", "Our own Ann is with NASA now", 0.5, author="di", time="2024-01-04"),
    )
    assert (found.count, found.texts, found.authors) == (4, 2, 2)
    assert found.score == 0.5
    assert found.pooled_score == pytest.approx(0.75)
    assert found.times == ("2024-01-01T00:00:00Z", "2024-01-04T00:00:00Z")


def test_a_thousand_retweets_are_one_mention_of_a_name():
    graph = merge(post(str(at), f"RT @a: {SAYS}", author=str(at)) for at in range(1000))
    assert {node.label: node.mentions for node in graph.nodes} == {"Ann": 1, "NASA": 1}
    assert graph.nodes[0].name_counts == {"Ann": 1}
    assert (graph.edges[0].count, graph.edges[0].texts, graph.edges[0].authors) == (1000, 1, 1)


def test_retweets_do_not_merge_names():
    def named(name, text):
        ends = Entity("UN", "org", -1, -1), Entity("ONU", "org", -1, -1)
        return Extraction(name, text, (Quintuple(*ends, "alternate_names", 0.3),), ())

    copies = [named(str(at), f"RT @a{at}: the UN, also called ONU") for at in range(3)]
    assert len(merge(copies).nodes) == 2
    texts = [named(str(at), f"the UN, also called ONU, text {at}") for at in range(3)]
    assert len(merge(texts).nodes) == 1


def test_posts_of_unknown_text_are_texts_of_their_own():
    assert edge(post("1", ""), post("2", "")).texts == 2


def test_an_edge_without_scores_or_times_has_none():
    found = edge(post("1", SAYS))
    assert (found.pooled_score, found.times, found.authors) == (None, (None, None), 0)


def test_the_order_of_the_evidence_changes_nothing():
    evidence = [Evidence(str(at), score=0.1 + at / 7, text_id=str(at % 3)) for at in range(5)]
    scores = {Edge("a", "r", "b", each).pooled_score for each in permutations(evidence)}
    assert len(scores) == 1


def test_an_entity_outside_quintuples_is_a_node_with_its_post():
    ann = Entity("Ann", "per", 0, 3)
    alone = Extraction("1", "Ann sleeps", (), (ann,), model="m")
    (node,) = merge([alone]).nodes
    assert (node.label, node.mentions) == ("Ann", 1)
    (evidence,) = node.evidence
    assert (evidence.post, evidence.head_start, evidence.head_end) == ("1", 0, 3)
    assert evidence.model == "m"
    assert merge([alone], lone_entities=False).nodes == ()


def test_excluded_relations_are_left_out():
    posts = [post("1", SAYS), post("2", SAYS, relation="religion")]
    graph = merge(posts, exclude_relations=["religion"])
    assert [edge.relation for edge in graph.edges] == ["member_of"]


def test_texts_are_kept_on_request_only():
    assert edge(post("1", SAYS)).evidence[0].text is None
    assert merge([post("1", SAYS)], keep_text=True).edges[0].evidence[0].text == SAYS


def test_the_same_posts_twice_give_the_same_graph():
    posts = [post("1", SAYS, 0.5), post("2", "Ann and NASA", 0.4)]
    assert merge([*posts, *reversed(posts)]) == merge(posts)
