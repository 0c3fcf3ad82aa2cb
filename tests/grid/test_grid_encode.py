import numpy as np
import pytest
from grid_cases import FIFA, KIM, LEE, TAGS

from jmere.grid.encode import encode, encode_batch, pad_grids
from jmere.grid.holding import Lost, Reason
from jmere.records import Link, Mention
from jmere.tags import IGNORE

PER, ORG, PEER, MEMBER = 1, 2, 4, 5


def test_an_entity_fills_its_upper_triangle_and_a_relation_its_block():
    head, tail = Mention(0, 2, "per"), Mention(2, 4, "org")
    encoded = encode([Link(head, tail, "member_of")], [], 4, TAGS)
    assert encoded.grid.tolist() == [
        [PER, PER, MEMBER, MEMBER],
        [0, PER, MEMBER, MEMBER],
        [0, 0, ORG, ORG],
        [0, 0, 0, ORG],
    ]
    assert encoded.mentions == (head, tail)
    assert encoded.lost == ()


def test_the_symmetric_form_writes_both_sides_of_the_diagonal():
    head, tail = Mention(2, 3, "org"), Mention(0, 1, "per")
    link = Link(head, tail, "peer")
    directed = encode([link], [], 3, TAGS).grid
    symmetric = encode([link], [], 3, TAGS, symmetric=True).grid
    assert directed.tolist() == [[PER, 0, 0], [0, 0, 0], [PEER, 0, ORG]]
    assert symmetric.tolist() == [[PER, 0, PEER], [0, 0, 0], [PEER, 0, ORG]]


def test_an_overlapping_entity_is_lost_with_its_links_and_the_first_one_is_held():
    nested = Mention(1, 2, "per")
    first, second = Link(KIM, FIFA, "member_of"), Link(nested, LEE, "peer")
    encoded = encode([first, second], [], 7, TAGS)
    assert encoded.links == (first,)
    assert encoded.mentions == (KIM, LEE, FIFA)
    assert encoded.lost == (Lost(second, Reason.OVERLAP), Lost(nested, Reason.OVERLAP))


def test_what_is_lost_leaves_no_cells():
    first = Link(KIM, FIFA, "member_of")
    clashes = [Link(KIM, FIFA, "contain"), Link(Mention(0, 1, "loc"), FIFA, "peer")]
    assert np.array_equal(
        encode([first, *clashes], [Mention(5, 7, "loc")], 7, TAGS).grid,
        encode([first], [], 7, TAGS).grid,
    )


def test_links_are_held_before_entities_of_lost_links():
    lost = Link(KIM, Mention(1, 3, "loc"), "peer")
    held = Link(Mention(1, 2, "per"), FIFA, "member_of")
    encoded = encode([lost, held], [], 7, TAGS)
    assert encoded.links == (held,)
    assert {one.item for one in encoded.lost} == {lost, KIM, Mention(1, 3, "loc")}


@pytest.mark.parametrize(
    ("link", "reason"),
    [
        (Link(KIM, FIFA, "contain"), Reason.PAIR),
        (Link(KIM, KIM, "peer"), Reason.SELF),
        (Link(Mention(7, 9, "loc"), Mention(8, 10, "loc"), "contain"), Reason.SELF),
        (Link(Mention(0, 2, "loc"), LEE, "contain"), Reason.TYPE),
        (Link(LEE, Mention(6, 8, "org"), "contain"), Reason.OVERLAP),
    ],
)
def test_a_loss_has_its_reason(link, reason):
    encoded = encode([Link(KIM, FIFA, "member_of"), link], [], 10, TAGS)
    assert encoded.lost[0] == Lost(link, reason)


def test_a_pair_related_both_ways_is_lost_only_in_the_symmetric_form():
    there, back = Link(KIM, FIFA, "member_of"), Link(FIFA, KIM, "contain")
    assert encode([there, back], [], 7, TAGS).lost == ()
    lost = encode([there, back], [], 7, TAGS, symmetric=True).lost
    assert lost == (Lost(back, Reason.REVERSE),)


def test_an_annotation_given_twice_is_no_loss():
    link = Link(KIM, FIFA, "member_of")
    encoded = encode([link, link], [KIM, KIM], 7, TAGS)
    assert encoded.lost == ()
    assert encoded.links == (link,)


def test_a_batch_is_padded_with_what_a_loss_ignores():
    posts = [([], [LEE], 3), ([], [KIM], 2), ([Link(KIM, KIM, "peer")], [], 2)]
    grids, lost = encode_batch(posts, TAGS)
    assert grids.shape == (3, 3, 3)
    assert grids[1].tolist() == [[PER, PER, IGNORE], [0, PER, IGNORE], [IGNORE] * 3]
    assert [len(one) for one in lost] == [0, 0, 1]


def test_no_grids_make_an_empty_batch():
    assert pad_grids([]).shape == (0, 0, 0)


@pytest.mark.parametrize(
    ("link", "message"),
    [
        (Link(KIM, Mention(6, 8, "org"), "peer"), r"entity at words 6:8, expected .* within 0:7"),
        (Link(KIM, Mention(3, 3, "org"), "peer"), r"entity at words 3:3"),
        (Link(KIM, Mention(3, 4, "orgs"), "peer"), r"'orgs' is not in the tag set.*'org'"),
        (Link(KIM, FIFA, "member"), r"relation 'member' is not in the tag set.*'member_of'"),
    ],
)
def test_what_no_grid_of_this_size_and_tag_set_knows_is_refused(link, message):
    with pytest.raises(ValueError, match=message):
        encode([link], [], 7, TAGS)
