"""Posts in words for the grid's tests, and scores that say exactly what a grid says."""

import numpy as np
from hypothesis import strategies as st

from jmere.records import Link, Mention
from jmere.tags import TagSet

TAGS = TagSet(["per", "org", "loc"], ["peer", "member_of", "contain"])

KIM, LEE, FIFA = Mention(0, 2, "per"), Mention(2, 3, "per"), Mention(4, 7, "org")

CASES = {
    "nothing": ([], [], 7),
    "an empty post": ([], [], 0),
    "a post of one word": ([], [Mention(0, 1, "loc")], 1),
    "an entity alone": ([], [FIFA], 7),
    "one link": ([Link(KIM, FIFA, "member_of")], [], 7),
    "a link against the reading order": ([Link(FIFA, KIM, "contain")], [], 7),
    "touching entities of one type": ([Link(KIM, LEE, "peer")], [], 7),
    "touching entities of two types": ([], [KIM, Mention(2, 4, "loc"), FIFA], 7),
    "nothing but touching words": ([], [Mention(i, i + 1, "per") for i in range(7)], 7),
    "a shared entity": ([Link(KIM, FIFA, "member_of"), Link(LEE, FIFA, "member_of")], [], 7),
    "one entity of all words": ([], [Mention(0, 40, "org")], 40),
    "every pair": (
        [Link(KIM, LEE, "peer"), Link(KIM, FIFA, "member_of"), Link(LEE, FIFA, "contain")],
        [Mention(8, 9, "loc")],
        10,
    ),
}


def log_probabilities(grids, tags=TAGS):
    """Scores of a model that is sure of ``grids``: log 1 for their tags, -30 for the others."""
    own = np.arange(len(tags)) == grids[..., None]
    return np.where(own, np.float32(0), np.float32(-30))


def earlier_first(link):
    """A link as the symmetric form gives it back."""
    head, tail = sorted([link.head, link.tail])
    return Link(head, tail, link.relation)


@st.composite
def holdable_posts(draw, *, both_ways):
    """Links, mentions and a number of words, such that nothing overlaps."""
    sizes = draw(st.lists(st.integers(1, 4), max_size=6))
    types = st.sampled_from(["", *TAGS.entity_types])
    mentions, start = [], 0
    for size in sizes:
        if kind := draw(types):
            mentions.append(Mention(start, start + size, kind))
        start += size
    pairs = [(a, b) for a in mentions for b in mentions if (a != b if both_ways else a < b)]
    relations = st.sampled_from(["", *TAGS.relations])
    named = [(a, b, draw(relations)) for a, b in pairs]
    return [Link(a, b, name) for a, b, name in named if name], mentions, start
