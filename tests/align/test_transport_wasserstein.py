import numpy as np
import ot
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transport_cases import masses, uniform, vectors

from jmere.align import cosine_distance, wasserstein

THOROUGH = {"epsilon": 0.1, "outer_steps": 1000, "inner_steps": 3, "tolerance": 1e-6}


def exact(cost, row_mass, column_mass):
    arrays = [tensor.double().numpy() for tensor in (row_mass, column_mass, cost)]
    return ot.emd2(arrays[0] / arrays[0].sum(), arrays[1] / arrays[1].sum(), arrays[2])


@given(st.integers(2, 8), st.integers(2, 12), st.integers(0, 50))
@settings(max_examples=15, derandomize=True)
def test_tends_to_the_exact_distance(rows, columns, seed):
    cost = cosine_distance(vectors(2, rows, 8, seed=seed), vectors(2, columns, 8, seed=99))
    row_mass, column_mass = masses(2, rows, seed=seed), masses(2, columns, seed=seed + 1)
    ours = wasserstein(cost, row_mass, column_mass, **THOROUGH)
    for post in range(2):
        assert (
            abs(ours.value[post].item() - exact(cost[post], row_mass[post], column_mass[post]))
            < 1e-4
        )


def test_twenty_steps_come_near():
    cost = cosine_distance(vectors(16, 10, 32), vectors(16, 70, 32, seed=1))
    row_mass, column_mass = uniform(16, 10), uniform(16, 70)
    ours = wasserstein(cost, row_mass, column_mass)
    for post in range(16):
        best = exact(cost[post], row_mass[post], column_mass[post])
        assert ours.value[post].item() == pytest.approx(best, rel=0.02)
    off = (ours.plan.sum(1) - column_mass).abs().sum(1)
    assert off.max() < 0.01


def test_equal_sets_cost_nothing_in_whatever_order():
    x = vectors(3, 6, 8)
    order = torch.tensor([4, 2, 0, 5, 1, 3])
    noisy = x[:, order] + 0.05 * vectors(3, 6, 8, seed=1)
    result = wasserstein(cosine_distance(x, noisy), uniform(3, 6), uniform(3, 6), epsilon=0.1)
    assert torch.equal(result.plan.argmax(1), order.expand(3, -1))
    assert result.plan.amax(1).min() > 0.16
    assert result.value.max() < 0.01


@pytest.mark.parametrize("scale", [0.1, 100.0])
def test_cost_and_caution_share_a_unit(scale):
    cost = cosine_distance(vectors(2, 4, 8), vectors(2, 7, 8, seed=1))
    one = wasserstein(cost, masses(2, 4), masses(2, 7), tolerance=0.0)
    other = wasserstein(
        scale * cost, masses(2, 4), masses(2, 7), epsilon=0.5 * scale, tolerance=0.0
    )
    torch.testing.assert_close(other.plan, one.plan, atol=1e-5, rtol=1e-3)


def test_sharp_steps_in_numbers_and_in_logarithms_are_the_same():
    cost = 20 * cosine_distance(vectors(3, 6, 8), vectors(3, 15, 8, seed=1))
    options = {"epsilon": 0.1, "outer_steps": 13, "tolerance": 0.0}
    numbers = wasserstein(cost, masses(3, 6), masses(3, 15), **options)
    logarithms = wasserstein(cost, masses(3, 6), masses(3, 15), unroll=True, **options)
    torch.testing.assert_close(numbers.plan, logarithms.plan, atol=1e-5, rtol=1e-3)


def test_the_gradient_is_that_of_the_exact_distance():
    h = 1e-6
    cost = cosine_distance(vectors(1, 3, 8), vectors(1, 4, 8, seed=1)).double().requires_grad_()
    row_mass, column_mass = masses(1, 3), masses(1, 4)
    wasserstein(cost, row_mass, column_mass, **THOROUGH).value.sum().backward()
    for i, j in np.ndindex(3, 4):
        change = torch.zeros(3, 4, dtype=torch.double)
        change[i, j] = h
        high, low = (
            exact(cost[0].detach() + sign * change, row_mass[0], column_mass[0]) for sign in (1, -1)
        )
        assert abs((high - low) / (2 * h) - cost.grad[0, i, j].item()) < 1e-4


def test_the_unrolled_gradient_is_that_of_the_value_itself():
    cost = cosine_distance(vectors(2, 3, 8), vectors(2, 4, 8, seed=1)).double().requires_grad_()
    row_mass, column_mass = masses(2, 3), masses(2, 4)

    def value(cost):
        return wasserstein(cost, row_mass, column_mass, outer_steps=4, unroll=True).value

    assert torch.autograd.gradcheck(value, cost)


def test_it_says_whether_it_arrived():
    cost = cosine_distance(vectors(2, 3, 8), vectors(2, 4, 8, seed=1))
    few = wasserstein(cost, masses(2, 3), masses(2, 4), outer_steps=2)
    many = wasserstein(cost, masses(2, 3), masses(2, 4), **THOROUGH)
    assert not few.converged.any()
    assert many.converged.all()
    assert (many.error < few.error).all()


@pytest.mark.parametrize("name", ["epsilon", "outer_steps", "inner_steps"])
def test_what_must_be_positive(name):
    value = 0.0 if name == "epsilon" else 0
    with pytest.raises(ValueError, match=f"{name} must be positive, got 0"):
        wasserstein(torch.zeros(1, 2, 2), uniform(1, 2), uniform(1, 2), **{name: value})
