import pytest
from hypothesis import given
from hypothesis import strategies as st

from jmere.evaluation.readings import READINGS, as_reading
from jmere.evaluation.scores import Measure, score
from jmere.records import Entity, Extraction, Post, Quintuple

TEXT = "Ann met Bob in Rome"
ANN, BOB, ROME = (
    Entity("Ann", "per", 0, 3),
    Entity("Bob", "per", 8, 11),
    Entity("Rome", "loc", 15, 19),
)
PEERS = Quintuple(ANN, BOB, "peer")
LIVES = Quintuple(ANN, ROME, "place_of_residence")


def post(*quintuples, name="1", entities=(), text=TEXT):
    return Post(text=text, id=name, quintuples=quintuples, entities=entities)


def swapped(quintuple):
    return Quintuple(quintuple.tail, quintuple.head, quintuple.relation)


@pytest.mark.parametrize("reading", READINGS)
def test_gold_scores_one_against_itself(reading):
    scores = score([post(PEERS, LIVES)], [post(PEERS, LIVES)], reading)
    assert scores.jmere == Measure(2, 2, 2)
    assert scores.mner == Measure(3, 3, 3)
    assert scores.jmere.f1 == scores.mner.f1 == 1


def test_ratios_by_hand():
    scores = score([post(PEERS, LIVES)], [post(PEERS, entities=(ROME,))])
    assert scores.jmere == Measure(correct=1, predicted=1, gold=2)
    assert (scores.jmere.precision, scores.jmere.recall) == (1, 0.5)
    assert scores.jmere.f1 == pytest.approx(2 / 3)
    assert scores.mner == Measure(3, 3, 3)


def test_figures_are_micro_averaged_over_posts():
    gold = [post(PEERS, LIVES), post(PEERS, name="2")]
    predicted = [post(PEERS, LIVES), post(LIVES, name="2")]
    scores = score(gold, predicted)
    assert scores.jmere == Measure(2, 3, 3)
    assert scores.jmere_counts.tolist() == [[2, 2, 2], [0, 1, 1]]
    assert scores.mner_counts.tolist() == [[3, 3, 3], [1, 2, 2]]


@pytest.mark.parametrize(
    ("gold", "predicted", "jmere"),
    [([LIVES], [], Measure(0, 0, 1)), ([], [LIVES], Measure(0, 1, 0)), ([], [], Measure(0, 0, 0))],
)
def test_nothing_predicted_or_nothing_gold_scores_zero(gold, predicted, jmere):
    scores = score([post(*gold)], [post(*predicted)])
    assert scores.jmere == jmere
    assert scores.jmere.precision == scores.jmere.recall == scores.jmere.f1 == 0


def test_no_post_at_all_scores_zero():
    scores = score([], [])
    assert (scores.posts, scores.jmere, scores.relations) == (0, Measure(0, 0, 0), {})


@pytest.mark.parametrize("reading", READINGS)
def test_a_duplicate_counts_once(reading):
    scores = score([post(PEERS)], [post(PEERS, PEERS, entities=(ANN, ANN))], reading)
    assert scores.jmere == Measure(1, 1, 1)
    assert scores.mner == Measure(2, 2, 2)


@pytest.mark.parametrize("reading", READINGS)
def test_a_right_pair_with_a_wrong_type_is_wrong(reading):
    org = Entity("Bob", "org", 8, 11)
    scores = score([post(PEERS)], [post(Quintuple(ANN, org, "peer"))], reading)
    assert scores.jmere == Measure(0, 1, 1)
    assert scores.mner == Measure(1, 2, 2)


@pytest.mark.parametrize("reading", READINGS)
def test_a_right_pair_with_a_wrong_relation_has_right_entities(reading):
    scores = score([post(PEERS)], [post(Quintuple(ANN, BOB, "couple"))], reading)
    assert scores.jmere == Measure(0, 1, 1)
    assert scores.mner == Measure(2, 2, 2)


@pytest.mark.parametrize(
    ("reading", "correct"), [("directed", 0), ("undirected", 1), ("surface", 0)]
)
def test_only_the_undirected_reading_forgives_a_swap(reading, correct):
    assert score([post(LIVES)], [post(swapped(LIVES))], reading).jmere == Measure(correct, 1, 1)


def test_undirected_types_go_with_their_entities():
    types_swapped = Quintuple(
        Entity("Rome", "per", 15, 19), Entity("Ann", "loc", 0, 3), LIVES.relation
    )
    assert score([post(LIVES)], [post(types_swapped)], "undirected").jmere == Measure(0, 1, 1)


def test_both_orders_of_a_pair_are_one_undirected_prediction():
    predicted = [post(PEERS, swapped(PEERS))]
    assert score([post(PEERS)], predicted, "undirected").jmere == Measure(1, 1, 1)
    assert score([post(PEERS)], predicted, "directed").jmere == Measure(1, 2, 1)


def test_surface_takes_two_mentions_of_a_name_for_one():
    text = "Bob saw Ann and Bob"
    ann, first, second = (
        Entity("Ann", "per", 8, 11),
        Entity("Bob", "per", 0, 3),
        Entity("Bob", "per", 16, 19),
    )
    gold = [post(Quintuple(ann, first, "peer"), text=text)]
    predicted = [post(Quintuple(ann, second, "peer"), Quintuple(ann, first, "peer"), text=text)]
    assert score(gold, predicted, "surface").jmere == Measure(1, 1, 1)
    assert score(gold, predicted, "directed").jmere == Measure(1, 2, 1)


