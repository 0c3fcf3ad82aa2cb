"""Equation 12 as a sum, and as means, on scores computed by hand."""

import math

import pytest
import torch

from jmere.models.tagging import LossConfig, Tagging, total_loss
from jmere.tags import IGNORE

GOLD = torch.tensor([[[0, 1], [IGNORE, 0]], [[1, IGNORE], [IGNORE, IGNORE]]])
"""Three annotated cells in one post, one in the other."""

EVEN = torch.zeros(2, 2, 2, 2)
"""Two tags, equally likely: every cell's loss is log 2."""


@pytest.mark.parametrize(("reduction", "cells"), [("sum", 4), ("post", 4 / 2), ("cell", 1)])
def test_cells_and_posts_are_added_or_averaged(reduction, cells):
    losses = total_loss(Tagging(EVEN), GOLD, LossConfig(reduction=reduction))
    assert losses["total"].item() == pytest.approx(cells * math.log(2))


@pytest.mark.parametrize(("reduction", "graph"), [("sum", 3.0), ("post", 1.5), ("cell", 1.5)])
def test_what_is_beside_the_tagging_is_added_over_posts_alike(reduction, graph):
    tagging = Tagging(EVEN, auxiliary={"graph": torch.tensor([1.0, 2.0])})
    losses = total_loss(tagging, GOLD, LossConfig(reduction=reduction))
    assert losses["graph"].item() == graph
    assert losses["total"].item() == pytest.approx(losses["tagging"].item() + graph)


def test_a_weight_of_none_counts_in_the_sum():
    config = LossConfig(reduction="sum", none_weight=0.5)
    assert total_loss(Tagging(EVEN), GOLD, config)["total"].item() == pytest.approx(
        3 * math.log(2)  # two cells of none at a half each, two of the other tag
    )


def test_two_ways_to_divide_are_refused():
    with pytest.raises(ValueError, match=r"loss\.per_word: a loss of reduction 'sum'"):
        LossConfig(reduction="sum", per_word=True)
