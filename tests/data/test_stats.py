import json
import time
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from jmere.data.stats import statistics
from jmere.records import Entity, Mention, Post, Quintuple
from jmere.text.words import join

TEXT = "Ann Lee of New York City"


def at(part, kind, text=TEXT):
    start = text.index(part)
    return Entity(part, kind, start, start + len(part))


ANN, LEE, CITY = at("Ann Lee", "per"), at("Lee", "per"), at("New York City", "loc")


def of(*quintuples, entities=(), text=TEXT):
    return Post(tokens=text.split(), image="a.jpg", quintuples=quintuples, entities=entities)


def facts(post):
    grid = statistics([post]).to_json()["grid"]
    return {name: count for name, count in grid.items() if count}


def test_the_columns_of_table_3_are_counted():
    posts = [
        of(Quintuple(ANN, CITY, "born"), Quintuple(ANN, at("York", "org"), "fan")),
        of(entities=[Entity("Bo", "per", 0, 2)], text="Bo met Cy and Al"),
        Post(text="Just words, three?"),
    ]

    found = statistics(posts)

    assert (found.samples, found.entities, found.quintuples, found.relations) == (3, 5, 2, 2)
    assert found.distinct_entities == 4
    assert found.average_length == (6 + 5 + 5) / 3
    assert (found.longest, found.images) == (6, 2)
    assert found.per_relation == {"born": 1, "fan": 1}
    assert found.per_type == {"per": 2, "loc": 1, "org": 1}


def test_no_posts_give_zeros():
    found = statistics([])

    assert (found.samples, found.average_length, found.per_type) == (0, 0, {})


def test_what_a_plain_quintuple_asks_of_the_grid_is_nothing_special():
    assert facts(of(Quintuple(ANN, CITY, "born"))) == {}


def test_overlapping_spans_are_counted_in_pairs():
    assert facts(of(Quintuple(ANN, CITY, "a"), entities=[LEE, at("York", "org")])) == {
        "overlapping": 2
    }


def test_touching_spans_are_counted():
    assert facts(of(entities=[at("Ann", "per"), LEE])) == {"touching": 1}


def test_two_relations_of_one_ordered_pair_are_counted():
    assert facts(of(Quintuple(ANN, CITY, "a"), Quintuple(ANN, CITY, "b"))) == {"two_relations": 1}


def test_relations_in_both_directions_are_counted():
    assert facts(of(Quintuple(ANN, CITY, "a"), Quintuple(CITY, ANN, "a"))) == {"both_directions": 1}


def test_a_span_with_two_types_is_counted():
    assert facts(of(entities=[ANN, at("Ann Lee", "org")])) == {"two_types": 1}


def test_entities_inside_words_are_counted():
    assert facts(of(entities=[at("Yor", "loc"), at("w York", "loc")])) == {"inside_words": 2}


def test_repeated_quintuples_are_counted():
    assert facts(of(Quintuple(ANN, CITY, "a"), Quintuple(ANN, CITY, "a"))) == {"repeated": 1}


def test_the_figures_print_as_a_table_and_as_json():
    found = statistics([of(Quintuple(ANN, CITY, "born_in"))])

    assert json.loads(json.dumps(found.to_json()))["quintuples"] == 1
    lines = [line.split() for line in found.to_text().splitlines()]
    assert ["samples", "1"] in lines
    assert ["entities", "2", "(2", "distinct)"] in lines
    assert ["born_in", "1"] in lines


@given(st.sets(st.tuples(st.integers(0, 12), st.integers(1, 5)), max_size=9))
def test_pairs_of_spans_are_counted_as_one_by_one(pairs):
    words = [f"w{index:02}" for index in range(20)]
    spans = sorted((start, start + length) for start, length in pairs)
    joined = join(words)
    post = Post(tokens=words, entities=[joined.entity(Mention(*span, "per")) for span in spans])

    both = list(combinations(spans, 2))

    grid = statistics([post]).grid
    assert grid.overlapping == sum(second[0] < first[1] for first, second in both)
    assert grid.touching == sum(second[0] == first[1] for first, second in both)


def test_a_post_of_many_quintuples_takes_time_in_proportion():
    def seconds(size):
        words = [f"w{index}" for index in range(2 * size)]
        spans = join(words).spans
        ends = [Entity(word, "per", *span) for word, span in zip(words, spans, strict=True)]
        pairs = zip(ends[::2], ends[1::2], strict=True)
        post = Post(tokens=words, quintuples=[Quintuple(*pair, "peer") for pair in pairs])
        begun = time.process_time()
        assert statistics([post]).quintuples == size
        return time.process_time() - begun

    assert seconds(4_000) < 24 * seconds(500)
