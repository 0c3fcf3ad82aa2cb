import numpy as np
import ot
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transport_cases import chain, masses, uniform, vectors

from jmere.align import cosine_distance, edges, gromov_wasserstein
from jmere.align.transport import Masses

BOTH_LOSSES = pytest.mark.parametrize("loss", ["absolute", "square"])
EVERY_FORM = pytest.mark.parametrize("form", ["far", "product", "letter"])
BOTH_SOLVERS = pytest.mark.parametrize("solver", ["proximal", "projected"])


def graphs(batch: int, rows: int, columns: int, seed: int = 0):
    x, y = vectors(batch, rows, 8, seed=seed), vectors(batch, columns, 8, seed=seed + 100)
    return cosine_distance(x, x), cosine_distance(y, y)


def random_adjacency(batch: int, nodes: int, seed: int = 0):
    return torch.rand(batch, nodes, nodes, generator=torch.Generator().manual_seed(seed)) < 0.3


def slowly(loss, rows, columns, near_rows, near_columns, plan):
    """Equation 6 as it is printed: the sum over pairs of edges."""
    difference = rows[:, :, :, None, None] - columns[:, None, None]
    difference = difference.abs() if loss == "absolute" else difference.square()
    near = near_rows[:, :, :, None, None] & near_columns[:, None, None]
    return torch.einsum("biajc,bij,bac->b", difference * near, plan, plan)


def by_pot(rows, columns, row_mass, column_mass, *, solver, outer_steps, inner_steps, epsilon=0.1):
    arrays = [tensor.double().numpy() for tensor in (rows, columns, row_mass, column_mass)]
    plan, log = ot.gromov.entropic_gromov_wasserstein(
        *arrays,
        "square_loss",
        epsilon=epsilon,
        symmetric=True,
        max_iter=outer_steps,
        tol=0,
        solver={"proximal": "PPA", "projected": "PGD"}[solver],
        log=True,
        numItermax=inner_steps,
        stopThr=0,
        warn=False,
    )
    return plan, log["gw_dist"]


@given(st.integers(2, 8), st.integers(2, 12), st.integers(0, 50))
@settings(max_examples=15, derandomize=True)
def test_projected_steps_as_pot(rows, columns, seed):
    c_rows, c_columns = graphs(2, rows, columns, seed)
    row_mass, column_mass = masses(2, rows, seed=seed), masses(2, columns, seed=seed + 1)
    options = {"solver": "projected", "outer_steps": 5, "inner_steps": 20}
    ours = gromov_wasserstein(
        c_rows, c_columns, row_mass, column_mass, loss="square", tolerance=0.0, **options
    )
    for post in range(2):
        problem = (c_rows[post], c_columns[post], row_mass[post], column_mass[post])
        plan, value = by_pot(*problem, **options)
        np.testing.assert_allclose(ours.plan[post].numpy(), plan, atol=1e-4)
        assert abs(ours.value[post].item() - value) < 1e-4


@pytest.mark.parametrize("seed", range(4))
def test_proximal_steps_as_pot_where_its_masses_hold(seed):
    c_rows, c_columns = graphs(8, 10, 70, seed)
    row_mass, column_mass = uniform(8, 10), uniform(8, 70)
    options = {"solver": "proximal", "outer_steps": 5, "inner_steps": 200}
    ours = gromov_wasserstein(
        c_rows, c_columns, row_mass, column_mass, loss="square", tolerance=0.0, **options
    )
    for post in range(8):
        problem = (c_rows[post], c_columns[post], row_mass[post], column_mass[post])
        assert abs(ours.value[post].item() - by_pot(*problem, **options)[1]) < 1e-4


def test_at_the_end_as_pot():
    c_rows, c_columns = graphs(4, 5, 9)
    row_mass, column_mass = masses(4, 5), masses(4, 9)
    options = {"solver": "projected", "epsilon": 0.5, "outer_steps": 60, "inner_steps": 60}
    ours = gromov_wasserstein(
        c_rows, c_columns, row_mass, column_mass, loss="square", tolerance=1e-5, **options
    )
    assert ours.converged.all()
    for post in range(4):
        problem = (c_rows[post], c_columns[post], row_mass[post], column_mass[post])
        assert abs(ours.value[post].item() - by_pot(*problem, **options)[1]) < 1e-4


