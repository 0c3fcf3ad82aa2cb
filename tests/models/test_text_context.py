"""Words of the picture behind the post: read by every model, tagged by none."""

from dataclasses import fields, replace

import numpy as np
import onnxruntime as ort
import pytest
import torch
from transformers import BertModel

from builders import SIZES, random_batch, tiny_encoder, tiny_mpnet
from jmere.export.tracing import trace
from jmere.inputs.batch import PostBatch
from jmere.layers.encoder import WordEncoder
from jmere.layers.tensor_batch import TensorBatch
from jmere.layers.word_shapes import learn_shapes
from jmere.models.tagging import LossConfig, total_loss
from jmere.tagger.graph_form import SCORES, axes_of
from tiny_models import FORMS, name_of, tiny_config

WORDS, OBJECTS, CONTEXTS = [4, 7, 2], [3, 0, 2], [5, 0, 9]


def in_context(batch, counts, *, seed=3):
    """The same batch with pieces of a context behind each post."""
    draw = torch.Generator().manual_seed(seed)
    own = batch.piece_mask.sum(dim=1)
    total = own + torch.tensor(counts)
    places = torch.arange(int(total.max()))
    context = (places >= own[:, None]) & (places < total[:, None])
    drawn = torch.randint(0, 40, context.shape, generator=draw)
    padded = (0, context.shape[1] - batch.piece_ids.shape[1])
    pad = torch.nn.functional.pad
    words = batch.word_mask.shape[1]
    return replace(
        batch,
        piece_ids=torch.where(context, drawn, pad(batch.piece_ids, padded)),
        piece_mask=places < total[:, None],
        piece_words=torch.where(context, words, pad(batch.piece_words, padded, value=words)),
        context=context,
    )


def cut_out(batch, post):
    """One post of a batch, its words and pieces without padding."""
    words, pieces = int(batch.word_mask[post].sum()), int(batch.piece_mask[post].sum())
    things = max(1, int(batch.object_mask[post].sum()))
    sizes = {"p": pieces, "w": words, "o": things}
    axes = {
        **dict.fromkeys(("piece_ids", "piece_mask", "piece_words", "context"), "p"),
        **dict.fromkeys(("word_mask", "shapes", "pos"), "w"),
        **dict.fromkeys(("dependencies", "hops", "cooccurrence", "gold"), "ww"),
        **dict.fromkeys(("label_pieces", "object_mask", "boxes", "box_mask"), "o"),
        **dict.fromkeys(("appearance", "appearance_mask"), "o"),
        "relations": "oo",
    }
    cut = {}
    for field in fields(batch):
        value = getattr(batch, field.name)
        if value is not None:
            value = value[post : post + 1]
            for axis, name in enumerate(axes[field.name], start=1):
                value = value.narrow(axis, 0, sizes[name])
            cut[field.name] = value
    outside = cut["piece_words"] == batch.word_mask.shape[1]
    return replace(batch, **{**cut, "piece_words": cut["piece_words"].masked_fill(outside, words)})


def model_of(form):
    torch.manual_seed(0)
    encoder = WordEncoder(tiny_encoder().transformer, context=True)
    return tiny_config(form).build(encoder, SIZES).eval()


@pytest.fixture(params=FORMS, ids=name_of, scope="module")
def form(request):
    return request.param


def test_a_post_with_its_context_is_read_alone_as_in_company(form):
    network = model_of(form)
    batch = in_context(random_batch(WORDS, OBJECTS), CONTEXTS)
    with torch.no_grad():
        together = network(batch).scores
        for post, words in enumerate(WORDS):
            alone = network(cut_out(batch, post)).scores
            assert alone.shape[1:3] == (words, words)
            torch.testing.assert_close(
                together[post, :words, :words], alone[0], atol=1e-4, rtol=1e-3
            )


def test_what_the_context_says_changes_the_scores_of_its_post_alone(form):
    network = model_of(form)
    batch = random_batch(WORDS, OBJECTS)
    batches = [in_context(batch, CONTEXTS, seed=seed) for seed in (3, 4)]
    with torch.no_grad():
        first, other = (network(each).scores for each in batches)
        bare = network(batch).scores
    if form[0] != "pipeline":  # its scores are decisions, which may stay as they were
        assert not torch.allclose(first[0, :4, :4], other[0, :4, :4], atol=1e-6)
    torch.testing.assert_close(first[1, :7, :7], bare[1, :7, :7], atol=1e-4, rtol=1e-3)


def test_a_graph_with_a_context_scores_as_its_network_does(form):
    network = model_of(form)
    example = in_context(random_batch([5, 3], [2, 1], seed=1), [4, 2])
    arrays = {name: getattr(example, name).numpy() for name in axes_of(example)}
    graph = trace(network, PostBatch(**arrays))
    session = ort.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    inputs = {each.name for each in session.get_inputs()}
    assert "context" in inputs
    for contexts in (CONTEXTS, [0, 0, 0], [1, 20, 3]):
        batch = in_context(random_batch(WORDS, OBJECTS), contexts)
        with torch.no_grad():
            expected = network(batch).scores.numpy()
        feed = {name: getattr(batch, name).numpy() for name in inputs}
        (found,) = session.run([SCORES], feed)
        present = (batch.word_mask[:, :, None] & batch.word_mask[:, None]).numpy()
        np.testing.assert_allclose(found[present], expected[present], atol=1e-4)


def shaped():
    transformer = tiny_encoder().transformer
    learn_shapes(transformer)
    return transformer


@pytest.mark.parametrize(
    ("made", "by_vector"),
    [(lambda: tiny_encoder().transformer, False), (shaped, True), (tiny_mpnet, True)],
    ids=["token types", "token types are shapes", "no token types"],
)
def test_the_context_is_marked_as_another_segment(made, by_vector):
    torch.manual_seed(0)
    encoder = WordEncoder(made(), context=True)
    assert (encoder.segment is not None) == by_vector
    batch = in_context(random_batch([3], [0]), [4])
    unmarked = replace(batch, context=torch.zeros_like(batch.context))
    assert not torch.allclose(encoder(batch), encoder(unmarked), atol=1e-6)
    encoder(batch).square().sum().backward()
    if encoder.segment is not None:
        assert encoder.segment.grad.abs().sum() > 0
    elif isinstance(encoder.transformer, BertModel):
        table = encoder.transformer.embeddings.token_type_embeddings
        assert table.weight.grad[1].abs().sum() > 0


def test_an_encoder_without_context_has_no_mark_and_draws_nothing():
    torch.manual_seed(7)
    before = torch.get_rng_state()
    encoder = WordEncoder(shaped())
    torch.manual_seed(7)
    assert torch.equal(before, torch.get_rng_state())
    assert not any("segment" in name for name in encoder.state_dict())


def test_the_loss_counts_the_words_of_the_post_alone():
    network = model_of(("text", {})).train()
    batch = in_context(random_batch(WORDS, OBJECTS), CONTEXTS)
    tagging = network(batch)
    assert tagging.scores.shape[1:3] == batch.gold.shape[1:3] == (7, 7)
    assert total_loss(tagging, batch.gold, LossConfig())["total"].isfinite()


def test_tensors_of_a_batch_keep_the_context():
    batch = in_context(random_batch(WORDS, OBJECTS), CONTEXTS)
    arrays = {
        field.name: None
        if getattr(batch, field.name) is None
        else getattr(batch, field.name).numpy()
        for field in fields(batch)
    }
    again = TensorBatch.of(PostBatch(**arrays)).to("cpu")
    assert torch.equal(again.context, batch.context)
