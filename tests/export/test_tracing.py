"""Every model as a graph: the same scores as the network, for any sizes."""

import numpy as np
import onnxruntime as ort
import pytest
import torch

from builders import random_batch
from jmere.export.tracing import trace
from jmere.inputs.batch import PostBatch
from jmere.tagger.graph_form import ATTENTION, AXES, SCORES
from tiny_models import FORMS, name_of, tiny_model


def arrays_of(batch):
    return {name: getattr(batch, name).numpy() for name in AXES}


@pytest.fixture(params=FORMS, ids=name_of, scope="module")
def form(request):
    return request.param


def session_of(network):
    batch = random_batch([7, 4], [3, 0], seed=1)
    graph = trace(network, PostBatch(**arrays_of(batch)))
    return ort.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])


def test_a_graph_scores_as_its_network_does(form):
    network = tiny_model(form).eval()
    session = session_of(network)
    inputs = {each.name for each in session.get_inputs()}
    for words, objects in (([7, 4], [3, 0]), ([5, 9, 1], [0, 2, 4]), ([1], [1]), ([12], [5])):
        batch = random_batch(words, objects, seed=2)
        with torch.no_grad():
            expected = network(batch)
        feed = {name: array for name, array in arrays_of(batch).items() if name in inputs}
        names = [each.name for each in session.get_outputs()]
        found = dict(zip(names, session.run(None, feed), strict=True))
        present = batch.word_mask[:, :, None] & batch.word_mask[:, None]
        np.testing.assert_allclose(
            found[SCORES][present.numpy()], expected.scores[present].numpy(), atol=1e-4
        )
        if expected.alignment is not None:
            pairs = (batch.word_mask[:, :, None] & batch.object_mask[:, None]).numpy()
            attention = expected.alignment.attention.numpy()
            np.testing.assert_allclose(found[ATTENTION][pairs], attention[pairs], atol=1e-4)


def test_a_network_is_as_before_after_it_was_traced():
    network = tiny_model(("eega", {})).train()
    before = (network.aligner, network.encoder.transformer.config._attn_implementation)
    session_of(network)
    assert network.training
    assert (network.aligner, network.encoder.transformer.config._attn_implementation) == before
