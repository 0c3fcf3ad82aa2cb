import torch
from transport_cases import mask, vectors

from jmere.align import cosine_distance, uniform_mass


def test_distances_of_known_directions():
    a = torch.tensor([[[1.0, 0.0], [0.0, 3.0]]])
    b = torch.tensor([[[2.0, 0.0], [-5.0, 0.0], [1.0, 1.0]]])
    root = 1 - 0.5**0.5
    expected = torch.tensor([[[0.0, 2.0, root], [1.0, 1.0, root]]])
    torch.testing.assert_close(cosine_distance(a, b), expected)


def test_length_does_not_matter():
    a, b = vectors(2, 3, 5), vectors(2, 4, 5, seed=1)
    torch.testing.assert_close(cosine_distance(1e-6 * a, 1e6 * b), cosine_distance(a, b))


def test_a_zero_vector_is_at_distance_one_with_a_finite_gradient():
    a = torch.zeros(1, 2, 4, requires_grad=True)
    distance = cosine_distance(a, vectors(1, 3, 4))
    distance.sum().backward()
    assert distance.eq(1).all()
    assert a.grad.abs().max() < 10


def test_half_precision_is_raised_before_the_product():
    a = vectors(1, 3, 8).bfloat16()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        distance = cosine_distance(a, a)
    assert distance.dtype == torch.float32
    torch.testing.assert_close(distance, cosine_distance(a.float(), a.float()))


def test_masses_are_shared_by_the_nodes_that_are_there():
    expected = torch.tensor([[0.5, 0.5, 0.0, 0.0], [0.0] * 4, [0.25] * 4])
    torch.testing.assert_close(uniform_mass(mask([2, 0, 4], 4)), expected)
    assert uniform_mass(mask([], 4)[:0]).shape == (0, 4)
