import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jmere.grid.word_labels import decode_labels, labels_of_words
from jmere.records import Mention

TYPES = ("per", "loc")
COUNT = 1 + 2 * len(TYPES)


def is_legal(labels):
    """Whether each later word follows its own name."""
    before = (0, *labels)[: len(labels)]
    return all(
        label % 2 or label == 0 or last in (label, label - 1)
        for last, label in zip(before, labels, strict=True)
    )


def log_shares(scores):
    scores = np.asarray(scores, np.float64)
    return scores - np.log(np.exp(scores).sum(axis=-1, keepdims=True))


def decoded(scores):
    ((names),) = decode_labels(np.asarray(scores, np.float32)[None], np.array([len(scores)]), TYPES)
    return names


words = st.integers(0, 5)
scores = words.flatmap(
    lambda count: st.lists(
        st.lists(st.integers(-20, 20).map(lambda n: n / 4), min_size=COUNT, max_size=COUNT),
        min_size=count,
        max_size=count,
    )
)


@given(scores)
def test_the_labels_are_the_most_probable_legal_ones(rows):
    found = [name.mention for name in decoded(np.reshape(rows, (-1, COUNT)))]
    own = labels_of_words(found, len(rows), TYPES)
    assert is_legal(own)
    logs = log_shares(np.reshape(rows, (-1, COUNT)))

    def total(labels):
        return sum(logs[place, label] for place, label in enumerate(labels))

    best = max(
        total(labels)
        for labels in itertools.product(range(COUNT), repeat=len(rows))
        if is_legal(labels)
    )
    assert total(own) == pytest.approx(best, abs=1e-4)


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(0, 2), st.sampled_from(TYPES))))
def test_names_become_labels_and_labels_names(parts):
    names, start = [], 0
    for size, gap, kind in parts:
        names.append(Mention(start, start + size, kind))
        start += size + gap
    labels = labels_of_words(names, start, TYPES)
    rows = 9 * np.eye(COUNT, dtype=np.float32)[labels]
    assert [name.mention for name in decoded(rows.reshape(-1, COUNT))] == names


def test_the_score_is_the_product_of_the_words():
    rows = np.log([[0.1, 0.8, 0.02, 0.04, 0.04], [0.05, 0.05, 0.5, 0.2, 0.2]])
    ((name),) = decoded(rows)
    assert name.mention == Mention(0, 2, "per")
    assert name.score == pytest.approx(0.4, abs=1e-6)


def test_padding_changes_nothing():
    rows = np.full((2, 3, COUNT), np.nan, np.float32)
    rows[0] = 9 * np.eye(COUNT)[[0, 1, 2]]
    rows[1, :1] = 9 * np.eye(COUNT)[[3]]
    first, second = decode_labels(rows, np.array([3, 1]), TYPES)
    assert [name.mention for name in first] == [Mention(1, 3, "per")]
    assert [name.mention for name in second] == [Mention(0, 1, "loc")]


def test_names_of_other_types_have_no_label():
    assert labels_of_words([Mention(0, 1, "event")], 2, TYPES) == [0, 0]
