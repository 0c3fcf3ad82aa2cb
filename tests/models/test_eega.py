from dataclasses import replace

import pytest
import torch

from builders import AXES, SIZES, alone, random_batch, reorder_objects, tiny_encoder
from jmere.models.eega import EegaConfig, build
from jmere.models.tagging import LossConfig, post_losses, total_loss

WORDS, OBJECTS = [7, 3, 5, 1], [4, 2, 0, 1]


def eega(**changes):
    torch.manual_seed(0)
    choices = {"heads": 2, "object_width": 8, "edge_width": 4, "channel_width": 5, "dropout": 0.0}
    return build(EegaConfig(**{**choices, **changes}), tiny_encoder(), SIZES)


FORMS = [
    {},
    {"edge_loss": "square", "pair_features": True},
    {"pair_form": "biaffine", "pair_width": 6, "pair_distance": 3, "channel_residual": True},
    {"alpha": 1.0},
    {"alpha": 0.0},
    {"attribute_transformer": False},
    {"multi_channel": False},
    {"edge_enhanced": False},
    {"unroll": True},
]
CONTRAST = {"graph_contrast": 0.05}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("training", [True, False])
def test_a_post_alone_is_tagged_as_in_company(form, training):
    model = eega(**form).train(training)
    batch = random_batch(WORDS, OBJECTS)
    together = model(batch)
    losses = post_losses(together.scores, batch.gold, LossConfig())
    for post, (words, objects) in enumerate(zip(WORDS, OBJECTS, strict=True)):
        single = alone(batch, post)
        answer = model(single)
        torch.testing.assert_close(
            answer.scores[0], together.scores[post, :words, :words], atol=1e-4, rtol=1e-3
        )
        torch.testing.assert_close(
            post_losses(answer.scores, single.gold, LossConfig())[0], losses[post],
            atol=1e-4, rtol=1e-3,
        )  # fmt: skip
        for kind in ("plan", "attention"):
            torch.testing.assert_close(
                getattr(answer.alignment, kind)[0],
                getattr(together.alignment, kind)[post, :words, :objects],
                atol=1e-4,
                rtol=1e-3,
            )
        for name, values in together.auxiliary.items():
            expected = answer.auxiliary.get(name, torch.zeros(1))
            torch.testing.assert_close(expected[0], values[post], atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize("form", [*FORMS, CONTRAST])
def test_gradients_are_finite_with_padding_and_without_pictures(form):
    model = eega(**form).train()
    batch = random_batch(WORDS, OBJECTS)
    total_loss(model(batch), batch.gold, LossConfig())["total"].backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is None or parameter.grad.isfinite().all(), name


def test_permuted_objects_permute_the_alignment_and_nothing_else():
    model = eega().eval()
    batch = random_batch([6, 4], [3, 3])
    order = [2, 0, 1]
    before, after = model(batch), model(reorder_objects(batch, order))
    torch.testing.assert_close(after.scores, before.scores, atol=1e-5, rtol=1e-4)
    for kind in ("plan", "attention"):
        moved = getattr(before.alignment, kind)[:, :, order]
        torch.testing.assert_close(getattr(after.alignment, kind), moved, atol=1e-5, rtol=1e-4)


def test_plan_and_attention_are_shares():
    alignment = eega().eval()(random_batch(WORDS, OBJECTS)).alignment
    pictured = torch.tensor(OBJECTS) > 0
    torch.testing.assert_close(alignment.plan.sum(dim=(1, 2)), pictured.float(), atol=2e-3, rtol=0)
    torch.testing.assert_close(
        alignment.attention[pictured].sum(dim=2), torch.ones(3, 7), atol=1e-5, rtol=0
    )
    assert alignment.attention[~pictured].eq(0).all()


def test_a_batch_without_any_picture_is_tagged():
    model = eega().train()
    tagging = model(random_batch([4, 2], [0, 0]))
    assert tagging.scores.isfinite().all()
    assert tagging.alignment.plan.shape == (2, 4, 0)


def test_the_picture_changes_the_tags():
    model = eega().eval()
    batch = random_batch([5], [3])
    blind = model(alone(random_batch([5, 5], [0, 3], seed=1), 0))
    assert not torch.allclose(model(batch).scores, blind.scores)


def test_from_zero_training_starts_from_the_scores_without_a_picture():
    batch = random_batch([5], [3])
    blind = replace(batch, object_mask=torch.zeros_like(batch.object_mask))
    for from_zero in (True, False):
        model = eega(cross_from_zero=from_zero).eval()
        assert torch.allclose(model(batch).scores, model(blind).scores) is from_zero


def test_without_transport_only_the_graph_loss_goes():
    batch = random_batch(WORDS, OBJECTS)
    whole, ablated = eega().train(), eega(edge_enhanced=False).train()
    assert whole.state_dict().keys() == ablated.state_dict().keys()
    torch.testing.assert_close(whole(batch).scores, ablated(batch).scores)
    assert set(whole(batch).auxiliary) == {"graph"}
    assert not ablated(batch).auxiliary


def test_other_ablations_lack_their_parts_alone():
    whole = set(eega().state_dict())
    vanilla = set(eega(attribute_transformer=False).state_dict())
    assert vanilla < whole
    assert all(".attend.edge" in name for name in whole - vanilla)
    plain = set(eega(multi_channel=False).state_dict())
    assert plain < whole
    assert all(name.startswith("channels.") for name in whole - plain)


def test_the_graph_loss_is_weighted_by_lambda_and_mixed_by_alpha():
    batch = random_batch(WORDS, OBJECTS)

    def cost(**form):
        return eega(**form).train()(batch).auxiliary["graph"]

    nodes, edges = cost(alpha=1.0, graph_weight=1.0), cost(alpha=0.0, graph_weight=1.0)
    torch.testing.assert_close(cost(alpha=0.4, graph_weight=0.6), 0.6 * (0.4 * nodes + 0.6 * edges))


def test_a_contrastive_alignment_is_of_own_objects_against_those_of_the_post_before():
    batch = random_batch([5, 4, 6, 3], [3, 2, 0, 1])
    plain, contrasted = (eega(**form).train()(batch) for form in ({}, CONTRAST))
    torch.testing.assert_close(plain.scores, contrasted.scores)
    side = [name for name, axes in AXES.items() if "o" in axes]
    moved = replace(batch, **{name: getattr(batch, name).roll(1, 0) for name in side})
    # The words of each post beside the objects of the post before.
    other = eega().train()(moved).auxiliary["graph"]
    own, found = plain.auxiliary["graph"], contrasted.auxiliary["graph"]
    expected = 0.6 * torch.nn.functional.softplus((own - other) / 0.6 / 0.05)
    torch.testing.assert_close(found[:2], expected[:2])
    # The third post has no objects, and the fourth none to compare with.
    assert found[2:].tolist() == [0, 0]


def test_a_contrastive_alignment_learns_to_tell_own_objects_from_others():
    model, batch = eega(**CONTRAST).train(), random_batch([5, 4, 6, 3], [3, 2, 4, 2])
    steps = torch.optim.Adam(model.parameters(), lr=1e-2)
    losses = []
    for _ in range(30):
        loss = model(batch).auxiliary["graph"].sum()
        steps.zero_grad()
        loss.backward()
        steps.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 2


def test_predicting_makes_no_loss():
    assert not eega().eval()(random_batch(WORDS, OBJECTS)).auxiliary


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"alpha": 1.5}, r"model\.alpha must be in \[0, 1\], got 1\.5"),
        ({"graph_weight": -1.0}, r"model\.graph_weight must not be negative"),
        ({"heads": 0}, r"model\.heads must be at least 1"),
    ],
)
def test_a_choice_out_of_range_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        EegaConfig(**change)
