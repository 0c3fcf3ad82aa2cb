"""Spans are read from gold grids and written back without loss."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from jmere.data.readers.mnre import read_mnre
from jmere.grid.decode import DecodeOptions, decode
from jmere.grid.encode import encode, pad_grids
from jmere.layers.spans import grid_labels, pair_tags, read_spans, write_grid
from jmere.records import Link, Mention
from jmere.tags import IGNORE, TagSet
from jmere.text.words import post_words

TAGS = TagSet(["per", "org"], ["peer", "member_of", "contain"])


@st.composite
def posts(draw):
    """Links, mentions and a number of words, one word at least."""
    sizes = draw(st.lists(st.integers(1, 3), min_size=1, max_size=6))
    mentions, start = [], 0
    for size in sizes:
        if kind := draw(st.sampled_from(["", *TAGS.entity_types])):
            mentions.append(Mention(start, start + size, kind))
        start += size
    names = st.sampled_from(["", "", *TAGS.relations])
    pairs = [(a, b, draw(names)) for a in mentions for b in mentions if a < b]
    links = [
        Link(*(ends if draw(st.booleans()) else ends[::-1]), name) for *ends, name in pairs if name
    ]
    return links, mentions, start


def through_a_pipeline(grids, tags):
    """Gold grids as a pipeline that is always right writes them."""
    gold = torch.from_numpy(grids.astype(np.int64))
    types = len(tags.entity_types)
    spans = read_spans(grid_labels(gold, types=types))
    relations = pair_tags(gold, spans, types=types)
    sure = torch.nn.functional.one_hot(relations, 1 + len(tags.relations)) * 30.0
    return write_grid(spans, sure, types=types).numpy()


@pytest.mark.parametrize("symmetric", [False, True])
@settings(max_examples=60)
@given(batch=st.lists(posts(), min_size=1, max_size=4))
def test_what_a_grid_holds_a_pipeline_gives_back(symmetric, batch):
    encoded = [encode(*post, TAGS, symmetric=symmetric) for post in batch]
    scores = through_a_pipeline(pad_grids([one.grid for one in encoded]), TAGS)
    lengths = np.array([words for _, _, words in batch])
    options = DecodeOptions(symmetric=symmetric)
    for found, held in zip(decode(scores, lengths, TAGS, options), encoded, strict=True):
        assert found.mentions == held.mentions
        assert {ends(link, symmetric) for link in found.links} == {
            ends(link, symmetric) for link in held.links
        }


def ends(link, symmetric):
    """A link's ends and relation, without its direction where the grid has none."""
    pair = (link.head, link.tail)
    return (tuple(sorted(pair)) if symmetric else pair), link.relation


@pytest.mark.parametrize("symmetric", [False, True])
def test_all_of_jmere_that_a_grid_holds_goes_through_a_pipeline(shared, symmetric):
    """What a grid loses is counted in test_jmere_grids: overlapping entities and what they end."""
    tags = TagSet.load()
    encoded = []
    for post in read_mnre(shared / "data" / "mnre" / "mnre_val.txt", merge="v1"):
        words = post_words(post)
        links = [words.link(quintuple) for quintuple in post.quintuples]
        encoded.append(encode(links, [], len(words), tags, symmetric=symmetric))
    scores = through_a_pipeline(pad_grids([one.grid for one in encoded]), tags)
    lengths = np.array([len(one.grid) for one in encoded])
    found = decode(scores, lengths, tags, DecodeOptions(symmetric=symmetric))
    for answer, held in zip(found, encoded, strict=True):
        assert answer.mentions == held.mentions
        assert {ends(link, symmetric) for link in answer.links} == {
            ends(link, symmetric) for link in held.links
        }


def test_a_label_that_continues_nothing_begins_a_span():
    #                      begun  cont.  outside cont.  other type, continued
    labels = torch.tensor([[1, 2, 0, 2, 4, 4], [1, 1, 0, 0, 0, 0]])
    spans = read_spans(labels)
    assert spans.of_word.tolist() == [[0, 0, 3, 1, 2, 2], [0, 1, 3, 3, 3, 3]]
    assert spans.types.tolist() == [[1, 1, 2], [1, 1, 0]]
    assert spans.pairs.sum(dim=(1, 2)).tolist() == [6, 2]


def test_posts_without_spans_are_written_as_nothing():
    gold = torch.full((2, 3, 3), IGNORE)
    gold[0] = 0
    spans = read_spans(grid_labels(gold, types=2))
    grid = write_grid(spans, torch.zeros(2, 0, 0, 4), types=2)
    assert grid.shape == (2, 3, 3, 6)
    assert grid.argmax(dim=3).eq(0).all()


def test_a_sure_relation_joins_no_touching_entities():
    spans = read_spans(torch.tensor([[1, 1]]))
    scores = torch.zeros(1, 2, 2, 4)
    scores[..., 1] = 200.0
    grid = write_grid(spans, scores, types=2).numpy()
    (found,) = decode(grid, np.array([2]), TAGS)
    assert found.mentions == (Mention(0, 1, "per"), Mention(1, 2, "per"))
    assert len(found.links) == 2
