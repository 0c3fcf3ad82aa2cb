"""The classifier's network in NumPy against the one in torch that it was trained as."""

import numpy as np
import pytest
import torch

from jmere.training.relations.pair_module import PairModule
from jmere.vision.relate.classifier import Classifier, network_sizes
from jmere.vision.relate.geometry import in_frame, ordered_pairs, pair_features
from jmere.vision.relate.network import PairNetwork, PairSizes, gelu, sigmoid, softmax

SIZES = PairSizes(words=3, geometry=4, hidden=5, predicates=6, appearance=2)


def random_case(sizes, *, things=7, seed=0):
    draw = np.random.default_rng(seed)
    pairs = ordered_pairs(things)
    boxes = np.sort(draw.random((things, 2, 2)), axis=1).reshape(things, 4)
    geometry = pair_features(in_frame(boxes), pairs)
    if geometry.shape[1] != sizes.geometry:
        geometry = draw.normal(size=(len(pairs), sizes.geometry)).astype(np.float32)
    return {
        "labels": draw.normal(size=(things, sizes.words)).astype(np.float32),
        "pairs": pairs,
        "geometry": geometry,
        "prior": draw.normal(size=(len(pairs), sizes.predicates)).astype(np.float32),
        "appearance": draw.normal(size=(things, max(sizes.appearance, 1))).astype(np.float32),
    }


def torch_logits(module, case, *, blind=False):
    given = {name: torch.from_numpy(array) for name, array in case.items()}
    if blind:
        given["evidence_mask"] = torch.zeros(len(case["pairs"]))
    with torch.no_grad():
        return [each.numpy() for each in module.eval()(**given)]


@pytest.fixture(scope="module")
def bundled():
    """The bundled classifier, and the torch module of its weights."""
    classifier = Classifier.load()
    module = PairModule(network_sizes(classifier.config, classifier.words.width))
    state = {name: torch.from_numpy(array) for name, array in classifier.network.weights.items()}
    state["prior_weight"] = state["prior_weight"][0]
    module.load_state_dict(state)
    return classifier, module


@pytest.mark.parametrize("blind", [False, True])
@pytest.mark.parametrize("things", [2, 30])
def test_the_bundled_weights_give_what_torch_gives(bundled, things, blind):
    classifier, module = bundled
    case = random_case(classifier.network.sizes, things=things)
    ours = classifier.network.logits(**case, blind=blind)
    theirs = torch_logits(module, case, blind=blind)
    np.testing.assert_allclose(
        softmax(ours.predicates), torch.from_numpy(theirs[0]).softmax(dim=1), atol=1e-5
    )
    np.testing.assert_allclose(
        sigmoid(ours.related), torch.from_numpy(theirs[1]).sigmoid(), atol=1e-5
    )


@pytest.mark.parametrize("blind", [False, True])
def test_appearance_and_prior_count_as_in_training(blind):
    torch.manual_seed(0)
    module = PairModule(SIZES, dropout=0.5)
    with torch.no_grad():
        module.prior_weight.fill_(0.3)
        module.geometry_mean.normal_()
    case = random_case(SIZES)
    ours = module.to_numpy().logits(**case, blind=blind)
    for found, expected in zip(ours, torch_logits(module, case, blind=blind), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_gelu_is_exact_enough_everywhere():
    values = np.concatenate([np.linspace(-9, 9, 20_001), [-1e4, 0.0, 1e4]]).astype(np.float32)
    exact = torch.nn.functional.gelu(torch.from_numpy(values).double()).numpy()
    np.testing.assert_allclose(gelu(values), exact, atol=1e-6, rtol=1e-6)


def test_large_logits_do_not_overflow():
    large = np.array([[1e4, -1e4, 0.0]], np.float32)
    np.testing.assert_array_equal(softmax(large), [[1, 0, 0]])
    np.testing.assert_array_equal(sigmoid(large[0]), [1, 0, 0.5])


def test_weights_that_do_not_fit_are_told():
    weights = PairModule(SIZES).to_numpy().weights
    with pytest.raises(ValueError, match=r"subject\.weight has shape \(5, 3\).*\(5, 4\)"):
        PairNetwork(SIZES._replace(words=4), weights)
    del weights["related.bias"]
    with pytest.raises(ValueError, match=r"no weight related\.bias"):
        PairNetwork(SIZES, weights)
