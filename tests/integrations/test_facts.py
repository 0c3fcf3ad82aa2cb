from finding import BARCELONA, BONN, MESSI, TEXT

from jmere import Extraction, Quintuple
from jmere.integrations import FactNode, facts_of

FOUND = Extraction(
    "1",
    TEXT,
    (Quintuple(MESSI, BARCELONA, "member_of", 0.75), Quintuple(MESSI, BONN, "residence", 0.25)),
    (MESSI, BARCELONA, BONN),
    author="ann",
    kept={"likes": 3},
)


def test_every_fact_says_where_it_is_from():
    nodes, facts = facts_of(FOUND)
    assert [node.name for node in nodes] == ["Lionel Messi", "Barcelona", "Bonn"]
    assert facts[0].properties == {
        "post": "1", "text": TEXT, "author": "ann", "likes": 3, "score": 0.75, "source": "text",
        "head_start": 2, "head_end": 15, "tail_start": 23, "tail_end": 32,
    }  # fmt: skip


def test_facts_below_the_score_are_left_out_and_nodes_stay():
    nodes, facts = facts_of(FOUND, min_score=0.5)
    assert len(nodes) == 3
    assert [fact.tail for fact in facts] == [FactNode("Barcelona", "org")]
