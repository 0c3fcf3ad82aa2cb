"""Trains a head for ``visible`` by binary cross-entropy."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from jmere.layers.visible import VisibleLayers, VisibleNetwork
from jmere.tagger.visible.pair_arrays import INPUTS, DescribedPost, pair_arrays
from jmere.terminal import progress
from jmere.training.visible.visible_options import VisibleTraining

_CHUNK = 16
"""Batches' worth of posts that are sorted by length together."""
_MAX_NORM = 1.0
_RISE = 0.1


@dataclass(frozen=True, slots=True)
class MarkedPost:
    """A post whose entities are marked, with what may be told of its picture."""

    described: DescribedPost
    """With the description of the picture."""
    listed: DescribedPost
    """With the objects of the description alone."""
    bare: DescribedPost
    """Without a description."""
    visible: tuple[bool, ...]
    """Whether each entity is visible."""


def new_network(
    transformer: nn.Module, types: Sequence[str], options: VisibleTraining
) -> VisibleNetwork:
    """Make a network to train over a copy of an encoder that nothing else uses."""
    config = transformer.config
    layers = VisibleLayers(
        transformer,
        hidden=config.hidden_size,  # type: ignore[union-attr]
        types=len(types) + 1,
        width=options.width,
        rank=options.rank,
        dropout=options.dropout,
    )
    return VisibleNetwork(transformer, layers)


def fit_visible(
    network: VisibleNetwork,
    posts: Sequence[MarkedPost],
    types: Sequence[str],
    options: VisibleTraining,
    *,
    name: str = "visible",
) -> None:
    """Train the layers of a network; its encoder stays as it is.

    Args:
        network: The network; changed in place, and left in evaluation mode.
        posts: The posts; those without an entity teach nothing.
        types: Entity types by number, from 1.
        options: How to train.
        name: What is trained, for the progress bar.
    """
    kept = [post for post in posts if post.visible]
    rng = np.random.default_rng(options.seed)
    optimizer = torch.optim.AdamW(
        network.visible.parameters(), lr=options.rate, weight_decay=options.decay
    )
    steps = options.epochs * math.ceil(len(kept) / options.batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / (_RISE * steps), 1 - step / steps, 1.0)
    )
    network.train()
    batches = (batch for _ in range(options.epochs) for batch in _epoch(kept, options, rng))
    for batch in progress(batches, "steps", name=name):
        scores = score_pairs(network, [post for post, _ in batch], types)
        gold = torch.tensor([mark for _, marks in batch for mark in marks], dtype=scores.dtype)
        optimizer.zero_grad()
        torch.autograd.backward(binary_cross_entropy_with_logits(scores, gold))
        nn.utils.clip_grad_norm_(network.visible.parameters(), _MAX_NORM)
        optimizer.step()
        schedule.step()
    network.eval()


def score_pairs(
    network: VisibleNetwork, posts: Sequence[DescribedPost], types: Sequence[str]
) -> Tensor:
    """Return the log-odds of all entities of some posts, in order."""
    arrays = pair_arrays(posts, types)
    scores: Tensor = network(*(torch.from_numpy(arrays[key]) for key in INPUTS))
    return scores


@torch.inference_mode()
def log_odds_of(
    network: VisibleNetwork,
    posts: Sequence[DescribedPost],
    types: Sequence[str],
    *,
    batch: int = 64,
) -> NDArray[np.float64]:
    """Return the log-odds of all entities of many posts, in order."""
    order = sorted(range(len(posts)), key=lambda index: len(posts[index].pieces.ids))
    found: dict[int, NDArray[np.float64]] = {}
    for start in range(0, len(order), batch):
        chosen = [index for index in order[start : start + batch] if posts[index].mentions]
        if not chosen:
            continue
        scores = score_pairs(network, [posts[index] for index in chosen], types).double().numpy()
        ends = np.cumsum([len(posts[index].mentions) for index in chosen])
        found.update(zip(chosen, np.split(scores, ends[:-1]), strict=True))
    return np.concatenate([np.zeros(0), *(found[index] for index in sorted(found))])


def _epoch(
    posts: Sequence[MarkedPost], options: VisibleTraining, rng: np.random.Generator
) -> Iterator[list[tuple[DescribedPost, tuple[bool, ...]]]]:
    """Yield the batches of an epoch, each of posts of about one length."""
    order = rng.permutation(len(posts))
    size = options.batch * _CHUNK
    for part in (order[start : start + size] for start in range(0, len(order), size)):
        drawn = [(_drawn(posts[index], options, rng), posts[index].visible) for index in part]
        drawn.sort(key=lambda each: len(each[0].pieces.ids) + len(each[0].description.ids))
        starts = rng.permutation(range(0, len(drawn), options.batch))
        for start in starts.tolist():
            yield drawn[start : start + options.batch]


def _drawn(post: MarkedPost, options: VisibleTraining, rng: np.random.Generator) -> DescribedPost:
    chance = rng.random()
    if chance < options.without_description:
        chosen = post.bare
    elif chance < options.without_description + options.as_objects:
        chosen = post.listed
    else:
        chosen = post.described
    hidden = rng.random(len(chosen.mentions)) < options.without_type
    mentions = zip(chosen.mentions, hidden, strict=True)
    return replace(
        chosen, mentions=tuple(replace(each, type="") if hide else each for each, hide in mentions)
    )
