import numpy as np
import pytest
from grid_cases import CASES, FIFA, KIM, LEE, TAGS, earlier_first, holdable_posts, log_probabilities
from hypothesis import given

from jmere.grid.decode import Decoded, DecodeOptions, decode
from jmere.grid.encode import encode, encode_batch
from jmere.grid.signatures import learn_signatures
from jmere.records import Link, Mention
from jmere.tags import TagSet


def read_back(links, mentions, words, *, symmetric=False):
    encoded = encode(links, mentions, words, TAGS, symmetric=symmetric)
    assert encoded.lost == ()
    scores = log_probabilities(encoded.grid[None])
    (decoded,) = decode(scores, np.array([words]), TAGS, DecodeOptions(symmetric=symmetric))
    assert set(decoded.mentions) == {end for ln in links for end in (ln.head, ln.tail)} | {
        *mentions
    }
    return decoded


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_grid_gives_back_its_links_and_mentions(case):
    assert set(read_back(*case).links) == set(case[0])


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_symmetric_grid_gives_each_link_once_with_the_earlier_entity_first(case):
    links = read_back(*case, symmetric=True).links
    assert len(links) == len(case[0])
    assert set(links) == set(map(earlier_first, case[0]))


@given(holdable_posts(both_ways=True))
def test_any_directed_grid_gives_back_what_it_holds(post):
    assert set(read_back(*post).links) == set(post[0])


@given(holdable_posts(both_ways=False))
def test_any_symmetric_grid_gives_back_what_it_holds(post):
    assert set(read_back(*post, symmetric=True).links) == set(map(earlier_first, post[0]))


@pytest.mark.parametrize("symmetric", [False, True])
def test_a_post_alone_equals_the_same_post_in_a_padded_batch(symmetric):
    rng = np.random.default_rng(0)
    options = DecodeOptions(symmetric=symmetric, relation_bias=2.0)
    lengths = np.array([9, 1, 0, 6])
    scores = rng.normal(size=(4, 9, 9, len(TAGS))).astype(np.float32)
    for grid, length in zip(scores, lengths, strict=True):
        grid[length:] = np.nan
        grid[:, length:] = np.inf
    together = decode(scores, lengths, TAGS, options)
    for post, length in enumerate(lengths):
        (alone,) = decode(
            scores[post : post + 1, :length, :length], np.array([length]), TAGS, options
        )
        assert together[post] == alone
        assert [link.score for link in together[post].links] == pytest.approx(
            [link.score for link in alone.links]
        )
    assert together[0].links
    assert together[2] == Decoded()


def test_an_empty_batch_has_no_answers():
    assert decode(np.zeros((0, 5, 5, len(TAGS))), np.zeros(0, dtype=int), TAGS) == []


def test_scores_that_prefer_nothing_give_nothing():
    scores = np.zeros((1, 5, 5, len(TAGS)), dtype=np.float32)
    assert decode(scores, np.array([5]), TAGS) == [Decoded()]


def test_logits_need_not_be_normalised():
    rng = np.random.default_rng(1)
    logits = rng.normal(size=(3, 8, 8, len(TAGS))).astype(np.float32)
    shifted = logits + rng.normal(size=(3, 8, 8, 1)).astype(np.float32) * 3
    lengths = np.full(3, 8)
    plain, moved = decode(logits, lengths, TAGS), decode(shifted, lengths, TAGS)
    assert plain == moved
    for one, other in zip(plain, moved, strict=True):
        assert [link.score for link in one.links] == pytest.approx(
            [link.score for link in other.links], rel=1e-4
        )


def test_a_score_is_the_geometric_mean_of_the_probabilities_of_its_cells():
    # Two entities of one word, one relation cell: three cells of 0.9, 0.8 and 0.6.
    tags = TagSet(["per"], ["peer"])
    scores = np.log(np.full((1, 2, 2, 3), [0.8, 0.1, 0.1], dtype=np.float32))
    scores[0, 0, 0] = np.log([0.05, 0.9, 0.05])
    scores[0, 1, 1] = np.log([0.1, 0.8, 0.1])
    scores[0, 0, 1] = np.log([0.3, 0.1, 0.6])
    (decoded,) = decode(scores, np.array([2]), tags)
    assert decoded.links == (Link(Mention(0, 1, "per"), Mention(1, 2, "per"), "peer"),)
    assert decoded.links[0].score == pytest.approx((0.9 * 0.8 * 0.6) ** (1 / 3), rel=1e-5)


