"""Trains the heads for ``visible`` by binary cross-entropy."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from jmere.layers.visible import VisibleHeads
from jmere.tagger.visible.pair_arrays import INPUTS, pair_arrays
from jmere.terminal import progress
from jmere.training.drawn_batches import drawn_batches
from jmere.training.visible.marked_posts import MarkedPost
from jmere.training.visible.visible_options import VisibleTraining

_RISE = 0.1
_WORD_INPUTS = [name for name in INPUTS if name not in ("piece_mask", "piece_shapes")]
_ENTITY_INPUTS = ("posts", "types", "traits")


def fit_heads(
    heads: VisibleHeads,
    posts: Sequence[MarkedPost],
    types: Sequence[str],
    options: VisibleTraining,
    *,
    name: str = "visible",
) -> None:
    """Train heads, each by its own loss.

    Args:
        heads: The heads; changed in place, and left in evaluation mode.
        posts: The posts, read by the encoder.
        types: Entity types by number, from 1.
        options: How to train.
        name: What is trained, for the progress bar.
    """
    rng = np.random.default_rng(options.seed)
    _standardise(heads, posts)
    groups: list[dict[str, Any]] = [
        {"params": [*heads.heads.parameters()]},
        {
            "params": [*heads.words.parameters()],
            "lr": options.word_rate,
            "weight_decay": options.word_decay,
        },
    ]
    optimizer = torch.optim.AdamW(groups, lr=options.rate, weight_decay=options.decay)
    steps = options.epochs * math.ceil(len(posts) / options.batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: max(0.0, min((step + 1) / (_RISE * steps), 1 - step / steps))
    )
    heads.train()
    epochs = (_epoch(posts, options, rng) for _ in range(options.epochs))
    for batch in progress((each for epoch in epochs for each in epoch), "steps", name=name):
        scores = score_heads(heads, batch, types)
        gold = torch.tensor([mark for post in batch for mark in post.visible], dtype=scores.dtype)
        losses = binary_cross_entropy_with_logits(
            scores, gold.expand_as(scores), reduction="none"
        ).mean(dim=1)
        optimizer.zero_grad()
        torch.autograd.backward(losses.sum())
        optimizer.step()
        schedule.step()
    heads.eval()


def score_heads(heads: VisibleHeads, posts: Sequence[MarkedPost], types: Sequence[str]) -> Tensor:
    """Return the log-odds of all entities of some posts, by each head."""
    tensors = {
        name: torch.from_numpy(values)
        for name, values in pair_arrays([post.described for post in posts], types).items()
    }
    words = heads.words(*(tensors[name] for name in _WORD_INPUTS))
    states = {layer: _states(posts, layer) for layer in dict.fromkeys(heads.layers)}
    scores = [
        head(*states[layer], *(tensors[name] for name in _ENTITY_INPUTS))
        for layer, head in zip(heads.layers, heads.heads, strict=True)
    ]
    return torch.stack([words, *scores])


@torch.inference_mode()
def log_odds_of(
    heads: VisibleHeads, posts: Sequence[MarkedPost], types: Sequence[str], *, batch: int = 64
) -> NDArray[np.float64]:
    """Return the combined log-odds of all entities of many posts, in order."""
    parts = [
        heads.combined(score_heads(heads, posts[start : start + batch], types)).double().numpy()
        for start in range(0, len(posts), batch)
    ]
    return np.concatenate([np.zeros(0), *parts])


def _states(posts: Sequence[MarkedPost], layer: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return the entities' states, those of the descriptions, and which of these are no padding."""
    entities = np.concatenate([post.entities[layer] for post in posts]).astype(np.float32)
    told = [post.description[layer] for post in posts]
    values = np.zeros((len(told), max(map(len, told)), entities.shape[1]), np.float32)
    present = np.zeros(values.shape[:2], np.bool_)
    for row, filled, states in zip(values, present, told, strict=True):
        row[: len(states)], filled[: len(states)] = states, True
    return torch.from_numpy(entities), torch.from_numpy(values), torch.from_numpy(present)


def _standardise(heads: VisibleHeads, posts: Sequence[MarkedPost]) -> None:
    """Bring the states that a head reads to mean 0 and deviation 1."""
    for number, head in zip(heads.layers, heads.heads, strict=True):
        rows = np.concatenate(
            [each[number] for post in posts for each in (post.entities, post.description)]
        )
        buffers = dict(head.named_buffers())
        buffers["mean"].copy_(torch.from_numpy(rows.mean(axis=0, dtype=np.float64)))
        buffers["deviation"].copy_(torch.from_numpy(rows.std(axis=0, dtype=np.float64) + 1e-3))


def _epoch(
    posts: Sequence[MarkedPost], options: VisibleTraining, rng: np.random.Generator
) -> Iterator[list[MarkedPost]]:
    """Yield the batches of an epoch, the types of some entities hidden."""
    yield from drawn_batches(
        posts,
        options.batch,
        rng,
        length=lambda post: post.described.length,
        draw=lambda post: _typed(post, options, rng),
    )


def _typed(post: MarkedPost, options: VisibleTraining, rng: np.random.Generator) -> MarkedPost:
    """Hide the types of some entities."""
    mentions = tuple(
        replace(each, type="") if rng.random() < options.without_type else each
        for each in post.described.mentions
    )
    return replace(post, described=replace(post.described, mentions=mentions))
