"""The fast layers against slow and obvious ones that follow the equations letter by letter."""

import pytest
import torch
from torch.nn.functional import linear

from builders import SIZES, random_batch, tiny_encoder
from jmere.layers.attribute import AttributeAttention, AttributeTransformer
from jmere.layers.channels import ChannelSizes, MultiChannel
from jmere.layers.cross import CrossAttention
from jmere.layers.encoder import mean_by_word
from jmere.layers.objects import ObjectEncoder
from jmere.layers.pairs import PairHead

CHANNELS = ChannelSizes(SIZES.pos, SIZES.hops, SIZES.cooccurrence)


def bins(batch):
    return batch.pos.long(), batch.hops.long(), batch.cooccurrence.long()


def test_attribute_attention_is_equations_3_and_4():
    torch.manual_seed(0)
    batch = random_batch([5, 3], [1, 1])
    layer = AttributeAttention(hidden=8, heads=2, edges=5, edge_width=3, dropout=0.0)
    nodes = torch.randn(2, 5, 8)
    found = layer(nodes, batch.dependencies, batch.word_mask)

    query, key, value = layer.project(nodes).chunk(3, dim=-1)
    edges = layer.edges(batch.dependencies.long())
    keys = key[:, None] + layer.edge_keys(edges)
    values = value[:, None] + layer.edge_values(edges)
    heads = []
    for head in (slice(0, 4), slice(4, 8)):
        scores = (query[:, :, None, head] * keys[..., head]).sum(-1) / 4**0.5
        weights = scores.masked_fill(batch.dependencies == 0, -1e30).softmax(-1)
        heads.append((weights[..., None] * values[..., head]).sum(2))
    expected = layer.output(torch.cat(heads, -1))
    torch.testing.assert_close(found[batch.word_mask], expected[batch.word_mask])


def test_a_node_hears_its_neighbours_alone():
    layer = AttributeTransformer(hidden=8, heads=2, edges=5, edge_width=3, dropout=0.0).eval()
    nodes = torch.randn(1, 3, 8)
    types = torch.tensor([[[1, 2, 0], [2, 1, 0], [0, 0, 1]]], dtype=torch.uint8)
    mask = torch.ones(1, 3, dtype=torch.bool)
    before = layer(nodes, types, mask)
    nodes[0, 2] += 1
    after = layer(nodes, types, mask)
    torch.testing.assert_close(after[0, :2], before[0, :2])
    assert not torch.allclose(after[0, 2], before[0, 2])


def test_heads_must_divide_the_width():
    with pytest.raises(ValueError, match=r"hidden \(8\) must be a multiple of heads \(3\)"):
        AttributeAttention(hidden=8, heads=3, edges=2, edge_width=3, dropout=0.0)


def slow_channels(lookup, batch):
    """W R_ij + b of each channel, R_ij of appendix A being a words x words x width tensor."""
    single = lookup.pos.table(batch.pos.long())
    features = (
        single[:, :, None] + single[:, None, :],
        lookup.hops.table(batch.hops.long()),
        lookup.cooccurrence.table(batch.cooccurrence.long()),
    )
    channels = (lookup.pos, lookup.hops, lookup.cooccurrence)
    return [channel.weight(feature) for channel, feature in zip(channels, features, strict=True)]


def test_the_w_gcn_is_equation_9():
    torch.manual_seed(0)
    batch = random_batch([5, 3], [1, 1])
    layer = MultiChannel(CHANNELS, hidden=8, width=4, dropout=0.0).eval()
    words = torch.randn(2, 5, 8)
    mixed = []
    for channel, values in enumerate(slow_channels(layer.weigh, batch)):
        scores = values.squeeze(-1).relu()
        shares = scores.masked_fill(~batch.word_mask[:, None], -1e30).softmax(-1)
        part = layer.project.weight[8 * channel : 8 * (channel + 1)]
        mixed.append(shares @ linear(words, part))
    expected = layer.merge(torch.cat(mixed, -1))
    found = layer(words, batch.word_mask, *bins(batch))
    torch.testing.assert_close(found[batch.word_mask], expected[batch.word_mask])


def test_the_additive_head_is_equation_11():
    torch.manual_seed(0)
    batch = random_batch([5, 3], [1, 1])
    head = PairHead(hidden=8, tags=6)
    words = torch.randn(2, 5, 8)
    pairs = torch.cat(
        [words[:, :, None].expand(-1, -1, 5, -1), words[:, None].expand(-1, 5, -1, -1)], -1
    )
    weight = torch.cat([head.left.weight, head.right.weight], dim=1)
    torch.testing.assert_close(head(words, *bins(batch)), linear(pairs, weight, head.left.bias))