def filled(distance, near, apart):
    """A graph's distances, those of nodes that are not adjacent being ``apart``."""
    near = near | torch.eye(near.shape[1], dtype=torch.bool)
    return distance.masked_fill(~near, apart)


@EVERY_FORM
@BOTH_LOSSES
@pytest.mark.parametrize("chunk", [1 << 22, 50])
@pytest.mark.parametrize("adjacent", ["neither", "rows", "columns", "both"])
def test_the_value_is_the_sum_as_written(form, loss, chunk, adjacent, monkeypatch):
    monkeypatch.setattr(edges, "_CHUNK", chunk)
    c_rows, c_columns = graphs(3, 4, 7)
    every = torch.ones(3, 4, 4, dtype=torch.bool), torch.ones(3, 7, 7, dtype=torch.bool)
    some = random_adjacency(3, 4), random_adjacency(3, 7)
    given_rows = some[0] if adjacent in ("rows", "both") else None
    given_columns = some[1] if adjacent in ("columns", "both") else None
    result = gromov_wasserstein(
        c_rows,
        c_columns,
        masses(3, 4),
        masses(3, 7),
        row_adjacency=given_rows,
        column_adjacency=given_columns,
        edge_form=form,
        far=1.7,
        loss=loss,
        outer_steps=5,
    )
    near = [
        every[side] if near is None else near | near.mT
        for side, near in enumerate((given_rows, given_columns))
    ]
    if form == "letter":
        expected = slowly(loss, c_rows, c_columns, *near, result.plan)
    else:
        apart = {"far": 1.7, "product": 0.0}[form]
        both = filled(c_rows, near[0], apart), filled(c_columns, near[1], apart)
        expected = slowly(loss, *both, *every, result.plan)
    torch.testing.assert_close(result.value, expected, atol=1e-5, rtol=1e-4)


HAND_COMPUTED = {
    # Under the even plan a pair of rows (0 or 0.4, half each) meets each pair of columns alike.
    ("far", "absolute"): (3.6 / 9 + 3.0 / 9),  # columns: 3 of 0, 2 of 0.6, 2 of 1, 2 of 2 in 9
    ("product", "absolute"): (1.6 / 9 + 1.8 / 9),  # 5 of 0, 2 of 0.6, 2 of 1
    ("letter", "absolute"): 0.8 / 9,  # 0.4 with 2 of 0.6 and 2 of 1
    ("far", "square"): (5.36 + 0.16 * 1.5 + 0.04 + 0.36 + 2.56) / 9,
    ("product", "square"): (1.36 + 0.16 * 2.5 + 0.04 + 0.36) / 9,
    ("letter", "square"): 0.4 / 9,
}


@pytest.mark.parametrize(("form", "loss"), HAND_COMPUTED)
def test_each_form_on_a_case_computed_by_hand(form, loss):
    """Two linked nodes beside a chain of three, every node of a side with the same mass."""
    rows = torch.tensor([[[0.0, 0.4], [0.4, 0.0]]])
    columns = torch.tensor([[[0.0, 0.6, 0.3], [0.6, 0.0, 1.0], [0.3, 1.0, 0.0]]])
    linked = torch.tensor([[[False, True], [False, False]]])
    line = torch.tensor([[[False, True, False], [False, False, True], [False, False, False]]])
    both = Masses(uniform(1, 2), uniform(1, 3))
    cost = edges.edge_cost(rows, columns, linked, line, both, form=form, far=2.0, loss=loss)
    even = both.product()
    value = (cost(even) * even).sum().item()
    assert value == pytest.approx(HAND_COMPUTED[form, loss], abs=1e-6)


@pytest.mark.parametrize("form", ["far", "product"])
@pytest.mark.parametrize("seed", range(2))
def test_sparse_graphs_as_pot_on_the_same_matrices(form, seed):
    c_rows, c_columns = graphs(4, 6, 11, seed)
    near = random_adjacency(4, 6, seed), random_adjacency(4, 11, seed + 1)
    options = {"solver": "projected", "epsilon": 0.5, "outer_steps": 5, "inner_steps": 20}
    ours = gromov_wasserstein(
        c_rows,
        c_columns,
        masses(4, 6),
        masses(4, 11),
        row_adjacency=near[0],
        column_adjacency=near[1],
        edge_form=form,
        loss="square",
        tolerance=0.0,
        **options,
    )
    apart = {"far": edges.FAR, "product": 0.0}[form]
    rows, columns = (
        filled(distance, linked | linked.mT, apart)
        for distance, linked in zip((c_rows, c_columns), near, strict=True)
    )
    for post in range(4):
        problem = (rows[post], columns[post], masses(4, 6)[post], masses(4, 11)[post])
        plan, value = by_pot(*problem, **options)
        np.testing.assert_allclose(ours.plan[post].numpy(), plan, atol=1e-4)
        assert abs(ours.value[post].item() - value) < 1e-4


