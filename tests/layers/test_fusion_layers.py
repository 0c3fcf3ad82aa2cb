"""The parts of the fusions against slow and obvious forms of them."""

import math

import pytest
import torch
from torch.nn.functional import linear

from jmere.layers.adversary import (
    TEXT,
    VISUAL,
    ModalityClassifier,
    modality_loss,
    modality_weights,
    reversal_strength,
    reverse_gradient,
)
from jmere.layers.attention import MultiHeadAttention
from jmere.layers.bilinear import BilinearAttention
from jmere.layers.coattention import AdditiveAttention
from jmere.layers.contrastive import contrastive_losses, mismatched
from jmere.layers.gates import Gate
from jmere.layers.norm import MaskedBatchNorm
from jmere.layers.projectors import Projector
from jmere.layers.summary import PictureSummary

MASK = torch.tensor([[True, True, False], [False, False, False]])


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


def test_attention_is_that_of_torch():
    ours = MultiHeadAttention(hidden=8, heads=2)
    theirs = torch.nn.MultiheadAttention(8, 2, batch_first=True)
    parts = (ours.query, ours.key, ours.value)
    theirs.in_proj_weight.data = torch.cat([part.weight for part in parts]).detach()
    theirs.in_proj_bias.data = torch.cat([part.bias for part in parts]).detach()
    theirs.out_proj.load_state_dict(ours.output.state_dict())
    queries, keys = torch.randn(1, 4, 8), torch.randn(1, 3, 8)
    found = ours(queries, keys, MASK[:1, None])
    values, weights = theirs(queries, keys, keys, key_padding_mask=~MASK[:1])
    torch.testing.assert_close(found.values, values)
    torch.testing.assert_close(found.weights, weights)


@pytest.mark.parametrize("projects_values", [True, False])
def test_a_query_without_keys_takes_nothing(projects_values):
    layer = MultiHeadAttention(hidden=8, heads=2, projects_values=projects_values)
    taken = layer(torch.randn(2, 4, 8), torch.randn(2, 3, 8), MASK[:, None])
    assert taken.values[1].eq(0).all()
    assert taken.weights[1].eq(0).all()
    assert taken.values[0].ne(0).all()


def test_unprojected_values_are_shared_out_as_they_are():
    layer = MultiHeadAttention(hidden=4, heads=1, projects_values=False)
    keys = torch.randn(1, 3, 4)
    taken = layer(torch.randn(1, 2, 4), keys, MASK[:1, None])
    torch.testing.assert_close(taken.values, taken.weights @ keys)


def test_a_gate_by_halves_is_that_of_the_joined_pair():
    gate = Gate(4, 3, width=5)
    left, right = torch.randn(2, 6, 4), torch.randn(2, 2, 3)
    found = gate(left[:, :, None], right[:, None])
    joined = torch.cat(
        [left[:, :, None].expand(-1, -1, 2, -1), right[:, None].expand(-1, 6, -1, -1)], dim=-1
    )
    weight = torch.cat([gate.left.weight, gate.right.weight], dim=1)
    torch.testing.assert_close(found, linear(joined, weight, gate.left.bias).sigmoid())


def test_the_published_coattention_is_one_for_all_words():
    words, objects = torch.randn(2, 4, 8), torch.randn(2, 3, 8)
    layer = AdditiveAttention(hidden=8, form="concat", width=5)
    weights = layer(words, objects, MASK).weights
    assert weights.eq(weights[:, :1]).all()

    # The letter of it: w [tanh(W_1 q_i); tanh(W_2 k_j)], whatever w and W_1 are.
    queries = torch.tanh(words @ torch.randn(8, 8)) @ torch.randn(8)
    keys = layer.score(torch.tanh(layer.key(objects))).squeeze(-1)
    scores = (queries[:, :, None] + keys[:, None]).masked_fill(~MASK[:, None], -1e30)
    torch.testing.assert_close(weights[0], scores[0].softmax(-1))


def test_the_additive_coattention_differs_from_word_to_word():
    layer = AdditiveAttention(hidden=8, form="additive", width=5)
    weights = layer(torch.randn(2, 4, 8), torch.randn(2, 3, 8), MASK).weights
    assert not torch.allclose(weights[0, 0], weights[0, 1])
    assert weights[1].eq(0).all()


def test_batch_norm_is_over_the_valid_rows():
    layer = MaskedBatchNorm(4)
    vectors = torch.randn(2, 3, 4)
    mask = torch.tensor([[True, True, False], [True, False, False]])
    found = layer(vectors, mask)
    rows = vectors[mask]
    expected = (rows - rows.mean(0)) / (rows.var(0, unbiased=False) + 1e-5).sqrt()
    torch.testing.assert_close(found[mask], expected)
    assert found[~mask].eq(0).all()
    torch.testing.assert_close(layer.norm.running_mean, 0.1 * rows.mean(0))


def test_one_row_or_none_has_no_statistics():
    layer = MaskedBatchNorm(4)
    assert layer(torch.randn(2, 3, 4), torch.zeros(2, 3, dtype=torch.bool)).eq(0).all()
    one = torch.tensor([[True, False, False]])
    vectors = torch.randn(1, 3, 4)
    torch.testing.assert_close(layer(vectors, one)[0, 0], vectors[0, 0] / (1 + 1e-5) ** 0.5)
    assert layer.norm.running_mean.eq(0).all()


