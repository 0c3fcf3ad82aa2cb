from jmere.evaluation.scores import score
from jmere.evaluation.tables import breakdown, scores_text, scores_to_json
from jmere.records import Entity, Post, Quintuple
from jmere.terminal import aligned

PAIR = Quintuple(Entity("Ann", "per", 0, 3), Entity("Rome", "loc", 4, 8), "place_of_birth")
GOLD = Post(text="Ann Rome", id="1", quintuples=[PAIR])
EMPTY = Post(text="Ann Rome", id="2", quintuples=[PAIR])


def test_columns_are_aligned():
    assert aligned(("name", "n"), [("a", "10"), ("longer", "7")]) == (
        "name     n\na       10\nlonger   7"
    )


def test_the_summary_says_which_reading_a_figure_is():
    assert scores_text(score([GOLD, EMPTY], [GOLD], "undirected")) == (
        "undirected reading, 2 posts\n"
        "       precision  recall     F1  correct  predicted  gold\n"
        "JMERE     100.00   50.00  66.67        1          1     2\n"
        "MNER      100.00   50.00  66.67        2          2     4"
    )


def test_the_breakdown_has_every_relation_and_type():
    first_cells = [
        line.split()[0] for line in breakdown(score([GOLD], [GOLD])).splitlines() if line
    ]
    assert first_cells == ["relation", "place_of_birth", "type", "loc", "per"]


def test_json_has_fractions():
    assert scores_to_json(score([GOLD, EMPTY], [GOLD])) == {
        "reading": "directed",
        "posts": 2,
        "jmere": {"precision": 1.0, "recall": 0.5, "f1": 2 / 3},
        "mner": {"precision": 1.0, "recall": 0.5, "f1": 2 / 3},
    }


def test_json_tables_have_counts_too():
    value = scores_to_json(score([GOLD], [GOLD]), tables=True)
    perfect = {"precision": 1.0, "recall": 1.0, "f1": 1.0, "correct": 1, "predicted": 1, "gold": 1}
    assert value["relations"] == {"place_of_birth": perfect}
    assert value["types"] == {"loc": perfect, "per": perfect}
