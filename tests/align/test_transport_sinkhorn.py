import math

import numpy as np
import ot
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transport_cases import masses, uniform, vectors

from jmere.align import cosine_distance, sinkhorn


def random_cost(batch: int, rows: int, columns: int, seed: int = 0) -> torch.Tensor:
    return cosine_distance(vectors(batch, rows, 8, seed=seed), vectors(batch, columns, 8, seed=99))


def by_pot(cost, row_mass, column_mass, epsilon, steps, method="sinkhorn"):
    arrays = (tensor.double().numpy() for tensor in (row_mass, column_mass, cost))
    return ot.sinkhorn(
        *arrays, epsilon, method=method, numItermax=steps, stopThr=0.0, warn=False
    ).astype(np.float32)


def test_two_nodes_by_hand():
    # By symmetry the plan is [p, 1/2 - p], with p / (1/2 - p) = exp(1 / epsilon).
    cost = torch.tensor([[[0.0, 1.0], [1.0, 0.0]]])
    result = sinkhorn(cost, uniform(1, 2), uniform(1, 2), epsilon=0.5)
    off = 0.5 / (1 + math.exp(2))
    torch.testing.assert_close(result.plan, torch.tensor([[[0.5 - off, off], [off, 0.5 - off]]]))
    torch.testing.assert_close(result.value, torch.tensor([2 * off]))
    assert result.converged.all()


@given(
    st.integers(2, 8),
    st.integers(2, 12),
    st.integers(0, 50),
    st.sampled_from([0.05, 0.1, 0.5, 2.0]),
    st.sampled_from([1, 7, 20, 33]),
)
@settings(max_examples=25, derandomize=True)
def test_step_by_step_as_pot(rows, columns, seed, epsilon, steps):
    cost = random_cost(2, rows, columns, seed)
    row_mass, column_mass = masses(2, rows, seed=seed), masses(2, columns, seed=seed + 1)
    ours = sinkhorn(cost, row_mass, column_mass, epsilon=epsilon, steps=steps, tolerance=0.0)
    for post in range(2):
        plan = by_pot(cost[post], row_mass[post], column_mass[post], epsilon, steps)
        np.testing.assert_allclose(ours.plan[post].numpy(), plan, atol=1e-5)


@pytest.mark.parametrize("epsilon", [0.02, 0.1, 1.0])
def test_at_the_end_as_pot(epsilon):
    cost = random_cost(4, 10, 30)
    row_mass, column_mass = masses(4, 10), masses(4, 30)
    ours = sinkhorn(cost, row_mass, column_mass, epsilon=epsilon, steps=3000, tolerance=1e-6)
    assert ours.converged.all()
    for post in range(4):
        plan = by_pot(cost[post], row_mass[post], column_mass[post], epsilon, 3000)
        np.testing.assert_allclose(ours.plan[post].numpy(), plan, atol=1e-5)
        assert abs(ours.value[post].item() - (plan * cost[post].numpy()).sum()) < 1e-5


@pytest.mark.parametrize(
    ("scale", "epsilon"), [(1.0, 0.01), (1.0, 0.003), (1.0, 1e-3), (50.0, 0.1), (1e3, 1.0)]
)
def test_a_sharp_cost_as_pot_in_logarithms(scale, epsilon):
    cost = scale * random_cost(3, 6, 15)
    row_mass, column_mass = masses(3, 6), masses(3, 15)
    ours = sinkhorn(cost, row_mass, column_mass, epsilon=epsilon, steps=60, tolerance=0.0)
    for post in range(3):
        plan = by_pot(cost[post], row_mass[post], column_mass[post], epsilon, 60, "sinkhorn_log")
        value = (plan * cost[post].numpy()).sum()
        assert abs(ours.value[post].item() - value) < 1e-4 * scale


def test_the_sharpest_cost_stays_finite_and_keeps_the_rows():
    cost = 1e3 * random_cost(3, 6, 15)
    row_mass = masses(3, 6)
    result = sinkhorn(cost, row_mass, masses(3, 15), epsilon=1e-3, steps=100)
    assert result.plan.isfinite().all()
    assert not result.converged.any()
    torch.testing.assert_close(result.plan.sum(2), row_mass, atol=1e-5, rtol=1e-4)


def test_a_sharp_post_does_not_touch_its_neighbour():
    cost = random_cost(1, 6, 15).repeat(2, 1, 1)
    alone = sinkhorn(cost[:1], uniform(1, 6), uniform(1, 15), epsilon=0.1)
    cost[1] *= 1e4
    together = sinkhorn(cost, uniform(2, 6), uniform(2, 15), epsilon=0.1)
    assert torch.equal(together.plan[0], alone.plan[0])
    assert together.converged.tolist() == [True, False]