@BOTH_LOSSES
@pytest.mark.parametrize("form", ["far", "product"])
def test_edges_come_to_lie_on_edges(form, loss):
    """Of one edge among four nodes and one among nine the plan matches the ends."""
    linked, other = torch.zeros(1, 4, 4, dtype=torch.bool), torch.zeros(1, 9, 9, dtype=torch.bool)
    linked[0, 0, 1] = other[0, 5, 7] = True
    c_rows, c_columns = graphs(1, 4, 9)
    options = {"row_adjacency": linked, "column_adjacency": other, "loss": loss, "relative": True}
    problem = (c_rows, c_columns, uniform(1, 4), uniform(1, 9))

    def on_the_edge(form):
        plan = gromov_wasserstein(*problem, edge_form=form, **options).plan[0]
        return float(plan[:2][:, [5, 7]].sum()) / 0.5

    assert on_the_edge(form) > 0.4  # all that two of nine words can hold: 2/9 of 1 by 1/2
    assert on_the_edge("letter") < 2 / 9  # which everything to everything has


def test_relative_steps_do_not_depend_on_the_scale():
    near = {"row_adjacency": random_adjacency(3, 5), "column_adjacency": random_adjacency(3, 8)}
    c_rows, c_columns = graphs(3, 5, 8)
    options = {"edge_form": "product", "relative": True, **near}
    whole, tiny = (
        gromov_wasserstein(c_rows * s, c_columns * s, uniform(3, 5), uniform(3, 8), **options)
        for s in (1.0, 0.01)
    )
    torch.testing.assert_close(tiny.plan, whole.plan, atol=1e-3, rtol=1e-2)
    torch.testing.assert_close(tiny.value, 0.01 * whole.value, atol=1e-5, rtol=1e-3)


def test_the_start_decides_between_equal_matches():
    """Two linked nodes beside two linked nodes: both orders cost the same."""
    pair = torch.tensor([[[0.0, 0.5], [0.5, 0.0]]])
    for lean, order in ((0.3, [0, 1]), (0.2, [1, 0])):
        start = torch.tensor([[[lean, 0.5 - lean], [0.5 - lean, lean]]])
        result = gromov_wasserstein(pair, pair, uniform(1, 2), uniform(1, 2), start=start)
        assert result.plan[0].argmax(dim=1).tolist() == order
        assert result.value.item() < 1e-3
    undecided = gromov_wasserstein(pair, pair, uniform(1, 2), uniform(1, 2))
    assert undecided.plan.unique().tolist() == [0.25]


@BOTH_LOSSES
def test_a_full_adjacency_is_none(loss):
    c_rows, c_columns = graphs(2, 4, 6)
    free = gromov_wasserstein(c_rows, c_columns, masses(2, 4), masses(2, 6), loss=loss)
    full = gromov_wasserstein(
        c_rows,
        c_columns,
        masses(2, 4),
        masses(2, 6),
        row_adjacency=torch.ones(2, 4, 4, dtype=torch.bool),
        column_adjacency=torch.ones(2, 6, 6, dtype=torch.bool),
        loss=loss,
    )
    torch.testing.assert_close(full.plan, free.plan, atol=1e-3, rtol=1e-2)
    torch.testing.assert_close(full.value, free.value, atol=1e-4, rtol=1e-3)


@EVERY_FORM
@BOTH_LOSSES
def test_the_distance_of_strangers_does_not_matter(loss, form):
    c_rows, c_columns = graphs(1, 4, 6)
    problem = (uniform(1, 4), uniform(1, 6))
    near = {"row_adjacency": chain(1, 4), "column_adjacency": chain(1, 6)}
    near |= {"loss": loss, "edge_form": form}
    before = gromov_wasserstein(c_rows, c_columns, *problem, **near)
    c_rows[0, 0, 3] = c_rows[0, 3, 0] = 1000.0
    c_columns[0, 0, 5] = c_columns[0, 5, 0] = -1000.0
    after = gromov_wasserstein(c_rows, c_columns, *problem, **near)
    assert torch.equal(after.plan, before.plan)
    assert torch.equal(after.value, before.value)


