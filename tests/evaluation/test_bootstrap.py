import numpy as np
import pytest

from jmere.evaluation.bootstrap import compare, paired_bootstrap
from jmere.evaluation.scores import score
from jmere.records import Entity, Post, Quintuple


def counts(posts, seed, rate):
    draws = np.random.default_rng(seed)
    gold = draws.integers(0, 4, posts)
    predicted = draws.integers(0, 4, posts)
    correct = draws.binomial(np.minimum(gold, predicted), rate)
    return np.stack([correct, predicted, gold], axis=1)


def slow_differences(system, other, resamples):
    draws = np.random.default_rng(1)

    def f1(rows):
        return 2 * rows[:, 0].sum() / (rows[:, 1].sum() + rows[:, 2].sum())

    chosen = (draws.integers(0, len(system), len(system)) for _ in range(resamples))
    return np.array([f1(system[index]) - f1(other[index]) for index in chosen])


def test_the_interval_is_that_of_the_obvious_bootstrap():
    system, other = counts(200, 3, 0.7), counts(200, 4, 0.6)
    result = paired_bootstrap(system, other)
    low, high = np.percentile(slow_differences(system, other, 4000), [2.5, 97.5])
    assert result.low == pytest.approx(low, abs=0.01)
    assert result.high == pytest.approx(high, abs=0.01)
    assert result.low < result.f1 < result.high


def test_the_p_value_is_that_of_the_obvious_bootstrap():
    system, other = counts(200, 3, 0.65), counts(200, 4, 0.6)
    result = paired_bootstrap(system, other)
    differences = slow_differences(system, other, 4000)
    slow = np.mean(np.abs(differences - result.f1) >= abs(result.f1))
    assert result.p_value == pytest.approx(slow, abs=0.03)


def test_a_system_is_no_better_than_itself():
    result = paired_bootstrap(counts(50, 0, 0.5), counts(50, 0, 0.5))
    assert (result.f1, result.low, result.high, result.p_value) == (0, 0, 0, 1)


def test_a_far_better_system_is_surely_better():
    perfect = np.tile([2, 2, 2], (100, 1))
    result = paired_bootstrap(perfect, np.tile([0, 2, 2], (100, 1)))
    assert (result.f1, result.low, result.high) == (1, 1, 1)
    assert result.p_value == pytest.approx(1 / 10_001)


def test_exchanging_the_systems_turns_the_sign_alone():
    system, other = counts(80, 5, 0.7), counts(80, 6, 0.5)
    there, back = paired_bootstrap(system, other), paired_bootstrap(other, system)
    assert back.f1 == pytest.approx(-there.f1)
    assert back.p_value == pytest.approx(there.p_value, abs=0.01)


def test_a_seed_repeats_the_draw():
    system, other = counts(80, 5, 0.7), counts(80, 6, 0.6)
    first = paired_bootstrap(system, other, resamples=100, seed=7)
    assert first == paired_bootstrap(system, other, resamples=100, seed=7)
    assert first != paired_bootstrap(system, other, resamples=100, seed=8)


def test_posts_with_nothing_in_them_are_no_difference():
    nothing = np.zeros((4, 3), dtype=int)
    assert paired_bootstrap(nothing, nothing).f1 == 0


def test_compare_takes_the_scores_of_two_systems():
    pair = Quintuple(Entity("a", "per", 0, 1), Entity("b", "per", 1, 2), "peer")
    gold = [Post(text="ab", id=str(index), quintuples=[pair]) for index in range(6)]
    result = compare(score(gold, gold), score(gold, []), resamples=50)
    assert (result.jmere.f1, result.mner.f1) == (1, 1)
    with pytest.raises(ValueError, match="cannot compare readings 'directed' and 'surface'"):
        compare(score(gold, gold), score(gold, gold, "surface"))
    with pytest.raises(ValueError, match="cannot compare 6 posts with 5"):
        compare(score(gold, gold), score(gold[:5], []))


@pytest.mark.parametrize(
    ("posts", "resamples", "message"), [(0, 10, "at least one post"), (3, 0, "must be positive")]
)
def test_a_bootstrap_needs_posts_and_resamples(posts, resamples, message):
    with pytest.raises(ValueError, match=message):
        paired_bootstrap(counts(posts, 0, 0.5), counts(posts, 0, 0.5), resamples=resamples)
