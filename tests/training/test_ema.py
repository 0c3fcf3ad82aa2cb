import torch
from torch import nn

from jmere.training.ema import WeightAverage


def network(value=0.0):
    layer = nn.Linear(2, 2)
    for weight in layer.parameters():
        nn.init.constant_(weight, value)
    return layer


def test_the_average_follows_slowly_and_faster_at_first():
    layer = network()
    average = WeightAverage(layer, 0.5)
    nn.init.constant_(layer.weight, 1.0)
    average.update()
    first = 1 - 2 / 11
    torch.testing.assert_close(average.weights[0], torch.full((2, 2), first))
    for _ in range(9):
        average.update()
    nn.init.constant_(layer.weight, 0.0)
    before = average.weights[0].clone()
    average.update()
    torch.testing.assert_close(average.weights[0], before * 0.5)


def test_the_network_has_the_average_for_the_time_being():
    layer = network(1.0)
    average = WeightAverage(layer, 0.9)
    nn.init.constant_(layer.weight, 3.0)
    with average.in_place():
        assert layer.weight.eq(1).all()
    assert layer.weight.eq(3).all()
    assert average.weights[0].eq(1).all()


def test_without_a_decay_the_weights_are_their_own_average():
    layer = network(1.0)
    average = WeightAverage(layer, 0.0)
    average.update()
    with average.in_place():
        assert layer.weight.eq(1).all()


def test_a_saved_average_goes_on_as_it_was(tmp_path):
    layer = network(1.0)
    average = WeightAverage(layer, 0.9)
    nn.init.constant_(layer.weight, 2.0)
    average.update()
    average.save(tmp_path)
    other = WeightAverage(network(), 0.9)
    other.load(tmp_path)
    assert other.steps == 1
    torch.testing.assert_close(other.weights, average.weights)