def test_a_post_that_is_done_rests_while_its_neighbour_goes_on():
    cost = random_cost(2, 6, 15)
    cost[0] *= 0.01
    alone = sinkhorn(cost[:1], uniform(1, 6), uniform(1, 15), epsilon=0.02)
    together = sinkhorn(cost, uniform(2, 6), uniform(2, 15), epsilon=0.02)
    more = sinkhorn(cost[:1], uniform(1, 6), uniform(1, 15), epsilon=0.02, tolerance=0.0)
    assert torch.equal(together.plan[0], alone.plan[0])
    assert not torch.equal(more.plan[0], alone.plan[0])


def test_cost_and_smoothing_share_a_unit_and_masses_scale_the_plan():
    cost, row_mass, column_mass = random_cost(2, 4, 7), masses(2, 4), masses(2, 7)
    one = sinkhorn(cost, row_mass, column_mass, epsilon=0.1, tolerance=0.0)
    large = sinkhorn(100 * cost, row_mass, column_mass, epsilon=10.0, tolerance=0.0)
    heavy = sinkhorn(cost, 3 * row_mass, 3 * column_mass, epsilon=0.1, tolerance=0.0)
    torch.testing.assert_close(large.plan, one.plan)
    torch.testing.assert_close(large.value, 100 * one.value)
    torch.testing.assert_close(heavy.plan, 3 * one.plan)


def test_too_few_steps_are_reported():
    cost = random_cost(2, 6, 15)
    result = sinkhorn(cost, masses(2, 6), masses(2, 15), epsilon=0.02, steps=1)
    assert not result.converged.any()
    off = (result.plan.sum(1) - masses(2, 15)).abs().sum(1)
    torch.testing.assert_close(result.error, off, atol=1e-5, rtol=1e-4)


def test_masses_that_cannot_meet_are_reported():
    result = sinkhorn(random_cost(1, 3, 4), uniform(1, 3), 2 * uniform(1, 4), epsilon=0.1)
    assert not result.converged.any()
    torch.testing.assert_close(result.error, torch.tensor([1.0]), atol=1e-4, rtol=0)


def test_the_gradient_is_that_of_the_smoothed_minimum():
    epsilon, h = 0.1, 1e-5
    cost = random_cost(1, 3, 4).double().requires_grad_()
    row_mass, column_mass = masses(1, 3), masses(1, 4)
    options = {"epsilon": epsilon, "steps": 600, "tolerance": 1e-12}
    sinkhorn(cost, row_mass, column_mass, **options).value.sum().backward()

    def minimum(cost):
        plan = sinkhorn(cost, row_mass, column_mass, **options).plan
        return ((plan * cost) + epsilon * plan * plan.log()).sum()

    for i, j in np.ndindex(3, 4):
        change = torch.zeros_like(cost)
        change[0, i, j] = h
        with torch.no_grad():
            slope = (minimum(cost + change) - minimum(cost - change)) / (2 * h)
        assert abs(slope - cost.grad[0, i, j]) < 1e-7


def test_the_unrolled_gradient_is_that_of_the_value_itself():
    cost = random_cost(2, 3, 4).double().requires_grad_()
    row_mass, column_mass = masses(2, 3), masses(2, 4)

    def value(cost):
        return sinkhorn(cost, row_mass, column_mass, epsilon=0.3, steps=5, unroll=True).value

    assert torch.autograd.gradcheck(value, cost)


@pytest.mark.parametrize("options", [{"epsilon": 0.0}, {"epsilon": -1.0}, {"steps": 0}])
def test_what_must_be_positive(options):
    name, value = next(iter(options.items()))
    with pytest.raises(ValueError, match=f"{name} must be positive, got {value}"):
        sinkhorn(random_cost(1, 2, 2), uniform(1, 2), uniform(1, 2), **{"epsilon": 0.1, **options})


def test_what_stands_on_padding_does_not_matter():
    cost = random_cost(1, 4, 5)
    row_mass, column_mass = uniform(1, 4), uniform(1, 5)
    row_mass[0, 3], column_mass[0, 4] = 0, 0
    clean = sinkhorn(cost, row_mass, column_mass, epsilon=0.1)
    cost[0, 3], cost[0, :, 4] = torch.nan, torch.inf
    assert torch.equal(sinkhorn(cost, row_mass, column_mass, epsilon=0.1).plan, clean.plan)
