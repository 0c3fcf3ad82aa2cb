"""Random posts, and the solvers under one signature, for the laws that all of them keep."""

from collections.abc import Callable

import torch
from torch import Tensor

from jmere.align import (
    Transport,
    cosine_distance,
    gromov_wasserstein,
    sinkhorn,
    uniform_mass,
    wasserstein,
)

Solver = Callable[..., Transport]
"""Takes the nodes of both graphs, their masses, and ``unroll``."""


def vectors(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def masses(*shape: int, seed: int = 0) -> Tensor:
    weights = torch.rand(*shape, generator=torch.Generator().manual_seed(seed)) + 0.2
    return weights / weights.sum(dim=-1, keepdim=True)


def mask(lengths: list[int], width: int) -> Tensor:
    return torch.arange(width) < torch.tensor(lengths)[:, None]


def uniform(*shape: int) -> Tensor:
    return uniform_mass(torch.ones(shape, dtype=torch.bool))


def chain(batch: int, nodes: int) -> Tensor:
    """Each node is a neighbour of itself and of the next."""
    return torch.ones(batch, nodes, nodes, dtype=torch.bool).tril(1).triu(0)


def _edges(loss: str, adjacent: bool, form: str = "far") -> Solver:
    def solve(
        x: Tensor, y: Tensor, row_mass: Tensor, column_mass: Tensor, *, unroll: bool = False
    ) -> Transport:
        return gromov_wasserstein(
            cosine_distance(x, x),
            cosine_distance(y, y),
            row_mass,
            column_mass,
            row_adjacency=chain(*x.shape[:2]) if adjacent else None,
            column_adjacency=chain(*y.shape[:2]) if adjacent else None,
            edge_form=form,
            loss=loss,
            unroll=unroll,
        )

    return solve


SOLVERS: dict[str, Solver] = {
    "sinkhorn": lambda x, y, *args, **options: sinkhorn(
        cosine_distance(x, y), *args, epsilon=0.1, **options
    ),
    "wasserstein": lambda x, y, *args, **options: wasserstein(
        cosine_distance(x, y), *args, **options
    ),
    "absolute": _edges("absolute", adjacent=False),
    "square": _edges("square", adjacent=False),
    "absolute, adjacent": _edges("absolute", adjacent=True),
    "square, adjacent": _edges("square", adjacent=True),
    "product, adjacent": _edges("absolute", adjacent=True, form="product"),
    "letter, adjacent": _edges("absolute", adjacent=True, form="letter"),
}