@pytest.mark.parametrize(("kind", "linears"), [("linear", 1), ("tanh", 1), ("mlp2", 2), ("bn3", 3)])
def test_projectors_have_the_linears_of_their_kind(kind, linears):
    project = Projector(6, 4, kind=kind, dropout=0.0)
    nodes = torch.randn(2, 3, 6)
    assert project(nodes, MASK).shape == (2, 3, 4)
    assert sum(isinstance(layer, torch.nn.Linear) for layer in project.layers) == linears


def test_bilinear_attention_sums_to_one_over_all_valid_cells():
    layer = BilinearAttention(hidden=4, rank=6, glimpses=2, dropout=0.0)
    objects, words = torch.randn(2, 3, 4), torch.randn(2, 5, 4)
    word_mask = torch.tensor([[True] * 4 + [False]] * 2)
    mask = MASK[:, :, None] & word_mask[:, None]
    maps = layer(objects, words, mask)
    torch.testing.assert_close(maps.sum(dim=(2, 3)), torch.tensor([[1.0, 1.0], [0.0, 0.0]]))
    assert maps[~mask[:, None].expand_as(maps)].eq(0).all()

    keys, queries = layer.objects(objects).relu(), layer.words(words).relu()
    scores = torch.einsum("bir,bjr,gr->bgij", keys, queries, layer.pool.weight)
    scores = scores.masked_fill(~mask[:, None], -1e30)
    torch.testing.assert_close(maps[0], scores[0].flatten(1).softmax(-1).view(2, 3, 5))


@pytest.mark.parametrize("strength", [0.5, 2.0])
def test_the_adversary_turns_the_gradient_of_vectors_alone(strength):
    classify = ModalityClassifier(8).eval()
    vectors = torch.randn(2, 3, 8, requires_grad=True)

    def gradients(inputs):
        loss = modality_loss(classify(inputs, MASK), MASK, VISUAL).sum()
        return torch.autograd.grad(loss, [vectors, *classify.parameters()])

    plain, turned = gradients(vectors), gradients(reverse_gradient(vectors, strength))
    torch.testing.assert_close(turned[0], -strength * plain[0])
    for own, same in zip(plain[1:], turned[1:], strict=True):
        torch.testing.assert_close(same, own)


def test_padding_has_no_modality():
    scores = torch.tensor([[[2.0, 0.0], [2.0, 0.0], [9.0, 0.0]], [[1.0, 1.0]] * 3])
    losses = modality_loss(scores, MASK, TEXT)
    torch.testing.assert_close(losses, torch.tensor([2 + math.log1p(math.exp(-2)), 0.0]))


def test_the_rarer_modality_weighs_more():
    objects = torch.tensor([[True, False], [False, False]])
    words = torch.tensor([[True, True, True], [True, False, False]])
    visual, text = modality_weights(objects, words)
    assert visual.tolist() == [0.75, 1.0]
    assert (visual + text).tolist() == [1.0, 1.0]


def test_the_reversal_rises_from_nothing():
    assert reversal_strength(0) == 0
    assert 0 < reversal_strength(0.1) < reversal_strength(0.5) < 1
    assert reversal_strength(3) == reversal_strength(1) == pytest.approx(0.99990920426)


def test_contrast_of_orthogonal_pairs_is_its_closed_form():
    texts = torch.eye(4)
    losses = contrastive_losses(
        texts, 3 * texts, torch.ones(4, dtype=torch.bool), temperature=0.5, text_share=0.7
    )
    torch.testing.assert_close(losses, torch.full((4,), math.log(1 + 3 * math.exp(-1 / 0.5))))


def test_a_text_without_picture_costs_nothing_and_is_no_negative():
    texts, pictures = torch.randn(2, 4, 5)
    pictured = torch.tensor([True, False, True, False])
    choices = {"temperature": 0.2, "text_share": 0.7}
    losses = contrastive_losses(texts, pictures, pictured, **choices)
    among = contrastive_losses(texts[[0, 2]], pictures[[0, 2]], pictured[[0, 2]], **choices)
    torch.testing.assert_close(losses[[0, 2]], among)
    assert losses[[1, 3]].eq(0).all()


def test_pictures_are_swapped_at_the_end_of_a_batch_and_back_again():
    order = mismatched(9, 2, torch.device("cpu"))
    assert order.tolist() == [0, 1, 2, 3, 4, 7, 8, 5, 6]
    assert order[order].tolist() == list(range(9))
    for posts, pairs in [(4, 2), (3, 2), (5, 0), (0, 0)]:
        assert mismatched(posts, pairs, torch.device("cpu")).tolist() == list(range(posts))


def test_a_picture_without_structure_is_shown_by_meaning_alone():
    layer = PictureSummary(words=8, objects=6, width=4, sigmoid=True)
    words, objects = torch.randn(1, 5, 8), torch.randn(1, 3, 6)
    masks = {"word_mask": torch.ones(1, 5, dtype=torch.bool), "object_mask": MASK[:1]}
    alpha = torch.rand(1, 5, 3)
    summary = layer(words, objects, alpha, **masks)

    hidden, nodes = layer.words(words), layer.objects(objects)
    shares = (layer.query(nodes) @ layer.key(hidden).mT / 2).softmax(-1)
    meaning = (shares @ layer.value(hidden)).sigmoid()
    structure = torch.stack(
        [sum(alpha[0, i, j] * hidden[0, i] for i in range(5)) for j in range(3)]
    )
    joined = layer.join(torch.cat([meaning[0], structure], dim=-1))
    torch.testing.assert_close(summary[0], joined[0] + joined[1])

    blind = layer(words, objects, torch.zeros_like(alpha), **masks)
    joined = layer.join(torch.cat([meaning[0], torch.zeros(3, 4)], dim=-1))
    torch.testing.assert_close(blind[0], joined[0] + joined[1])
