"""What grids hold and lose of JMERE; the figures of docs/grid.md."""

from collections import Counter

import numpy as np
import pytest
from grid_cases import earlier_first, log_probabilities

from jmere.data.mnre import read_mnre
from jmere.grid.decode import DecodeOptions, decode
from jmere.grid.encode import encode, pad_grids
from jmere.grid.holding import Reason
from jmere.grid.signatures import learn_signatures
from jmere.records import Link
from jmere.tags import TagSet
from jmere.text.words import words_of

TAGS = TagSet.load()

# Posts, quintuples, those held, and those lost by reason.
COUNTS = {
    ("v1", "train"): (3618, 4503, 4461, {Reason.SELF: 26, Reason.OVERLAP: 16}),
    ("v1", "val"): (496, 624, 622, {Reason.SELF: 1, Reason.OVERLAP: 1}),
    ("v2", "train"): (3465, 4503, 4458, {Reason.SELF: 26, Reason.OVERLAP: 16, Reason.PAIR: 3}),
    ("v2", "val"): (473, 624, 622, {Reason.SELF: 1, Reason.OVERLAP: 1}),
}


def encoded_posts(shared, merge, split, *, symmetric):
    for post in read_mnre(shared / "data" / "mnre" / f"mnre_{split}.txt", merge=merge):
        words = words_of(post)
        links = [words.link(quintuple) for quintuple in post.quintuples]
        yield links, encode(links, [], len(words), TAGS, symmetric=symmetric)


@pytest.mark.parametrize("symmetric", [False, True])
@pytest.mark.parametrize(("merge", "split"), COUNTS)
def test_every_jmere_post_comes_back_but_for_what_is_counted(shared, merge, split, symmetric):
    posts = list(encoded_posts(shared, merge, split, symmetric=symmetric))
    lost = [one for _, encoded in posts for one in encoded.lost]
    counted = (
        len(posts),
        sum(len(links) for links, _ in posts),
        sum(len(encoded.links) for _, encoded in posts),
        Counter(one.reason for one in lost if isinstance(one.item, Link)),
    )
    assert counted == COUNTS[merge, split]

    signatures = learn_signatures((ln for _, encoded in posts for ln in encoded.links), TAGS)
    grids = pad_grids([encoded.grid for _, encoded in posts])
    decoded = decode(
        log_probabilities(grids, TAGS),
        np.array([len(encoded.grid) for _, encoded in posts]),
        TAGS,
        DecodeOptions(symmetric=symmetric),
        signatures=None if symmetric else signatures,
    )
    for (_, encoded), back in zip(posts, decoded, strict=True):
        assert back.mentions == encoded.mentions
        expected = map(earlier_first, encoded.links) if symmetric else encoded.links
        assert sorted(back.links) == sorted(expected)


@pytest.mark.parametrize(("split", "overlaps"), [("train", 35), ("val", 1)])
def test_each_overlapping_entity_of_jmere_is_reported_once(shared, split, overlaps):
    lost = [
        one
        for _, encoded in encoded_posts(shared, "v1", split, symmetric=False)
        for one in encoded.lost
        if not isinstance(one.item, Link)
    ]
    assert [one.reason for one in lost] == [Reason.OVERLAP] * overlaps
