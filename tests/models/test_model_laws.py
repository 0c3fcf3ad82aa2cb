"""What holds of every model there is."""

import copy

import pytest
import torch

from builders import SIZES, alone, random_batch, reorder_objects
from jmere.models.fusions.mega import StructureConfig
from jmere.models.tagging import LossConfig, total_loss
from tiny_models import FORMS, name_of, tiny_model

WORDS, OBJECTS = [7, 3, 5, 1], [4, 2, 0, 1]

every_form = pytest.mark.parametrize("form", FORMS, ids=name_of)


def close(found, expected):
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-3)


@every_form
def test_a_post_alone_is_tagged_as_in_company(form):
    model = tiny_model(form).eval()
    batch = random_batch(WORDS, OBJECTS)
    together = model(batch)
    assert not together.auxiliary
    for post, (words, objects) in enumerate(zip(WORDS, OBJECTS, strict=True)):
        answer = model(alone(batch, post))
        close(answer.scores[0], together.scores[post, :words, :words])
        if together.alignment is not None:
            attention = together.alignment.attention[post, :words, :objects]
            close(answer.alignment.attention[0], attention)


@every_form
def test_gradients_are_finite_with_padding_and_without_pictures(form):
    model = tiny_model(form).train()
    batch = random_batch(WORDS, OBJECTS)
    losses = total_loss(model(batch), batch.gold, LossConfig())
    losses["total"].backward()
    assert losses["total"].isfinite()
    touched = [name for name, p in model.named_parameters() if p.grad is not None]
    assert any(name.startswith("encoder.") for name in touched)
    for name, parameter in model.named_parameters():
        assert parameter.grad is None or parameter.grad.isfinite().all(), name


@every_form
@pytest.mark.parametrize("training", [True, False])
def test_a_batch_without_any_picture_is_tagged(form, training):
    model = tiny_model(form).train(training)
    tagging = model(random_batch([4, 2], [0, 0]))
    assert tagging.scores.isfinite().all()
    assert tagging.scores.shape == (2, 4, 4, SIZES.tags)
    assert all(loss.isfinite().all() for loss in tagging.auxiliary.values())


@every_form
def test_permuted_objects_permute_the_attention_and_nothing_else(form):
    model = tiny_model(form).eval()
    if form[0] == "mega":  # takes the first of objects whose structure is equal
        model.fuse.structure = StructureConfig(top_objects=9)
    batch = random_batch([6, 4], [3, 3])
    order = [2, 0, 1]
    before, after = model(batch), model(reorder_objects(batch, order))
    close(after.scores, before.scores)
    if before.alignment is not None:
        close(after.alignment.attention, before.alignment.attention[:, :, order])


@every_form
def test_the_picture_changes_the_tags_of_all_but_the_control(form):
    model = tiny_model(form).eval()
    batch = random_batch([5], [3])
    blind = model(alone(random_batch([5, 5], [0, 3], seed=1), 0))
    without = copy.deepcopy(batch)
    without.object_mask[:] = False
    assert torch.allclose(model(batch).scores, model(without).scores) == (form[0] == "text")
    assert not torch.allclose(model(batch).scores, blind.scores)


@every_form
def test_one_seed_gives_one_answer(form):
    def losses():
        model = tiny_model(form).train()
        torch.manual_seed(1)
        batch = random_batch(WORDS, OBJECTS)
        return total_loss(model(batch), batch.gold, LossConfig())

    first, second = losses(), losses()
    assert first.keys() == second.keys()
    assert all(torch.equal(first[name], second[name]) for name in first)


@every_form
def test_attention_is_a_share(form):
    batch = random_batch(WORDS, OBJECTS)
    alignment = tiny_model(form).eval()(batch).alignment
    if alignment is None:
        return
    sums, words = alignment.attention.sum(dim=2), batch.word_mask
    pictured = batch.object_mask.any(dim=1, keepdim=True)
    close(sums[words & pictured], torch.ones(int((words & pictured).sum())))
    assert sums[words & ~pictured].eq(0).all()


@every_form
def test_half_precision_gives_nearly_the_same_losses(form):
    def losses(enabled):
        model = tiny_model(form).train()
        batch = random_batch(WORDS, OBJECTS)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=enabled):
            parts = total_loss(model(batch), batch.gold, LossConfig())
        parts["total"].backward()
        assert all(p.grad is None or p.grad.isfinite().all() for p in model.parameters())
        return parts["total"]

    torch.testing.assert_close(losses(True).float(), losses(False), atol=0.1, rtol=0.05)
