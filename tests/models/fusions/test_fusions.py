"""What is particular to a fusion; what holds of all models is in ``test_model_laws``."""

import pytest
import torch

from builders import SIZES, random_batch, tiny_encoder
from jmere.align import structural_alignment
from jmere.models.fusions.mega import StructureConfig
from tiny_models import tiny_config, tiny_model

WORDS, OBJECTS = [7, 3, 5, 1], [4, 2, 0, 1]


def fused(model, batch):
    return model.fuse(model.encoder(batch), model.encoder.label_vectors(batch.label_pieces), batch)


def test_adapcoatt_reads_the_picture_alike_for_all_words_as_published():
    batch = random_batch(WORDS, OBJECTS)
    published = fused(tiny_model(("adapcoatt", {})).eval(), batch).attention
    assert published.eq(published[:, :1]).all()
    meant = fused(tiny_model(("adapcoatt", {"coatt_form": "additive"})).eval(), batch).attention
    assert not torch.allclose(meant[0, 0], meant[0, 1])


@pytest.mark.parametrize("source", ["labels", "nodes"])
def test_ocsga_without_objects_is_the_words_normalised(source):
    model = tiny_model(("ocsga", {"object_source": source})).eval()
    batch = random_batch([5, 3], [0, 0])
    words = fused(model, batch).words
    expected = model.fuse.norm(model.encoder(batch), batch.word_mask)
    torch.testing.assert_close(words, expected)


def test_ocsga_reads_the_first_labels_and_learns_nothing_of_their_pieces():
    model = tiny_model(("ocsga", {"labels": 2})).eval()
    batch = random_batch([4], [4])
    words = fused(model, batch).words
    batch.label_pieces[:, 2:] = 7
    torch.testing.assert_close(fused(model, batch).words, words)
    batch.label_pieces[:, 1:] = 7
    assert not torch.allclose(fused(model, batch).words, words)

    labels = model.encoder.label_vectors(batch.label_pieces).detach().requires_grad_()
    model.fuse(model.encoder(batch), labels, batch).words.sum().backward()
    assert labels.grad is None


def test_agbans_classifier_rests_every_other_step_and_the_words_do_not():
    model = tiny_model(("agban", {"adversary_rest": 2, "adversary_rise": 1})).train()
    batch = random_batch(WORDS, OBJECTS)
    moved = []
    for _ in range(4):
        model.zero_grad()
        fused(model, batch).auxiliary["adversary"].sum().backward()
        moved.append(model.fuse.adversary.classify.output.weight.grad is not None)
    assert moved == [True, False, True, False]
    assert model.encoder.transformer.encoder.layer[0].output.dense.weight.grad.abs().sum() > 0
    assert model.fuse.adversary.steps == 4


def test_agbans_adversary_starts_by_classifying_alone():
    """The reversal has no strength yet, so nothing but the classifier hears of its loss."""
    model, batch = (
        tiny_model(("agban", {"adversary_rest": 0})).train(),
        random_batch(WORDS, OBJECTS),
    )
    fused(model, batch).auxiliary["adversary"].sum().backward()
    moved = {n for n, p in model.named_parameters() if p.grad is not None and p.grad.any()}
    assert moved
    assert all(name.startswith("fuse.adversary.classify.") for name in moved)


def test_umgf_hears_neighbours_alone_in_a_dependency_graph():
    model = tiny_model(("umgf", {"text_graph": "dependency", "layers": 1})).eval()
    batch = random_batch([4], [0])
    batch.dependencies[:] = torch.eye(4, dtype=torch.uint8)
    words = model.encoder(batch)
    labels = model.encoder.label_vectors(batch.label_pieces)
    before = model.fuse(words, labels, batch).words
    changed = words.clone()
    changed[:, 3] += 1
    after = model.fuse(changed, labels, batch).words
    torch.testing.assert_close(after[:, :3], before[:, :3])


def test_umgf_keeps_the_encoders_words_beside_its_own():
    model, batch = tiny_model(("umgf", {})).eval(), random_batch(WORDS, OBJECTS)
    words = model.encoder(batch)
    torch.testing.assert_close(fused(model, batch).words[..., : words.shape[2]], words)


