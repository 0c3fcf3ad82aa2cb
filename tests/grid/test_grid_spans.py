"""The fast decoder against slow and obvious ones."""

import numpy as np
import pytest
from grid_cases import TAGS

from jmere.grid.decode import DecodeOptions, decode
from jmere.grid.spans import find_spans

TYPES = TAGS.entity_slice


def gain_of(scores, start, end, tag):
    return sum(
        scores[i, j, tag] - scores[i, j, 0] for i in range(start, end) for j in range(i, end)
    )


def every_reading(words, longest):
    """All sets of disjoint typed spans of a post."""
    if words == 0:
        yield ()
        return
    for reading in every_reading(words - 1, longest):
        yield reading
    for size in range(1, min(words, longest) + 1):
        for reading in every_reading(words - size, longest):
            for tag in range(TYPES.start, TYPES.stop):
                yield (*reading, (words - size, words, tag))


def best_reading(scores, longest, bias):
    return max(
        every_reading(len(scores), longest),
        key=lambda reading: sum(gain_of(scores, *span) + bias for span in reading),
    )


def spans_of(spans, post):
    mine = spans.post == post
    return tuple(zip(spans.start[mine], spans.end[mine], spans.tag[mine], strict=True))


@pytest.mark.parametrize(("longest", "bias"), [(None, 0.0), (2, 0.0), (None, 1.5), (3, -1.0)])
def test_the_spans_are_the_best_of_all_readings(longest, bias):
    rng = np.random.default_rng(3)
    scores = rng.normal(size=(12, 5, 5, len(TAGS))).astype(np.float32)
    scores[..., 0] += 0.5
    lengths = np.array([5, 5, 5, 5, 5, 4, 4, 4, 3, 2, 1, 0])
    spans = find_spans(scores, lengths, TAGS, max_length=longest, bias=bias)
    for post, length in enumerate(lengths):
        expected = best_reading(scores[post, :length, :length], longest or 5, bias)
        assert spans_of(spans, post) == expected


def test_cells_below_the_diagonal_and_outside_a_span_say_nothing_about_entities():
    rng = np.random.default_rng(4)
    scores = rng.normal(size=(6, 5, 5, len(TAGS))).astype(np.float32)
    changed = scores.copy()
    below, left = np.tril_indices(5, -1)
    changed[:, below, left] = 9
    changed[..., TYPES.stop :] = 9
    lengths = np.full(6, 5)
    one, other = find_spans(scores, lengths, TAGS), find_spans(changed, lengths, TAGS)
    assert [spans_of(one, post) for post in range(6)] == [spans_of(other, p) for p in range(6)]


def test_a_long_post_is_read_as_exactly_as_a_short_one():
    # 300 words of which one entity covers 200: its gain is a sum of 20100 cells.
    scores = np.full((1, 300, 300, len(TAGS)), -30, dtype=np.float32)
    scores[..., 0] = 0
    scores[0, 50:250, 50:250, 2] = 0.001
    (decoded,) = decode(scores, np.array([300]), TAGS)
    assert [(m.start, m.end, m.type) for m in decoded.mentions] == [(50, 250, "org")]


@pytest.mark.parametrize("symmetric", [False, True])
def test_a_pair_has_the_relation_that_gains_most_over_all_its_cells(symmetric):
    rng = np.random.default_rng(5)
    scores = rng.normal(size=(20, 8, 8, len(TAGS))).astype(np.float32)
    posts = decode(scores, np.full(20, 8), TAGS, DecodeOptions(symmetric=symmetric))
    for grid, post in zip(scores, posts, strict=True):
        gains = grid - grid[..., :1]
        for head in post.mentions:
            for tail in post.mentions:
                if head == tail or (symmetric and tail < head):
                    continue
                rows, columns = slice(head.start, head.end), slice(tail.start, tail.end)
                total = gains[rows, columns].sum(axis=(0, 1))
                if symmetric:
                    total = total + gains[columns, rows].sum(axis=(0, 1))
                best = max(TAGS.relations, key=lambda name, t=total: t[TAGS.relation_id(name)])
                expected = [best] if total[TAGS.relation_id(best)] > 0 else []
                found = [ln.relation for ln in post.links if (ln.head, ln.tail) == (head, tail)]
                assert found == expected
    assert sum(len(post.links) for post in posts) > 20