def test_a_symmetric_score_counts_both_cells_of_a_relation():
    tags = TagSet(["per"], ["peer"])
    scores = np.log(np.full((1, 2, 2, 3), [0.2, 0.1, 0.7], dtype=np.float32))
    scores[0, [0, 1], [0, 1]] = np.log([0.05, 0.9, 0.05])
    scores[0, 1, 0] = np.log([0.5, 0.1, 0.4])
    (decoded,) = decode(scores, np.array([2]), tags, DecodeOptions(symmetric=True))
    assert decoded.links[0].score == pytest.approx((0.9 * 0.9 * 0.7 * 0.4) ** (1 / 4), rel=1e-5)


def test_a_score_stays_above_0_however_unlikely_a_bias_makes_it():
    scores = np.full((1, 2, 2, len(TAGS)), -5000, dtype=np.float32)
    scores[..., 0] = 0
    options = DecodeOptions(entity_bias=1e5, relation_bias=1e5)
    (decoded,) = decode(scores, np.array([2]), TAGS, options)
    assert len(decoded.mentions) == 2
    assert len(decoded.links) == 2
    assert all(0 < link.score <= 1 for link in decoded.links)


def test_biases_make_findings_rarer_or_more_frequent():
    rng = np.random.default_rng(2)
    scores, lengths = rng.normal(size=(50, 9, 9, len(TAGS))), np.full(50, 9)

    def found(**biases):
        posts = decode(scores, lengths, TAGS, DecodeOptions(**biases))
        return sum(len(p.mentions) for p in posts), sum(len(p.links) for p in posts)

    assert found(entity_bias=-2.0)[0] < found()[0] < found(entity_bias=2.0)[0]
    assert found(relation_bias=-2.0)[1] < found()[1] < found(relation_bias=2.0)[1]
    assert found(relation_bias=2.0)[0] == found()[0]


def test_signatures_forbid_what_training_never_showed():
    signatures = learn_signatures([Link(KIM, FIFA, "member_of"), Link(KIM, LEE, "peer")], TAGS)
    grids, _ = encode_batch([([Link(LEE, FIFA, "member_of")], [], 7)], TAGS)
    scores = log_probabilities(grids)
    (decoded,) = decode(scores, np.array([7]), TAGS, signatures=signatures)
    assert decoded.links == (Link(LEE, FIFA, "member_of"),)

    grids, _ = encode_batch([([Link(FIFA, LEE, "member_of")], [], 7)], TAGS)
    (decoded,) = decode(log_probabilities(grids), np.array([7]), TAGS, signatures=signatures)
    assert decoded.links == ()
    assert decoded.mentions == (LEE, FIFA)


def test_signatures_tell_the_head_of_a_symmetric_relation():
    later_head = Link(Mention(4, 5, "per"), Mention(0, 2, "org"), "member_of")
    peers = Link(Mention(4, 5, "per"), Mention(6, 7, "per"), "peer")
    signatures = learn_signatures([later_head, peers], TAGS)
    grids, _ = encode_batch([([later_head, peers], [], 7)], TAGS, symmetric=True)
    (decoded,) = decode(
        log_probabilities(grids),
        np.array([7]),
        TAGS,
        DecodeOptions(symmetric=True),
        signatures=signatures,
    )
    assert decoded.links == (later_head, peers)


def test_a_relation_unseen_in_training_may_hold_between_any_types():
    signatures = learn_signatures([Link(KIM, LEE, "peer")], TAGS)
    assert signatures.sum(axis=(1, 2)).tolist() == [1, 9, 9]
    assert signatures[0, 0, 0]


def test_a_tag_set_without_relations_gives_entities_alone():
    tags = TagSet(["per"], [])
    grid = encode([], [KIM, LEE], 3, tags).grid
    (decoded,) = decode(log_probabilities(grid[None], tags), np.array([3]), tags)
    assert decoded == Decoded(mentions=(KIM, LEE))


@pytest.mark.parametrize(
    ("lengths", "tags", "message"),
    [
        ([5, 5], TagSet(["per"], ["peer"]), "of 7 tags, but the tag set has 3"),
        ([5, 6], TAGS, "lengths from 5 to 6, but the grids have 5 words"),
        ([-1, 5], TAGS, "lengths from -1 to 5"),
    ],
)
def test_sizes_that_do_not_agree_are_refused(lengths, tags, message):
    with pytest.raises(ValueError, match=message):
        decode(np.zeros((2, 5, 5, len(TAGS))), np.array(lengths), tags)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"longest": 0}, "decoding.longest must be at least 1, got 0"),
        (
            {"entity_bias": float("nan")},
            r"decoding.entity_bias must be in \[-1e\+06, 1e\+06\], got nan",
        ),
        ({"relation_bias": float("inf")}, "decoding.relation_bias must be in .*, got inf"),
        ({"relation_bias": 1e308}, r"decoding.relation_bias must be in .*, got 1e\+308"),
    ],
)
def test_options_are_checked_when_made(options, message):
    with pytest.raises(ValueError, match=message):
        DecodeOptions(**options)
