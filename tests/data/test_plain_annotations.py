"""The fast way of reading annotation takes nothing that the other way would refuse or change."""

from hypothesis import given
from hypothesis import strategies as st

from jmere.data.annotations import entity_from_json, quintuple_from_json
from jmere.data.plain_annotations import plain_entity, plain_quintuple
from jmere.tags import TagSet

TEXT = "Ann  lives\n in\u200b Bonn"
TAGS = TagSet(("per", "loc"), ("lives_in",))

numbers = st.one_of(st.integers(-1, 25), st.booleans(), st.just(1.0), st.none())
spans = st.tuples(st.integers(0, 20), st.integers(0, 21))
labels = st.sampled_from(["per", "loc", "lives_in", " ", "", "a\nb", "\0", "other", 3, None])


@st.composite
def entities(draw):
    start, end = draw(spans)
    value = {"text": TEXT[start:end], "start": start, "end": end, "type": draw(labels)}
    changes = st.dictionaries(
        st.sampled_from(["text", "start", "end", "type", "box"]),
        st.one_of(numbers, labels),
        max_size=1,
    )
    value |= draw(changes)
    if draw(st.booleans()) and draw(st.booleans()):
        value.pop(draw(st.sampled_from(sorted(value))))
    return value


@given(entities(), st.sampled_from([None, TAGS]))
def test_an_entity_is_the_same_either_way(value, tags):
    found = plain_entity(value, TEXT, tags)
    if found is not None:
        assert found == entity_from_json(value, TEXT, tags=tags, surface=True)
        assert found.text == value["text"]


@given(
    entities(), entities(), labels,
    st.one_of(st.floats(-0.5, 1.5), st.just(float("nan")), st.integers(0, 1), st.none()),
    st.sampled_from([None, TAGS]),
)  # fmt: skip
def test_a_quintuple_is_the_same_either_way(head, tail, relation, score, tags):
    value = {"head": head, "tail": tail, "relation": relation, "score": score}
    found = plain_quintuple(value, TEXT, tags)
    if found is not None:
        other = quintuple_from_json(value, TEXT, tags=tags, surface=True)
        assert (found, found.score) == (other, other.score)


def test_most_annotation_is_plain():
    head = {"text": "Ann", "start": 0, "end": 3, "type": "per"}
    tail = {"text": "Bonn", "start": 16, "end": 20, "type": "loc"}
    value = {"head": head, "tail": tail, "relation": "lives_in", "score": 0.5}
    assert TEXT[16:20] == "Bonn"
    assert plain_quintuple(value, TEXT, TAGS) is not None
