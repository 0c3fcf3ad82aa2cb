"""Posts with marked entities, read by a frozen encoder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from numpy.typing import NDArray

from jmere.inputs.prepare import gold_of
from jmere.layers.visible import VisibleNetwork
from jmere.records import Post, SceneGraph
from jmere.scenes.sources.from_caption import FromCaption
from jmere.tagger.visible.description import description_of
from jmere.tagger.visible.pair_arrays import DescribedPost, pair_arrays, pair_posts
from jmere.terminal import progress
from jmere.text.parser import Parser
from jmere.text.pieces import PieceTokenizer
from jmere.text.words import post_words

_BATCH = 32

States = Mapping[int, NDArray[np.float16]]
"""Vectors by the layer of the encoder."""


@dataclass(frozen=True, slots=True)
class MarkedPost:
    """A post with its marked entities and what is told of its picture."""

    described: DescribedPost
    visible: tuple[bool, ...]
    """Whether each entity is visible."""
    entities: States = field(default_factory=dict)
    """Mean state of each entity's pieces, entities x hidden."""
    description: States = field(default_factory=dict)
    """States of the pieces of the description, pieces x hidden."""


def prepare_marked(
    posts: Sequence[Post], tokenizer: PieceTokenizer, *, longest: int
) -> list[MarkedPost]:
    """Prepare posts whose entities say whether they are visible.

    Args:
        posts: The posts; their alternative text describes the picture.
        tokenizer: The encoder's.
        longest: Maximum number of pieces that the encoder takes.

    Returns:
        Those that have an entity and leave room for a description.
    """
    words = [post_words(post) for post in posts]
    rows = pair_posts(
        [each.words for each in words],
        tokenizer.split([each.words for each in words]),
        [post.alt_text or "" for post in posts],
        [gold_of(post, own)[0] for post, own in zip(posts, words, strict=True)],
        tokenizer,
        longest=longest,
    )
    found = []
    for post, own, row in zip(posts, words, rows, strict=True):
        if row is not None and row.mentions:
            shown = {own.mention(entity): bool(entity.visible) for entity in post.entities}
            found.append(MarkedPost(row, tuple(shown[mention] for mention in row.mentions)))
    return found


def altered_posts(posts: Sequence[Post], parser: Parser) -> list[Post]:
    """Return the posts with less: one without a description, the next with its objects alone."""
    scenes = FromCaption(parser).find(posts)
    bare = [replace(post, alt_text=None) for post in posts]
    return [
        replace(post, alt_text=description_of(post, scene or SceneGraph()) if index % 2 else None)
        for index, (post, scene) in enumerate(zip(bare, scenes, strict=True))
    ]


@torch.inference_mode()
def with_states(network: VisibleNetwork, posts: Sequence[MarkedPost]) -> list[MarkedPost]:
    """Read posts by the network's encoder, which training does not change."""
    order = sorted(range(len(posts)), key=lambda index: len(posts[index].described.pieces.ids))
    found: dict[int, MarkedPost] = {}
    starts = range(0, len(order), _BATCH)
    for start in progress(starts, "batches", name="reading"):
        chosen = order[start : start + _BATCH]
        arrays = pair_arrays([posts[index].described for index in chosen], ())
        ids, mask, shapes = (
            torch.from_numpy(arrays[key]) for key in ("piece_ids", "piece_mask", "piece_shapes")
        )
        layers = {
            layer: states.numpy()
            for layer, states in zip(
                network.visible.layers, network.states(ids, mask, shapes), strict=True
            )
        }
        for row, index in enumerate(chosen):
            found[index] = _with_rows(
                posts[index], {layer: values[row] for layer, values in layers.items()}
            )
    return [found[index] for index in range(len(posts))]


def _with_rows(post: MarkedPost, layers: Mapping[int, NDArray[np.float32]]) -> MarkedPost:
    """Keep of the states of a post what heads read."""
    words, own = np.array(post.described.pieces.words), len(post.described.pieces.ids)
    told = slice(own, own + len(post.described.description.ids))
    places = [
        np.flatnonzero((words >= mention.start) & (words < mention.end))
        for mention in post.described.mentions
    ]
    return replace(
        post,
        entities={
            layer: np.stack([states[place].mean(axis=0) for place in places]).astype(np.float16)
            for layer, states in layers.items()
        },
        description={layer: states[told].astype(np.float16) for layer, states in layers.items()},
    )
