import torch
from torch import nn

from jmere.training.visible.rounded_inputs import rounded_inputs


def layer(outputs):
    found = nn.Linear(4, outputs, bias=False)
    with torch.no_grad():
        found.weight.copy_(torch.eye(4).repeat(outputs // 4, 1))
    return found


@torch.inference_mode()
def test_a_row_is_rounded_to_256_levels_of_its_own_range_while_the_context_lasts():
    large = layer(128)
    rows = torch.tensor([[0.0, 255.0, 7.4, 7.6], [-1.0, -1.0, -1.0, -1.0]])
    with rounded_inputs(nn.Sequential(large)):
        found = large(rows)[:, :4]
    expected = torch.tensor([[0.0, 255.0, 7.0, 8.0], [-1.0, -1.0, -1.0, -1.0]])
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(large(rows)[:, :4], rows)


@torch.inference_mode()
def test_small_layers_are_not_rounded():
    small = layer(8)
    with rounded_inputs(nn.Sequential(small)):
        found = small(torch.tensor([[0.0, 255.0, 7.4, 7.6]]))
    torch.testing.assert_close(found[0, :4], torch.tensor([0.0, 255.0, 7.4, 7.6]))
