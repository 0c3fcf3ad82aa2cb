"""What grids hold and lose of JMERE; the figures of docs/explanation/the-grid.md."""

from collections import Counter
from functools import lru_cache

import numpy as np
import pytest
from grid_cases import earlier_first, log_probabilities

from jmere.data.readers.mnre import read_mnre
from jmere.grid.decode import DecodeOptions, decode
from jmere.grid.encode import encode, pad_grids
from jmere.grid.holding import Reason
from jmere.grid.signatures import learn_signatures
from jmere.records import Link
from jmere.tags import TagSet
from jmere.text.words import post_words

TAGS = TagSet.load()

# Posts, quintuples, and what is lost: entities that overlap, and quintuples by reason.
COUNTS = {
    ("v1", "train"): (3618, 4503, 35, {Reason.SELF: 26, Reason.OVERLAP: 16}),
    ("v1", "val"): (496, 624, 1, {Reason.SELF: 1, Reason.OVERLAP: 1}),
    ("v2", "train"): (3465, 4503, 35, {Reason.SELF: 26, Reason.OVERLAP: 16, Reason.PAIR: 3}),
    ("v2", "val"): (473, 624, 1, {Reason.SELF: 1, Reason.OVERLAP: 1}),
}


@lru_cache
def posts_of(folder, merge, split):
    """The links and the number of words of each post."""
    posts = []
    for post in read_mnre(folder / f"mnre_{split}.txt", merge=merge):
        words = post_words(post)
        posts.append(([words.link(quintuple) for quintuple in post.quintuples], len(words)))
    return posts


def encoded_posts(shared, merge, split, *, symmetric):
    posts = posts_of(shared / "data" / "mnre", merge, split)
    return [encode(links, [], words, TAGS, symmetric=symmetric) for links, words in posts]


def decoded_posts(encoded, **settings):
    for first in range(0, len(encoded), 256):
        grids = [one.grid for one in encoded[first : first + 256]]
        scores = log_probabilities(pad_grids(grids), TAGS)
        yield from decode(scores, np.array([len(grid) for grid in grids]), TAGS, **settings)


@pytest.mark.parametrize(("merge", "split"), COUNTS)
def test_all_that_a_grid_loses_of_jmere_is_counted(shared, merge, split):
    posts = posts_of(shared / "data" / "mnre", merge, split)
    encoded = encoded_posts(shared, merge, split, symmetric=False)
    lost = [one for post in encoded for one in post.lost]
    links = [one.reason for one in lost if isinstance(one.item, Link)]
    entities = [one.reason for one in lost if not isinstance(one.item, Link)]
    quintuples = sum(len(links) for links, _ in posts)
    assert (len(posts), quintuples, len(entities), Counter(links)) == COUNTS[merge, split]
    assert set(entities) == {Reason.OVERLAP}
    assert sum(len(post.links) for post in encoded) == quintuples - len(links)


@pytest.mark.parametrize(("merge", "split"), COUNTS)
def test_every_jmere_post_comes_back_but_for_what_is_lost(shared, merge, split):
    encoded = encoded_posts(shared, merge, split, symmetric=False)
    signatures = learn_signatures((link for post in encoded for link in post.links), TAGS)
    decoded = list(decoded_posts(encoded, signatures=signatures))
    assert [post.links for post in decoded] == [post.links for post in encoded]
    assert [post.mentions for post in decoded] == [post.mentions for post in encoded]


@pytest.mark.parametrize("split", ["train", "val"])
def test_the_symmetric_form_loses_no_more_than_which_entity_is_the_head(shared, split):
    directed = encoded_posts(shared, "v1", split, symmetric=False)
    encoded = encoded_posts(shared, "v1", split, symmetric=True)
    decoded = list(decoded_posts(encoded, options=DecodeOptions(symmetric=True)))
    assert [post.lost for post in encoded] == [post.lost for post in directed]
    for post, back in zip(encoded, decoded, strict=True):
        assert back.mentions == post.mentions
        assert set(back.links) == set(map(earlier_first, post.links))
