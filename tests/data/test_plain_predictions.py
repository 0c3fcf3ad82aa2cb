"""The fast way of reading predictions takes nothing that the other would refuse or change."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("msgspec", reason="needs the extra large")

from jmere.data.plain_predictions import plain_prediction
from jmere.data.predictions import extraction_from_json
from jmere.knowledge.reading import PostReader

TEXT = 'Ann  lives\n in\u200b "Bonn"'
ODD = [None, 1, 1.0, True, "", " ", "a\tb", "\0", "\ud800", [], {}, 1e400, float("nan"), -0.0]

values = st.one_of(st.sampled_from(ODD), st.integers(-2, 30), st.floats(), st.text(max_size=3))
labels = st.sampled_from(["per", "loc", "a b"])


@st.composite
def entities(draw):
    start = draw(st.integers(0, 20))
    end = draw(st.integers(start, len(TEXT) + 1))
    value = {"text": TEXT[start:end], "start": start, "end": end, "type": draw(labels)}
    return changed(draw, value, ["text", "start", "end", "type", "box", "visible", "other"])


@st.composite
def quintuples(draw):
    value = {"head": draw(entities()), "tail": draw(entities()), "relation": draw(labels)}
    if draw(st.booleans()):
        value["score"] = draw(st.floats(0, 1))
    return changed(draw, value, ["head", "relation", "score", "source", "other"])


@st.composite
def predictions(draw):
    value = {
        "schema_version": 1,
        "id": "1",
        "text": TEXT,
        "quintuples": draw(st.lists(quintuples(), max_size=2)),
        "entities": draw(st.lists(entities(), max_size=2)),
    }
    keys = ["time", "author", "url", "language", "model", "image", "kept", "warnings", "tokens"]
    return changed(draw, value, [*value, *keys, "scene_graph", "other"])


def changed(draw, value, keys):
    """A value of which one item may be odd or missing."""
    if draw(st.integers(0, 3)) == 0:
        value[draw(st.sampled_from(keys))] = draw(values)
    if draw(st.integers(0, 9)) == 0:
        value.pop(draw(st.sampled_from(sorted(value))))
    return value


@given(predictions())
def test_a_post_says_the_same_either_way(value):
    line = json.dumps(value)
    found = plain_prediction(line)
    if found is not None:
        other = extraction_from_json(json.loads(line))
        assert PostReader(keep_text=True).read(found) == PostReader(keep_text=True).read(other)


def test_usual_predictions_are_read_fast():
    end = {"text": "Ann", "start": 0, "end": 3, "type": "per", "visible": 0.5}
    tail = {"text": "Bonn", "start": 13, "end": 17, "type": "loc"}
    quintuple = {"head": end, "tail": tail, "relation": "lives_in", "score": 1}
    post = {"id": "1", "text": "Ann lives in Bonn", "quintuples": [quintuple], "entities": [end]}
    found = plain_prediction(json.dumps({"schema_version": 1, **post}))
    assert found is not None
    assert found.quintuples[0].tail.text == "Bonn"
    assert plain_prediction(json.dumps(post)) is None
