import numpy as np
import pytest
import torch

from builders import tiny_encoder
from jmere.layers.visible import VisibleHeads, VisibleNetwork
from jmere.layers.word_shapes import input_embedding, read_layers
from jmere.records import Mention
from jmere.tagger.visible.pair_arrays import (
    INPUTS,
    MOST_COUNTED,
    SAME_TYPE,
    TRAITS,
    DescribedPost,
    pair_arrays,
)
from jmere.text.pieces import SPECIAL, Pieces

TYPES = ("per", "loc")
SIZES = {
    "hidden": 16,
    "vocabulary": 40,
    "types": 3,
    "traits": TRAITS,
    "counted": MOST_COUNTED,
    "same": SAME_TYPE,
    "width": 8,
    "parts": 2,
    "dropout": 0.0,
}


def network(layers=(1, 2)):
    torch.manual_seed(0)
    heads = VisibleHeads(layers=layers, **SIZES)
    for table in (heads.words.pieces, heads.words.kinds, heads.words.traits):
        torch.nn.init.normal_(table.weight)
    return VisibleNetwork(tiny_encoder().transformer, heads).eval()


def post(words, context, *mentions):
    own = Pieces((1, *words, 2), (SPECIAL, *range(len(words)), SPECIAL))
    told = Pieces((*context, 2), (*range(len(context)), SPECIAL))
    return DescribedPost(own, (1,) * len(words), told, (1,) * len(context), mentions)


SHORT = post([5, 6, 7], [9], Mention(0, 1, "per"), Mention(2, 3, "loc"))
LONG = post([8, 5, 11, 12, 13], [20, 21, 22], Mention(1, 4, "per"))


def scores(net, *posts):
    arrays = pair_arrays(posts, TYPES)
    with torch.inference_mode():
        return net(*(torch.from_numpy(arrays[name]) for name in INPUTS)).numpy()


def word_scores(net, told):
    arrays = pair_arrays([told], TYPES)
    names = [name for name in INPUTS if name not in ("piece_mask", "piece_shapes")]
    with torch.inference_mode():
        return net.visible.words(**{name: torch.from_numpy(arrays[name]) for name in names})


def test_padding_and_neighbours_change_nothing():
    net = network()
    alone = np.concatenate([scores(net, SHORT), scores(net, LONG)])
    np.testing.assert_allclose(scores(net, SHORT, LONG), alone, atol=1e-5)


def test_the_description_and_the_type_count():
    net = network()
    other = post([5, 6, 7], [30], Mention(0, 1, "per"), Mention(2, 3, "loc"))
    retyped = post([5, 6, 7], [9], Mention(0, 1, "loc"), Mention(2, 3, "loc"))
    assert (np.abs(scores(net, SHORT) - scores(net, other)) > 1e-3).all()
    assert abs(scores(net, SHORT)[0] - scores(net, retyped)[0]) > 1e-3


def test_an_unknown_type_is_judged_as_no_type():
    net = network()
    unknown, none = (post([5, 6], [9], Mention(0, 1, kind)) for kind in ("ship", ""))
    np.testing.assert_array_equal(scores(net, unknown), scores(net, none))


def test_layers_that_no_head_reads_are_dropped_and_the_others_stay():
    whole = tiny_encoder().transformer.eval()
    ids, mask = torch.tensor([[1, 5, 6, 2]]), torch.ones(1, 4, dtype=torch.bool)
    shapes = torch.zeros(1, 4, dtype=torch.long)
    with torch.inference_mode():
        expected = read_layers(whole, input_embedding(whole, ids), mask, shapes)[1]
        heads = VisibleHeads(layers=(1,), **SIZES)
        net = VisibleNetwork(whole, heads).eval()
        (found,) = net.states(ids, mask, shapes)
    assert len(whole.encoder.layer) == 1
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("context", [[9, 9, 9], [9]])
def test_a_word_counts_once_however_often_it_is_said(context):
    net = network()
    told = post([5, 5], context, Mention(0, 1, "per"))
    assert pair_arrays([told], TYPES)["first"][0].sum() == len({1, 5, 2}) + len({9, 2})
    found = word_scores(net, told)
    pieces = net.visible.words.pieces.weight
    seen = pieces[9] + pieces[2]
    text = 0.3 * (pieces[1, 0] + pieces[5, 0] + pieces[2, 0])
    rest = net.visible.words.kinds.weight[1, 0] + pieces[5, 1]
    traits = net.visible.words.traits.weight[:, 0]
    values = (1, 0, 1, 1, 0, 0)  # one entity of one word, first of its type; none is named
    counted = sum(traits[15 * trait + 5 + value] for trait, value in enumerate(values))
    torch.testing.assert_close(found[0], seen[2] + seen[3 + 1] + text + rest + counted)


def test_a_piece_counts_otherwise_for_an_entity_that_shares_its_type():
    net = network()
    one, two = Mention(0, 1, "per"), Mention(1, 2, "per")
    before = [word_scores(net, post([5, 6], [9], *found)) for found in ((one,), (one, two))]
    with torch.no_grad():
        net.visible.words.pieces.weight[9, 3 + 3 + 1] += 1  # after text, name, all and three types
    after = [word_scores(net, post([5, 6], [9], *found)) for found in ((one,), (one, two))]
    torch.testing.assert_close(after[0], before[0])
    torch.testing.assert_close(after[1], before[1] + 0.5)


@pytest.mark.parametrize(
    ("context", "said"),
    [
        ([9], [(0, 0), (0, 0)]),
        ([6, 9], [(1, 4), (4, 1)]),
        ([7, 6, 5], [(2, 4), (4, 2)]),
        ([8, 6, 5], [(4, 4), (4, 4)]),
    ],
)
def test_traits_tell_how_much_of_each_name_the_description_says(context, said):
    told = post([5, 6, 8, 6], context, Mention(0, 3, "per"), Mention(3, 4, "loc"))
    found = pair_arrays([told], TYPES)["traits"][:, 4:]
    assert [tuple(each) for each in found.tolist()] == said
