"""Trains the head for names by cross-entropy."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from jmere.layers.name_head import NameHead
from jmere.terminal import progress
from jmere.training.drawn_batches import drawn_batches
from jmere.training.names.name_options import NameTraining
from jmere.training.names.read_words import ReadPost

_IGNORE = -1


def fit_head(head: NameHead, posts: Sequence[ReadPost], options: NameTraining) -> None:
    """Train a head.

    Args:
        head: The head; changed in place, and left in evaluation mode.
        posts: The posts, read by the encoder.
        options: How to train.
    """
    rng = np.random.default_rng(options.seed)
    optimizer = torch.optim.AdamW(head.parameters(), lr=options.rate, weight_decay=options.decay)
    steps = options.epochs * math.ceil(len(posts) / options.batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: max(0.0, 1 - step / steps))
    head.train()
    epochs = (drawn_batches(posts, options.batch, rng, length=len) for _ in range(options.epochs))
    for batch in progress((each for epoch in epochs for each in epoch), "steps", name="names"):
        states, labels = _padded(batch, head.layers)
        scores = head(states, labels != _IGNORE)
        losses = cross_entropy(
            scores.flatten(0, 1), labels.flatten(), ignore_index=_IGNORE, reduction="sum"
        )
        optimizer.zero_grad()
        torch.autograd.backward(losses / len(batch))
        optimizer.step()
        schedule.step()
    head.eval()


def _padded(posts: Sequence[ReadPost], layers: Sequence[int]) -> tuple[list[Tensor], Tensor]:
    """Return the states of each layer and the labels, padded to the longest post."""
    words = max([1, *map(len, posts)])
    labels = torch.full((len(posts), words), _IGNORE)
    for row, post in enumerate(posts):
        labels[row, : len(post)] = torch.tensor(post.labels, dtype=torch.long)
    states = []
    for layer in layers:
        width = posts[0].states[layer].shape[1]
        own = torch.zeros(len(posts), words, width)
        for row, post in enumerate(posts):
            own[row, : len(post)] = torch.from_numpy(post.states[layer].astype(np.float32))
        states.append(own)
    return states, labels