def test_surface_keeps_case_and_needs_no_offsets():
    named = Quintuple(Entity("Ann", "per", -1, -1), Entity("Bob", "per", -1, -1), "peer")
    lower = Quintuple(Entity("ann", "per", -1, -1), Entity("bob", "per", -1, -1), "peer")
    answer = Extraction(id="1", text="", quintuples=(named, lower), entities=())
    scores = score([post(PEERS)], [answer], "surface")
    assert scores.jmere == Measure(1, 2, 1)
    assert scores.mner == Measure(2, 4, 2)


def test_surface_finds_offsets_without_text_in_the_gold_text():
    bare = Quintuple(Entity("", "per", 0, 3), Entity("", "per", 8, 11), "peer")
    answer = Extraction(id="1", text="", quintuples=(bare,), entities=())
    assert score([post(PEERS)], [answer], "surface").jmere == Measure(1, 1, 1)


def test_spans_of_one_name_differ_elsewhere_in_a_text():
    elsewhere = Quintuple(Entity("Ann", "per", 4, 7), BOB, "peer")
    assert score([post(PEERS)], [post(elsewhere)]).mner == Measure(1, 2, 2)


def test_mner_gold_is_the_entities_of_gold_quintuples():
    gold = [post(PEERS, entities=(ROME,))]
    assert score(gold, [post(PEERS, entities=(ROME,))]).mner == Measure(2, 3, 2)
    assert score(gold, [post(PEERS, entities=(ROME,))], all_entities=True).mner == Measure(3, 3, 3)


def test_gold_without_any_quintuple_is_an_mner_corpus():
    scores = score([post(entities=(ANN, ROME))], [post(PEERS)])
    assert scores.mner == Measure(1, 2, 2)
    assert scores.jmere == Measure(0, 1, 0)
    assert score([post(entities=(ANN,))], [], all_entities=False).mner == Measure(0, 0, 0)


def test_a_post_without_prediction_counts_as_empty_and_is_told():
    scores = score([post(PEERS), post(LIVES, name="2")], [post(LIVES, name="2")])
    assert scores.jmere == Measure(1, 1, 2)
    assert scores.missing == 1
    assert scores.posts == 2


def test_tables_add_up():
    scores = score([post(PEERS, LIVES)], [post(PEERS, Quintuple(BOB, ROME, "held_on"))])
    assert scores.relations == {
        "held_on": Measure(0, 1, 0),
        "peer": Measure(1, 1, 1),
        "place_of_residence": Measure(0, 0, 1),
    }
    assert scores.types == {"loc": Measure(1, 1, 1), "per": Measure(2, 2, 2)}


@pytest.mark.parametrize(
    ("gold", "predicted", "message"),
    [
        ([post(name=None)], [], "gold post number 1 has no id"),
        ([post(), post()], [], "duplicate gold post id '1'"),
        ([post()], [post(), post()], "duplicate predicted post id '1'"),
        ([post()], [post(name="")], "predicted post '' is not among the gold posts"),
        (
            [post()],
            [post(entities=[Entity("Ann", "per", -1, -1)])],
            "'1': entity 'Ann' has no offsets",
        ),
    ],
)
def test_the_door_says_which_post_is_wrong(gold, predicted, message):
    with pytest.raises(ValueError, match=message):
        score(gold, predicted)


def test_offsets_beyond_the_text_have_no_surface():
    answer = Extraction(id="1", text="", quintuples=(), entities=(Entity("", "per", 0, 99),))
    with pytest.raises(ValueError, match="ends at character 99, but the text has 19"):
        score([post()], [answer], "surface")


def test_an_unknown_reading_names_the_nearest():
    with pytest.raises(ValueError, match="unknown reading 'direct'; did you mean 'directed'"):
        as_reading("direct")


ENTITIES = st.sampled_from(
    [Entity(str(start), kind, start, start + 1) for start in range(3) for kind in ("per", "loc")]
)
QUINTUPLES = st.lists(
    st.builds(Quintuple, ENTITIES, ENTITIES, st.sampled_from(["peer", "couple"])).filter(
        lambda quintuple: quintuple.head != quintuple.tail
    )
)


@given(QUINTUPLES, QUINTUPLES)
def test_undirected_equals_writing_each_pair_in_both_orders(gold, predicted):
    def doubled(quintuples):
        return post(*quintuples, *map(swapped, quintuples), text="012")

    ours = score([post(*gold, text="012")], [post(*predicted, text="012")], "undirected").jmere
    theirs = score([doubled(gold)], [doubled(predicted)], "directed").jmere
    assert Measure(2 * ours.correct, 2 * ours.predicted, 2 * ours.gold) == theirs


@given(QUINTUPLES, QUINTUPLES)
def test_gold_and_prediction_trade_precision_for_recall(gold, predicted):
    there = score([post(*gold)], [post(*predicted)], all_entities=True).jmere
    back = score([post(*predicted)], [post(*gold)], all_entities=True).jmere
    assert (there.precision, there.recall, there.f1) == (back.recall, back.precision, back.f1)