def test_mega_uses_structure_as_rows_of_words():
    """On a matrix that is not square, a transposition is not a reshape."""
    model, batch = tiny_model(("mega", {})).eval(), random_batch([5], [3])
    words, objects = model.encoder(batch), torch.randn(1, 3, 16)
    alpha = torch.rand(1, 5, 3)
    seen = model.fuse.see(words, objects, alpha, batch).values
    sight = model.fuse.see
    values = sight.value(sight.object(objects))[0]
    for word in range(5):
        shares = sight.key(sight.word(words))[0, word] @ sight.query(sight.object(objects))[0].T / 4
        meaning = shares.softmax(-1) @ values
        structure = sum(alpha[0, word, thing] * values[thing] for thing in range(3))
        torch.testing.assert_close(seen[0, word], sight.join(torch.cat([meaning, structure])))


def test_mega_without_structure_sees_by_meaning_alone():
    batch = random_batch(WORDS, OBJECTS)
    model = tiny_model(("mega", {})).eval()
    alpha = structural_alignment(
        batch.dependencies > 0,
        batch.relations > 0,
        row_mask=batch.word_mask,
        column_mask=batch.object_mask,
    )
    assert alpha[:2].ne(0).any()
    whole = model(batch).scores
    model.fuse.structure = StructureConfig(use=False)
    blind = model(batch).scores
    assert not torch.allclose(whole[0], blind[0])
    torch.testing.assert_close(whole[2], blind[2])


def test_maf_lets_nothing_through_of_a_picture_that_does_not_match():
    model, batch = tiny_model(("maf", {})).eval(), random_batch(WORDS, OBJECTS)
    model.fuse.match.bias.data = torch.tensor([60.0, -60.0])
    words = model.encoder(batch)
    torch.testing.assert_close(
        fused(model, batch).words, torch.cat([words, torch.zeros_like(words)], dim=-1)
    )


def test_maf_mismatches_a_quarter_of_a_batch_in_training_alone():
    model = tiny_model(("maf", {"matching_weight": 1.0})).train()
    batch = random_batch([4] * 9, [2] * 9)
    model.fuse.match.weight.data.zero_()
    model.fuse.match.bias.data = torch.tensor([-60.0, 60.0])
    costly = fused(model, batch).auxiliary["matching"] > 1
    assert costly.tolist() == [False] * 7 + [True] * 2
    assert not fused(model.eval(), batch).auxiliary


def test_maf_judges_a_match_by_words_in_their_places_up_to_the_longest():
    model = tiny_model(("maf", {"longest": 3})).eval()
    joined, mask = torch.randn(1, 5, 32), torch.ones(1, 5, dtype=torch.bool)
    scores = model.fuse.match(joined, mask)
    flat = model.fuse.match.weight.flatten(0, 1)
    torch.testing.assert_close(scores, joined[:, :3].flatten(1) @ flat + model.fuse.match.bias)
    short = model.fuse.match(joined[:, :2], mask[:, :2])
    padded = model.fuse.match(joined, mask & (torch.arange(5) < 2))
    torch.testing.assert_close(short, padded)


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("maf", {"temperature": 0.0}, r"model\.temperature must be positive"),
        ("maf", {"matching_weight": -1.0}, r"model\.matching_weight must not be negative"),
        ("agban", {"adversary_weight": -1.0}, r"model\.adversary_weight must not be negative"),
        ("umgf", {"layers": 0}, r"model\.layers must be at least 1, got 0"),
        ("ocsga", {"dropout": 1.5}, r"model\.dropout must be in \[0, 1\], got 1\.5"),
        ("adapcoatt", {"coatt_form": "sum"}, r"model\.coatt_form: .*'concat' or 'additive'"),
        ("mega", {"structure": {"topobjects": 2}}, r"unknown key 'model\.structure\.topobjects'"),
        ("text", {"pairs": {"dropout": -1}}, r"model\.pairs\.dropout must be in \[0, 1\]"),
    ],
)
def test_a_wrong_choice_is_refused(name, change, message):
    with pytest.raises(ValueError, match=message):
        tiny_config((name, change))


def test_heads_must_divide_the_width_of_the_encoder():
    config = tiny_config(("maf", {"heads": 5}))
    with pytest.raises(ValueError, match=r"hidden \(16\) must be a multiple of heads \(5\)"):
        config.build(tiny_encoder(), SIZES)
