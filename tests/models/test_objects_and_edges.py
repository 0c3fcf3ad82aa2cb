"""What nodes are made of, and how adjacency enters attention, by hand."""

from dataclasses import replace

import pytest
import torch

from builders import SIZES, random_batch, tiny_encoder
from jmere.layers.attribute import AttributeAttention
from jmere.layers.objects import ObjectEncoder
from jmere.models.registry import ModelConfig
from tiny_models import CHOICES

SEEING = replace(SIZES, appearance=3)


def seen_batch(**changes):
    """Two objects with appearance vectors of width 3; the second has none."""
    batch = random_batch([4], [2])
    looks = torch.tensor([[[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]]])
    batch = replace(batch, appearance=looks, appearance_mask=torch.tensor([[True, False]]))
    return replace(batch, **changes)


def relabelled(batch):
    """Every piece of every label another word."""
    other = (batch.label_pieces + 1) % 3
    return torch.where(batch.label_pieces >= 0, other, batch.label_pieces)


def test_a_node_of_appearance_alone_is_its_projection_normalised():
    encoder = ObjectEncoder(label=5, hidden=2, appearance=3, form="appearance")
    assert encoder.label is None
    assert encoder.place is None
    with torch.no_grad():
        encoder.look.project.weight.copy_(torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]))
        encoder.look.project.bias.zero_()
        encoder.look.absent.copy_(torch.tensor([5.0, -5.0]))
    nodes = encoder(seen_batch(), torch.randn(1, 2, 5))
    # (1, 3) and (5, -5), each brought to mean 0 and deviation 1
    torch.testing.assert_close(nodes, torch.tensor([[[-1.0, 1.0], [1.0, -1.0]]]), atol=1e-4, rtol=0)


def model(name, **changes):
    torch.manual_seed(0)
    config = ModelConfig.parse({"name": name, **CHOICES[name], **changes})
    return config.build(tiny_encoder(), SEEING).eval()


BOXES = [
    ("eega", {"objects": {"form": "appearance"}}),
    *((name, {"visual_source": "box"}) for name in ("adapcoatt", "ocsga", "agban", "umgf", "maf")),
    ("mega", {"visual_source": "box"}),
    ("mega", {"visual_source": "native"}),
]


@pytest.mark.parametrize(("name", "changes"), BOXES)
def test_labels_and_boxes_do_not_matter_where_appearance_alone_counts(name, changes):
    network = model(name, **changes)
    batch = seen_batch()
    other = seen_batch(label_pieces=relabelled(batch), boxes=batch.boxes + 0.1)
    torch.testing.assert_close(network(other).scores, network(batch).scores)
    seen = seen_batch(appearance=batch.appearance + 1)
    assert not torch.allclose(network(seen).scores, network(batch).scores)


def test_native_ocsga_reads_labels_alone():
    network = model("ocsga", visual_source="native", object_source="nodes")
    batch = seen_batch()
    torch.testing.assert_close(
        network(seen_batch(appearance=batch.appearance + 1)).scores, network(batch).scores
    )
    other = network(seen_batch(label_pieces=relabelled(batch))).scores
    assert not torch.allclose(other, network(batch).scores)


@pytest.mark.parametrize("name", ["adapcoatt", "agban", "umgf", "maf"])
def test_a_picture_that_no_file_holds_is_refused(name):
    with pytest.raises(ValueError, match=r"model\.visual_source: 'native' is not available"):
        model(name, visual_source="native")


@pytest.mark.parametrize(("name", "changes"), BOXES)
def test_appearance_alone_needs_its_width(name, changes):
    config = ModelConfig.parse({"name": name, **CHOICES[name], **changes})
    with pytest.raises(ValueError, match=r"appearance alone require graphs\.appearance"):
        config.build(tiny_encoder(), replace(SIZES, appearance=0))


@pytest.mark.parametrize(
    ("adjacency", "shares"),
    [
        ("mask", [1.0, 0.0]),
        # The neighbour's score is log 3, the stranger's 0: three quarters and one.
        ("multiply", [0.75, 0.25]),
    ],
)
def test_adjacency_masks_or_multiplies(adjacency, shares):
    attend = AttributeAttention(
        hidden=1, heads=1, edges=2, edge_width=1, dropout=0.0, adjacency=adjacency
    )
    with torch.no_grad():
        for parameter in attend.parameters():
            parameter.zero_()
        attend.project.bias[0] = 1.0  # every query is 1
        attend.project.weight[1] = torch.tensor(3.0).log()  # a key is log 3 times its node
        attend.project.weight[2] = 1.0  # a value is its node
        attend.output.weight.fill_(1.0)
    nodes = torch.tensor([[[1.0], [10.0], [7.0]]])
    types = torch.zeros(1, 3, 3, dtype=torch.uint8)
    types[0, 0, 0] = 1
    mask = torch.tensor([[True, True, False]])
    found = attend(nodes, types, mask)[0, 0, 0].item()
    assert found == pytest.approx(shares[0] * 1.0 + shares[1] * 10.0, abs=1e-5)