def test_by_the_letter_a_graph_without_edges_costs_nothing():
    c_rows, c_columns = graphs(2, 3, 4)
    c_rows.requires_grad_()
    for loss in ("absolute", "square"):
        result = gromov_wasserstein(
            c_rows,
            c_columns,
            uniform(2, 3),
            uniform(2, 4),
            row_adjacency=torch.zeros(2, 3, 3, dtype=torch.bool),
            edge_form="letter",
            loss=loss,
        )
        result.value.sum().backward()
        assert result.value.eq(0).all()
        assert c_rows.grad.eq(0).all()


@BOTH_LOSSES
@pytest.mark.parametrize("seed", range(3))
def test_a_planted_permutation_is_found_under_noise(loss, seed):
    x = vectors(8, 8, 16, seed=seed)
    generator = torch.Generator().manual_seed(seed)
    order = torch.stack([torch.randperm(8, generator=generator) for _ in range(8)])
    y = x.gather(1, order[:, :, None].expand_as(x)) + 0.02 * vectors(8, 8, 16, seed=seed + 9)
    distances = cosine_distance(x, x), cosine_distance(y, y)
    # Squares of small differences are smaller than the differences, and so is their unit.
    epsilon = {"absolute": 0.1, "square": 0.02}[loss]
    result = gromov_wasserstein(
        *distances, uniform(8, 8), uniform(8, 8), loss=loss, epsilon=epsilon
    )
    assert torch.equal(result.plan.argmax(1), order)


@BOTH_LOSSES
def test_gradients_are_those_of_the_minimum(loss):
    c_rows, c_columns = (distance.double() for distance in graphs(1, 3, 3))
    row_mass, column_mass = masses(1, 3), masses(1, 3)
    options = {"loss": loss, "outer_steps": 300, "inner_steps": 30, "tolerance": 1e-10}
    c_rows.requires_grad_()
    gromov_wasserstein(c_rows, c_columns, row_mass, column_mass, **options).value.sum().backward()
    h = 1e-5
    for i in range(3):
        for j in range(i):
            change = torch.zeros_like(c_rows)
            change[0, i, j] = change[0, j, i] = h
            with torch.no_grad():
                high, low = (
                    gromov_wasserstein(
                        c_rows + sign * change, c_columns, row_mass, column_mass, **options
                    ).value.item()
                    for sign in (1, -1)
                )
            both = c_rows.grad[0, i, j] + c_rows.grad[0, j, i]
            assert abs((high - low) / (2 * h) - both.item()) < 1e-4


@BOTH_LOSSES
@BOTH_SOLVERS
def test_the_unrolled_gradient_is_that_of_the_value_itself(loss, solver):
    x, y = vectors(2, 3, 8).double().requires_grad_(), vectors(2, 4, 8, seed=1).double()

    def value(x):
        return gromov_wasserstein(
            cosine_distance(x, x),
            cosine_distance(y, y),
            masses(2, 3),
            masses(2, 4),
            column_adjacency=chain(2, 4),
            loss=loss,
            solver=solver,
            outer_steps=2,
            inner_steps=3,
            unroll=True,
        ).value

    assert torch.autograd.gradcheck(value, x)


@BOTH_LOSSES
def test_heavier_masses_cost_the_square(loss):
    c_rows, c_columns = graphs(2, 4, 6)
    one = gromov_wasserstein(c_rows, c_columns, masses(2, 4), masses(2, 6), loss=loss)
    double = gromov_wasserstein(
        c_rows, c_columns, 2 * masses(2, 4), 2 * masses(2, 6), loss=loss, epsilon=0.2
    )
    torch.testing.assert_close(double.plan, 2 * one.plan, atol=1e-4, rtol=1e-3)
    torch.testing.assert_close(double.value, 4 * one.value, atol=1e-4, rtol=1e-3)


def test_unknown_choices_are_refused():
    problem = (*graphs(1, 2, 2), uniform(1, 2), uniform(1, 2))
    with pytest.raises(ValueError, match="inner_steps must be positive, got 0"):
        gromov_wasserstein(*problem, inner_steps=0)
    with pytest.raises(ValueError, match=r"epsilon must be positive, got -0\.1"):
        gromov_wasserstein(*problem, epsilon=-0.1)
