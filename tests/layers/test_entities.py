"""The conditional random field against all sequences there are."""

from itertools import pairwise, product

import pytest
import torch

from jmere.layers.entities import Crf

LABELS, LENGTHS = 3, [4, 2, 1]


@pytest.fixture
def case():
    torch.manual_seed(0)
    crf = Crf(LABELS)
    for parameter in crf.parameters():
        parameter.data.normal_()
    emissions = torch.randn(3, 4, LABELS)
    mask = torch.arange(4) < torch.tensor(LENGTHS)[:, None]
    return crf, emissions, mask


def sequences(crf, emissions, length):
    """Every sequence of labels of a post, and its score letter by letter."""
    for labels in product(range(LABELS), repeat=length):
        score = crf.start[labels[0]] + crf.end[labels[-1]]
        score = score + sum(emissions[word, label] for word, label in enumerate(labels))
        score = score + sum(crf.transitions[a, b] for a, b in pairwise(labels))
        yield labels, score


@pytest.mark.parametrize("post", range(3))
def test_the_loss_is_that_of_all_sequences(case, post):
    crf, emissions, mask = case
    gold = torch.tensor([[2, 0, 1, 1], [1, 2, 0, 0], [2, 0, 0, 0]])
    scores = dict(sequences(crf, emissions[post], LENGTHS[post]))
    expected = torch.stack(list(scores.values())).logsumexp(0)
    expected = expected - scores[tuple(gold[post, : LENGTHS[post]].tolist())]
    torch.testing.assert_close(crf.losses(emissions, gold, mask)[post], expected)


@pytest.mark.parametrize("post", range(3))
def test_viterbi_finds_the_best_of_all_sequences(case, post):
    crf, emissions, mask = case
    scores = dict(sequences(crf, emissions[post], LENGTHS[post]))
    best = max(scores, key=scores.get)
    found = crf.best(emissions, mask)[post].tolist()
    assert found == [*best, *[0] * (4 - LENGTHS[post])]


def test_padding_holds_anything(case):
    crf, emissions, mask = case
    gold = torch.zeros(3, 4, dtype=torch.long)
    other = torch.where(mask[:, :, None], emissions, 1e4)
    torch.testing.assert_close(crf.losses(other, gold, mask), crf.losses(emissions, gold, mask))
    assert torch.equal(crf.best(other, mask), crf.best(emissions, mask))


def test_an_empty_post_costs_nothing(case):
    crf, emissions, mask = case
    losses = crf.losses(emissions, torch.zeros(3, 4, dtype=torch.long), mask & False)
    assert losses.eq(0).all()
    assert crf.best(emissions, mask & False).eq(0).all()
