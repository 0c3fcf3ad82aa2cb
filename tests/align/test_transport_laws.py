"""What every solver keeps, whatever the problem."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transport_cases import SOLVERS, Solver, mask, masses, uniform, vectors

from jmere.align import uniform_mass

HIDDEN = 6


@pytest.fixture(params=SOLVERS)
def solve(request: pytest.FixtureRequest) -> Solver:
    return SOLVERS[request.param]


@pytest.mark.parametrize("name", SOLVERS)
@given(st.integers(1, 3), st.integers(1, 7), st.integers(1, 9), st.integers(0, 99))
@settings(max_examples=15, derandomize=True)
def test_the_plan_keeps_both_masses(name, batch, rows, columns, seed):
    row_mass, column_mass = masses(batch, rows, seed=seed), masses(batch, columns, seed=seed + 1)
    x, y = vectors(batch, rows, HIDDEN, seed=seed), vectors(batch, columns, HIDDEN, seed=seed + 1)
    result = SOLVERS[name](x, y, row_mass, column_mass)
    assert (result.plan >= 0).all()
    torch.testing.assert_close(result.plan.sum(2), row_mass, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(result.plan.sum(1), column_mass, atol=1e-4, rtol=1e-3)
    assert torch.equal(result.converged, result.error <= 1e-4)


def test_padding_and_neighbours_change_nothing(solve):
    x, y = vectors(1, 4, HIDDEN), vectors(1, 6, HIDDEN, seed=1)
    alone = solve(x, y, uniform(1, 4), uniform(1, 6))

    padded_x, padded_y = vectors(3, 7, HIDDEN, seed=2), vectors(3, 9, HIDDEN, seed=3)
    padded_x[1, :4], padded_y[1, :6] = x[0], y[0]
    row_mass, column_mass = mask([7, 4, 0], 7), mask([5, 6, 9], 9)
    batched = solve(padded_x, padded_y, uniform_mass(row_mass), uniform_mass(column_mass))

    torch.testing.assert_close(batched.plan[1, :4, :6], alone.plan[0], atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(batched.value[1], alone.value[0], atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(batched.error[1], alone.error[0], atol=1e-5, rtol=1e-3)
    assert batched.plan[1, 4:].eq(0).all()
    assert batched.plan[1, :, 6:].eq(0).all()


@pytest.mark.parametrize("name", ["sinkhorn", "wasserstein", "absolute", "square"])
def test_permuted_objects_permute_the_plan(name):
    x, y = vectors(2, 5, HIDDEN), vectors(2, 8, HIDDEN, seed=1)
    order = torch.tensor([3, 0, 4, 2, 1])
    before = SOLVERS[name](x, y, uniform(2, 5), uniform(2, 8))
    after = SOLVERS[name](x[:, order], y, uniform(2, 5), uniform(2, 8))
    torch.testing.assert_close(after.plan, before.plan[:, order], atol=1e-5, rtol=1e-3)
    torch.testing.assert_close(after.value, before.value, atol=1e-6, rtol=1e-4)


def test_exchanged_graphs_transpose_the_problem(solve):
    x, y = vectors(2, 5, HIDDEN), vectors(2, 8, HIDDEN, seed=1)
    row_mass, column_mass = masses(2, 5), masses(2, 8)
    there, back = solve(x, y, row_mass, column_mass), solve(y, x, column_mass, row_mass)
    torch.testing.assert_close(there.value, back.value, atol=0.02, rtol=0.02)


@pytest.mark.parametrize("unroll", [False, True])
def test_no_node_or_a_single_one_is_no_trouble(solve, unroll):
    counts = [(0, 5), (1, 5), (4, 0), (4, 1), (0, 0), (1, 1), (4, 5)]
    row_mask, column_mask = (mask(list(side), 5) for side in zip(*counts, strict=True))
    x, y = vectors(7, 5, HIDDEN), vectors(7, 5, HIDDEN, seed=1)
    x[~row_mask], y[~column_mask] = 0, 0
    x.requires_grad_(), y.requires_grad_()
    result = solve(x, y, uniform_mass(row_mask), uniform_mass(column_mask), unroll=unroll)
    (result.value.sum() + (result.plan.square().sum() if unroll else 0)).backward()

    empty = torch.tensor([0 in pair for pair in counts])
    assert result.plan[empty].eq(0).all()
    assert result.value[empty].eq(0).all()
    assert result.converged[empty].all()
    torch.testing.assert_close(result.plan.sum((1, 2))[~empty], torch.ones(4))
    assert x.grad.isfinite().all()
    assert y.grad.isfinite().all()
    assert x.grad[empty].eq(0).all()
    assert x.grad[~row_mask].eq(0).all()
    assert y.grad[~column_mask].eq(0).all()
    assert x.grad[6].ne(0).any()


@pytest.mark.parametrize(("rows", "columns"), [(0, 4), (3, 0), (0, 0)])
def test_a_batch_without_any_object_has_zero_values(solve, rows, columns):
    x = vectors(2, rows, HIDDEN).requires_grad_()
    y = vectors(2, columns, HIDDEN).requires_grad_()
    result = solve(x, y, torch.zeros(2, rows), uniform(2, columns))
    result.value.sum().backward()
    assert result.plan.shape == (2, rows, columns)
    assert result.value.eq(0).all()
    assert y.grad.eq(0).all()


def test_mixed_precision_does_not_reach_the_solver(solve):
    x, y = vectors(2, 4, HIDDEN), vectors(2, 6, HIDDEN, seed=1)
    plain = solve(x, y, uniform(2, 4), uniform(2, 6))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mixed = solve(x, y, uniform(2, 4), uniform(2, 6))
        halves = solve(x.bfloat16(), y.bfloat16(), uniform(2, 4), uniform(2, 6))
    assert torch.equal(mixed.plan, plain.plan)
    assert torch.equal(mixed.value, plain.value)
    assert halves.plan.dtype == torch.float32
    torch.testing.assert_close(halves.value, plain.value, atol=0.02, rtol=0.02)


def test_both_ways_of_taking_gradients_give_one_value(solve):
    x, y = vectors(2, 4, HIDDEN), vectors(2, 6, HIDDEN, seed=1)
    row_mass, column_mass = masses(2, 4), masses(2, 6)
    fixed = solve(x, y, row_mass, column_mass)
    unrolled = solve(x.requires_grad_(), y, row_mass, column_mass, unroll=True)
    assert not fixed.plan.requires_grad
    assert unrolled.plan.requires_grad
    torch.testing.assert_close(unrolled.plan, fixed.plan, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(unrolled.value, fixed.value, atol=1e-6, rtol=1e-5)
