"""Structural alignment: laws, hand-made answers and the published method with its matrices."""

import numpy as np
import pytest
import torch

from jmere.align import structural_alignment
from jmere.align.structure import structural_features


def graph(nodes, *edges):
    adjacency = torch.eye(nodes, dtype=torch.bool)
    for one, other in edges:
        adjacency[one, other] = adjacency[other, one] = True
    return adjacency


PATH = graph(4, (0, 1), (1, 2), (2, 3))
STAR = graph(5, (0, 1), (0, 2), (0, 3), (0, 4))


def align(first, second, **options):
    masks = [torch.ones(1, len(each), dtype=torch.bool) for each in (first, second)]
    return structural_alignment(
        first[None], second[None], row_mask=masks[0], column_mask=masks[1], **options
    )[0]


def random_graph(nodes, seed):
    draw = torch.Generator().manual_seed(seed)
    upper = torch.triu(torch.rand(nodes, nodes, generator=draw) < 0.35, 1)
    return upper | upper.mT


def test_degrees_are_counted_hop_by_hop():
    features = structural_features(PATH[None], buckets=2)[0]
    # Ends have degree 1 (bucket 0), the others 2 (bucket 1).
    expected = [[1 + 0.0, 0.01 + 0.0001], [0.01 + 0.0001, 1 + 0.01]]
    torch.testing.assert_close(features[:2], torch.tensor(expected))
    torch.testing.assert_close(features[2:], features[:2].flip(0))
    hub = structural_features(STAR[None], buckets=3)[0, 0]
    torch.testing.assert_close(hub, torch.tensor([0.04, 0.0, 1.0]))


def test_a_node_without_neighbours_has_no_feature():
    assert structural_features(graph(2, (0, 0))[None], buckets=2).eq(0).all()


@pytest.mark.parametrize("mode", ["xnetmf", "exact"])
def test_each_node_is_its_twins_like(mode):
    alike = align(PATH, PATH, mode=mode, top=4)
    torch.testing.assert_close(alike.diag(), torch.ones(4))
    torch.testing.assert_close(alike.flip(0).diag(), torch.ones(4))
    assert alike[0, 1] < 1


@pytest.mark.parametrize("mode", ["xnetmf", "exact"])
def test_relabelled_words_permute_the_rows(mode):
    words, objects = random_graph(7, 1), random_graph(5, 2)
    order = torch.randperm(7, generator=torch.Generator().manual_seed(0))
    moved = align(words[order][:, order], objects, mode=mode)
    torch.testing.assert_close(moved, align(words, objects, mode=mode)[order])


def test_each_word_keeps_its_closest_objects_the_first_of_equal_ones():
    alike = align(STAR, PATH)
    assert ((alike > 0).sum(dim=1) == 1).all()
    assert (alike.argmax(dim=1)[1:] == 0).all()
    assert ((align(STAR, PATH, top=3) > 0).sum(dim=1) == 3).all()


def test_graphs_without_an_edge_are_not_alike():
    assert align(graph(3), graph(2)).eq(0).all()
    assert align(graph(3), graph(2, (0, 1))).ne(0).any()


def test_padding_and_neighbours_change_nothing():
    words, objects = random_graph(6, 3), random_graph(4, 4)
    alone = align(words, objects)
    wide, tall = torch.zeros(2, 20, 20, dtype=torch.bool), torch.zeros(2, 9, 9, dtype=torch.bool)
    wide[0, :6, :6], tall[0, :4, :4] = words, objects
    wide[1, :15, :15], tall[1] = random_graph(15, 5), random_graph(9, 6)
    both = structural_alignment(
        wide,
        tall,
        row_mask=torch.arange(20) < torch.tensor([[6], [15]]),
        column_mask=torch.arange(9) < torch.tensor([[4], [9]]),
    )
    torch.testing.assert_close(both[0, :6, :4], alone)
    assert both[0, 6:].eq(0).all()
    assert both[0, :, 4:].eq(0).all()


def test_no_object_is_no_column():
    assert align(PATH, graph(0)).shape == (4, 0)


@pytest.mark.parametrize("seed", range(5))
def test_it_is_the_published_embedding_with_every_node_a_landmark(seed):
    words, objects = random_graph(9, seed), random_graph(5, seed + 100)
    found = align(words, objects, top=5)

    # REGAL's xNetMF over one graph of both, letter by letter.
    nodes = np.concatenate(
        [structural_features(each[None], buckets=4)[0].numpy() for each in (words, objects)]
    ).astype(np.float64)
    alike = np.exp(-np.linalg.norm(nodes[:, None] - nodes[None], axis=2))
    left, values, _ = np.linalg.svd(np.linalg.pinv(alike, rcond=1e-8))
    embedded = alike @ left * np.sqrt(values)
    embedded /= np.linalg.norm(embedded, axis=1, keepdims=True)
    distance = np.linalg.norm(embedded[:9, None] - embedded[None, 9:], axis=2)
    np.testing.assert_allclose(found.numpy(), np.exp(-distance), atol=1e-3)
