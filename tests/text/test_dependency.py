import networkx as nx
import numpy as np
import pytest

from jmere.records import TextGraph
from jmere.tags import ABSENT, OTHER, Vocabulary
from jmere.text.dependency import (
    HOP_BINS,
    HOP_LIMIT,
    SELF,
    UNREACHABLE,
    dependency_types,
    dependency_vocabulary,
    graph_to_json,
    hop_distances,
    pos_ids,
    render,
)

EDGES = dependency_vocabulary(["nsubj", "obj"])
POST = TextGraph(
    ("Ann", "met", "Bob"), ("PROPN", "VERB", "PROPN"), (1, 1, 1), ("nsubj", "root", "obj")
)
TWO_TREES = TextGraph(
    ("Yes", ".", "Ann", "ran"),
    ("INTJ", "PUNCT", "PROPN", "VERB"),
    (0, 0, 3, 3),
    ("root", "punct", "nsubj", "root"),
)
EMPTY = TextGraph((), (), (), ())


def random_graph(rng, words):
    """Some trees over shuffled words, so that heads stand on either side."""
    order = rng.permutation(words)
    heads = np.arange(words)
    for index, word in enumerate(order):
        if index and rng.random() < 0.9:
            heads[word] = order[rng.integers(index)]
    names = tuple(map(str, range(words)))
    return TextGraph(names, ("X",) * words, tuple(heads.tolist()), ("dep",) * words)


def test_edges_are_undirected_with_self_loops():
    own, subject, object_ = (EDGES.id(name) for name in (SELF, "nsubj", "obj"))

    assert EDGES.names[0] == SELF
    np.testing.assert_array_equal(
        dependency_types([POST], EDGES)[0],
        [[own, subject, 0], [subject, own, object_], [0, object_, own]],
    )


def test_a_root_has_no_edge_but_its_own_and_an_unknown_label_is_other():
    types = dependency_types([TWO_TREES], EDGES)[0]

    assert types[0, 1] == types[1, 0] == OTHER
    assert types[0, 0] == EDGES.id(SELF)
    assert types[:2, 2:].sum() == 0


def test_hops_of_two_trees_by_hand():
    far = UNREACHABLE

    np.testing.assert_array_equal(
        hop_distances([TWO_TREES])[0],
        [[0, 1, far, far], [1, 0, far, far], [far, far, 0, 1], [far, far, 1, 0]],
    )


def test_hops_agree_with_a_slow_search():
    rng = np.random.default_rng(0)
    graphs = [random_graph(rng, int(words)) for words in rng.integers(1, 40, 30)]

    hops = hop_distances(graphs)

    for graph, found in zip(graphs, hops, strict=True):
        size = len(graph.words)
        expected = np.full(found.shape, UNREACHABLE)
        ways = nx.all_pairs_shortest_path_length(nx.Graph(enumerate(graph.heads)))
        for one, lengths in ways:
            for other, length in lengths.items():
                expected[one, other] = min(length, HOP_LIMIT)
        np.testing.assert_array_equal(found, expected, err_msg=f"{size} words: {graph.heads}")


def test_long_ways_count_as_the_limit():
    words = 300
    line = TextGraph(
        ("w",) * words,
        ("X",) * words,
        (0, *range(words - 1)),
        ("root",) + ("dep",) * (words - 1),
    )

    hops = hop_distances([line], limit=254)[0]

    assert hops[0, 254] == hops[0, 299] == 254
    assert hops[0, 253] == 253
    assert hop_distances([line]).max() == HOP_LIMIT < HOP_BINS


def test_padding_and_neighbours_change_nothing():
    rng = np.random.default_rng(1)
    short, long = random_graph(rng, 5), random_graph(rng, 9)
    edges = dependency_vocabulary(["dep"])

    for numbers, padding in (
        (hop_distances, UNREACHABLE),
        (lambda graphs: dependency_types(graphs, edges), ABSENT),
    ):
        batch = numbers([short, EMPTY, long])
        np.testing.assert_array_equal(batch[0, :5, :5], numbers([short])[0])
        np.testing.assert_array_equal(batch[2], numbers([long])[0])
        assert (batch[0, 5:] == padding).all()
        assert (batch[0, :, 5:] == padding).all()
        assert (batch[1] == padding).all()
        assert batch.dtype == np.uint8


def test_parts_of_speech_are_numbered_and_padded():
    vocabulary = Vocabulary(["PROPN", "VERB"])

    found = pos_ids([POST, TWO_TREES], vocabulary)

    np.testing.assert_array_equal(found, [[2, 3, 2, ABSENT], [OTHER, OTHER, 2, 3]])


@pytest.mark.parametrize("graphs", [[], [EMPTY], [EMPTY, EMPTY]])
def test_posts_without_words_have_no_numbers(graphs):
    assert hop_distances(graphs).shape == (len(graphs), 0, 0)
    assert dependency_types(graphs, EDGES).shape == (len(graphs), 0, 0)
    assert pos_ids(graphs, EDGES).shape == (len(graphs), 0)


@pytest.mark.parametrize("limit", [0, 255])
def test_a_limit_that_a_byte_cannot_hold_is_refused(limit):
    with pytest.raises(ValueError, match=rf"hop distances must be in \[1, 254\], got {limit}"):
        hop_distances([POST], limit=limit)


def test_a_graph_is_shown_as_a_table_and_as_json():
    assert render(POST).splitlines() == [
        "   word  pos    head   label",
        "0  Ann   PROPN  1 met  nsubj",
        "1  met   VERB   -      root",
        "2  Bob   PROPN  1 met  obj",
    ]
    assert graph_to_json(POST)[0] == {"word": "Ann", "pos": "PROPN", "head": 1, "label": "nsubj"}
    assert graph_to_json(EMPTY) == []
    assert render(EMPTY).split() == ["word", "pos", "head", "label"]
