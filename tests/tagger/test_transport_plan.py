"""The plan without torch: that of the aligner, for every solver, form and loss."""

import numpy as np
import pytest
import torch

from builders import random_batch
from jmere.align import cosine_distance
from jmere.layers.graph_matching import GraphAligner
from jmere.tagger.transport_plan import Distances, PlanOptions, transport_plan

USUAL = {
    "alpha": 0.4,
    "node_solver": "ipot",
    "node_epsilon": 0.5,
    "node_steps": 20,
    "edge_form": "far",
    "edge_far": 2.0,
    "edge_start": "nodes",
    "edge_epsilon": 0.1,
    "edge_relative": True,
    "edge_steps": 10,
    "edge_inner_steps": 20,
    "edge_loss": "absolute",
}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"alpha": 1.0},
        {"node_solver": "sinkhorn", "node_steps": 50},
        {"edge_form": "letter", "edge_start": "even", "edge_relative": False},
        {"edge_form": "product"},
        {"edge_loss": "square"},
        {"edge_form": "letter", "edge_loss": "square"},
    ],
    ids=str,
)
@pytest.mark.parametrize(("objects", "words"), [(1, 1), (3, 7), (5, 2)])
def test_the_plan_is_that_of_the_aligner(changes, objects, words):
    options = {**USUAL, **changes}
    batch = random_batch([words], [objects], seed=words)
    draw = torch.Generator().manual_seed(0)
    nodes, vectors = (torch.randn(1, size, 8, generator=draw) for size in (objects, words))
    match = GraphAligner(**options, unroll=False)(
        nodes,
        vectors,
        object_mask=batch.object_mask,
        word_mask=batch.word_mask,
        relations=batch.relations,
        dependencies=batch.dependencies,
    )
    distances = Distances(
        between=cosine_distance(nodes, vectors)[0].numpy(),
        objects=cosine_distance(nodes, nodes)[0].numpy(),
        words=cosine_distance(vectors, vectors)[0].numpy(),
        object_edges=(batch.relations[0] > 0).numpy(),
        word_edges=(batch.dependencies[0] > 0).numpy(),
    )
    plan = transport_plan(distances, PlanOptions(**options))
    np.testing.assert_allclose(plan, match.plan[0].numpy(), atol=1e-4)
    np.testing.assert_allclose(plan.sum(), 1, atol=1e-4)
