import numpy as np
import pytest

from jmere.evaluation.reliability import calibration_error, debiased_error, reliability, scored
from jmere.records import Entity, Post, Quintuple

ADA, NASA, ROME = Entity("Ada", "per", 0, 3), Entity("NASA", "org", 4, 8), Entity("", "loc", 9, 13)


def post(*quintuples):
    return Post(text="Ada NASA Rome", id="a", quintuples=quintuples)


def test_each_quintuple_is_judged_by_itself():
    gold = [post(Quintuple(ADA, NASA, "member_of"))]
    found = [post(Quintuple(NASA, ADA, "member_of", 0.9), Quintuple(NASA, ROME, "locate_at", 0.2))]
    for reading, expected in (("undirected", [True, False]), ("directed", [False, False])):
        scores, right = scored(gold, found, reading)
        assert scores.tolist() == [0.9, 0.2]
        assert right.tolist() == expected


def test_gold_has_no_score_to_judge():
    gold = [post(Quintuple(ADA, NASA, "member_of"))]
    with pytest.raises(ValueError, match="predicted post 'a': a quintuple has no score"):
        scored(gold, gold, "directed")


def test_the_error_is_the_mean_gap_of_the_bins():
    scores, right = np.array([0.95, 0.85, 1.0, 0.15]), np.array([True, False, True, False])
    bins = reliability(scores, right)
    assert [(each.low, each.count) for each in bins] == [(0.1, 1), (0.8, 1), (0.9, 2)]
    assert calibration_error(bins) == pytest.approx((0.15 + 0.85 + 2 * 0.025) / 4)
    assert calibration_error([]) == 0


def test_the_right_share_of_every_score_has_no_error():
    scores = np.full(4, 0.75)
    assert calibration_error(reliability(scores, np.array([True, True, False, True]))) == 0


def test_the_debiased_error_of_true_probabilities_is_nothing():
    rng = np.random.default_rng(3)
    errors = []
    for _ in range(50):
        scores = rng.random(200)
        bins = reliability(scores, rng.random(200) < scores)
        errors.append((calibration_error(bins), debiased_error(bins)))
    plain, debiased = np.mean(errors, axis=0)
    assert plain > 0.05
    assert debiased < 0.5 * plain


def test_the_debiased_error_keeps_what_is_wrong():
    rng = np.random.default_rng(3)
    scores = rng.random(20_000)
    bins = reliability(scores, rng.random(20_000) < scores / 2)
    assert debiased_error(bins) == pytest.approx(np.sqrt(1 / 12), abs=0.01)  # of s / 2 over [0, 1]
    assert debiased_error([]) == 0