def test_pair_features_are_concatenated_channels():
    torch.manual_seed(0)
    batch = random_batch([5, 3], [1, 1])
    head = PairHead(hidden=8, tags=6, channels=CHANNELS, channel_width=4)
    words = torch.randn(2, 5, 8)
    plain = head.left(words)[:, :, None] + head.right(words)[:, None]
    plain = plain + sum(slow_channels(head.channels, batch))
    torch.testing.assert_close(head(words, *bins(batch)), plain)


def test_only_the_biaffine_head_hears_both_words_at_once():
    batch = random_batch([2], [1])
    words = torch.randn(2, 1, 2, 8)

    def interaction(head):
        """What is left of a pair's scores after both words' own parts are taken away."""
        both = [[words[i, :, 0], words[j, :, 1]] for i in (0, 1) for j in (0, 1)]
        scores = [head(torch.stack(pair, 1), *bins(batch))[0, 0, 1] for pair in both]
        return (scores[0] - scores[1] - scores[2] + scores[3]).abs().max()

    assert interaction(PairHead(hidden=8, tags=6)) < 1e-5
    assert interaction(PairHead(hidden=8, tags=6, form="biaffine", width=4)) > 1e-3


def test_distances_beyond_the_longest_share_a_score():
    head = PairHead(hidden=8, tags=6, distance=2)
    table = head.distance.table.data.normal_()
    scores = head.distance(5)
    torch.testing.assert_close(scores[0, 1], table[3])
    torch.testing.assert_close(scores[1, 0], table[1])
    torch.testing.assert_close(scores[0, 4], scores[0, 2])


def test_pieces_are_averaged_to_words():
    vectors = torch.tensor([[[9.0], [1.0], [3.0], [5.0], [9.0]]])
    words = torch.tensor([[2, 0, 0, 1, 2]])
    torch.testing.assert_close(
        mean_by_word(vectors, words, words=2), torch.tensor([[[2.0], [5.0]]])
    )


def test_a_label_is_the_mean_of_its_pieces():
    encoder = tiny_encoder()
    table = encoder.transformer.get_input_embeddings().weight
    labels = encoder.label_vectors(torch.tensor([[[3, 4], [5, -1], [-1, -1]]]))
    torch.testing.assert_close(labels[0, 0], (table[3] + table[4]) / 2)
    torch.testing.assert_close(labels[0, 1], table[5])
    assert labels[0, 2].eq(0).all()


def test_an_absent_feature_has_a_vector_of_its_own():
    batch = random_batch([2, 2], [3, 2])
    encoder = ObjectEncoder(label=16, hidden=8, appearance=SIZES.appearance)
    labels = torch.randn(2, 3, 16)
    batch.box_mask[:], batch.appearance_mask[:] = False, False
    before = encoder(batch, labels)
    batch.boxes[:], batch.appearance[:] = 7.0, 7.0
    torch.testing.assert_close(encoder(batch, labels), before)
    encoder.place.absent.data += 1
    encoder.place.absent.data[0] += 1
    assert not torch.allclose(encoder(batch, labels), before)


def test_from_zero_words_take_nothing_before_training_and_something_after_a_step():
    torch.manual_seed(0)
    layer = CrossAttention(hidden=8, heads=2, dropout=0.0, from_zero=True)
    words, objects, mask = torch.randn(2, 3, 8), torch.randn(2, 2, 8), torch.ones(2, 2).bool()
    attended = layer(words, objects, mask)
    assert attended.words.equal(layer.norm(words))
    assert attended.attention.gt(0).all()
    (attended.words * torch.randn(2, 3, 8)).sum().backward()
    torch.optim.SGD(layer.parameters(), lr=1.0).step()
    assert not torch.allclose(layer(words, objects, mask).words, layer.norm(words))


def test_a_post_without_objects_keeps_its_words():
    layer = CrossAttention(hidden=8, heads=2, dropout=0.0)
    words, objects = torch.randn(2, 3, 8), torch.randn(2, 2, 8)
    mask = torch.tensor([[True, False], [False, False]])
    attended = layer(words, objects, mask)
    torch.testing.assert_close(attended.words[1], layer.norm(words[1]))
    assert attended.attention[1].eq(0).all()
    torch.testing.assert_close(attended.attention[0, :, 0], torch.ones(3))
