import torch
from torch import nn

from builders import tiny_encoder
from jmere.layers.encoder import WordEncoder
from jmere.training.fgm import FastGradient
from jmere.training.optimizer import layers_below_top, optimizer_for
from jmere.training.run_config import TrainingConfig


def table_of(network):
    return network[0].transformer.get_input_embeddings().weight


def test_the_step_is_of_its_length_along_the_gradient_and_is_taken_back():
    network = nn.Sequential(tiny_encoder())
    table = table_of(network)
    before = table.detach().clone()
    table.grad = torch.randn_like(table)
    with FastGradient(network, 0.5).taken():
        moved = table.detach() - before
        torch.testing.assert_close(moved.norm(), torch.tensor(0.5))
        torch.testing.assert_close(moved, 0.5 * table.grad / table.grad.norm())
    assert torch.equal(table, before)


def test_without_a_length_nothing_is_moved():
    assert FastGradient(nn.Sequential(tiny_encoder()), 0.0).tables == []


def test_embeddings_that_learned_nothing_stay():
    network = nn.Sequential(tiny_encoder())
    before = table_of(network).detach().clone()
    with FastGradient(network, 0.5).taken():
        assert torch.equal(table_of(network), before)


def test_rates_fall_by_layer_from_the_top_to_the_embeddings():
    encoder = tiny_encoder()
    layers = encoder.transformer.config.num_hidden_layers
    names = {parameter: name for name, parameter in encoder.named_parameters()}
    below = {names[parameter]: count for parameter, count in layers_below_top(encoder)}
    assert below["transformer.embeddings.word_embeddings.weight"] == layers
    for layer in range(layers):
        name = f"transformer.encoder.layer.{layer}.output.dense.weight"
        assert below[name] == layers - 1 - layer
    assert all(count == 0 for name, count in below.items() if "pooler" in name)


def test_only_encoders_have_the_falling_rates():
    network = nn.Sequential(tiny_encoder(), nn.Linear(2, 2))
    settings = TrainingConfig(encoder_learning_rate=1.0, learning_rate=3.0, layer_decay=0.5)
    rates = {
        parameter: group["lr"]
        for group in optimizer_for(network, settings).param_groups
        for parameter in group["params"]
    }
    layers = network[0].transformer.config.num_hidden_layers
    assert isinstance(network[0], WordEncoder)
    assert rates[network[1].weight] == 3.0
    assert rates[table_of(network)] == 0.5**layers
    assert {rates[parameter] for parameter in network[0].parameters()} == {
        0.5**count for count in range(layers + 1)
    }
