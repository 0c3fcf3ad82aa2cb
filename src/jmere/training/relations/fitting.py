"""Fits a classifier of relations to annotated pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from jmere.terminal import progress
from jmere.training.relations.examples import Pairs, collect
from jmere.training.relations.pair_module import PairModule
from jmere.training.relations.recall import named
from jmere.training.relations.vrd import AnnotatedPicture, Annotations
from jmere.vision.relate.classifier import Classifier, RelateConfig, network_sizes
from jmere.vision.relate.geometry import Int64s
from jmere.vision.relate.label_vectors import WordTable
from jmere.vision.relate.prior import FrequencyPrior

LINKED = 1.5
"""Weight of the loss of related against unrelated pairs beside the loss of the predicate."""


@dataclass(frozen=True, kw_only=True)
class RelateTraining:
    """Training settings of a classifier; the values were chosen on the dev part."""

    epochs: int = 12
    batch: int = 256
    """Related pairs in a step."""
    unrelated: int = 3
    """Unrelated pairs beside each of them."""
    rate: float = 2e-3
    decay: float = 1e-2
    dropout: float = 0.3
    without_prior: float = 0.5
    """Share of pairs judged without the prior, so that either way is learned."""
    without_evidence: float = 0.1
    """Share of pairs judged by labels alone, which the unbiased mode takes off."""
    seed: int = 0

    def __post_init__(self) -> None:
        if min(self.epochs, self.batch, self.unrelated) < 1:
            raise ValueError("epochs, batch and unrelated must be positive")


def train_classifier(
    annotations: Annotations,
    pictures: Sequence[AnnotatedPicture],
    words: WordTable,
    options: RelateTraining,
    *,
    hidden: int = 512,
    effect: float = 0.75,
) -> Classifier:
    """Train a classifier on pictures of a file.

    Each annotated predicate of a pair is a case of its own, so the likeliest predicate is the
    one that can be expected to be found most often.

    Args:
        annotations: The file, whose names the classifier will know.
        pictures: Those of the file to train on.
        words: The words that labels are made of.
        options: How to train.
        hidden: Size of the hidden layer.
        effect: ``RelateConfig.effect``.

    Raises:
        ValueError: If no picture has a relation between two things.
    """
    triples = np.concatenate([*map(named, pictures), np.zeros((0, 3), np.int64)]).astype(np.int64)
    prior = FrequencyPrior.count(
        triples, labels=len(annotations.labels), predicates=len(annotations.predicates)
    )
    pairs = collect(pictures, prior)
    config = RelateConfig(
        labels=annotations.labels,
        predicates=annotations.predicates,
        hidden=hidden,
        effect=effect,
        appearance=0 if pairs.seen is None else pairs.seen[0].shape[1],
    )
    torch.manual_seed(options.seed)
    network = PairModule(network_sizes(config, words.width), dropout=options.dropout)
    network.geometry_mean.copy_(torch.from_numpy(pairs.geometry.mean(axis=0)))
    network.geometry_scale.copy_(torch.from_numpy(pairs.geometry.std(axis=0) + 1e-3))
    _fit(network, pairs, torch.from_numpy(words.vectors(annotations.labels)), options)
    return Classifier(config, words=words, prior=prior, network=network.to_numpy())


def _fit(network: PairModule, pairs: Pairs, vectors: Tensor, options: RelateTraining) -> None:
    rng = np.random.default_rng(options.seed)
    related = pairs.gold.any(axis=1)
    positives, negatives = np.flatnonzero(related), np.flatnonzero(~related)
    steps = -(-len(positives) // options.batch)
    optimizer = torch.optim.AdamW(network.parameters(), lr=options.rate, weight_decay=options.decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, options.rate, total_steps=options.epochs * steps + 1, pct_start=0.1
    )
    for _ in progress(range(options.epochs), "epochs", name="relations"):
        for chosen in np.array_split(rng.permutation(positives), steps):
            drawn = len(chosen) * options.unrelated if len(negatives) else 0
            rows = np.concatenate([chosen, rng.choice(negatives, drawn) if drawn else negatives])
            found = _predict(network, pairs, rows, vectors, options, rng)
            # Each sampled unrelated pair has the weight of all that it was sampled from.
            stands_for = len(negatives) / len(positives) / options.unrelated
            gold = torch.from_numpy(pairs.gold[rows])
            optimizer.zero_grad()
            torch.autograd.backward(pair_loss(*found, gold, unrelated_weight=stands_for))
            optimizer.step()
            schedule.step()


def _predict(
    network: PairModule,
    pairs: Pairs,
    rows: Int64s,
    vectors: Tensor,
    options: RelateTraining,
    rng: np.random.Generator,
) -> tuple[Tensor, Tensor]:
    """Score some pairs, each with its own two objects, after dropout of inputs."""
    prior = rng.random(len(rows)) >= options.without_prior
    evidence_mask = rng.random(len(rows)) >= options.without_evidence
    numbers = torch.arange(len(rows))
    seen = None if pairs.seen is None else np.concatenate([each[rows] for each in pairs.seen])
    found: tuple[Tensor, Tensor] = network(
        vectors[torch.from_numpy(pairs.ends[rows].T.reshape(-1))],
        torch.stack([numbers, numbers + len(rows)], dim=1),
        torch.from_numpy(pairs.geometry[rows]),
        prior=torch.from_numpy(pairs.prior[rows] * prior[:, None].astype(np.float32)),
        appearance=None if seen is None else torch.from_numpy(seen),
        evidence_mask=torch.from_numpy(evidence_mask.astype(np.float32)),
    )
    return found


def pair_loss(
    predicates: Tensor, related: Tensor, gold: Tensor, *, unrelated_weight: float
) -> Tensor:
    """Cross-entropy of the predicates of related pairs, and of whether pairs are related.

    Args:
        predicates: Logits of the predicates of pairs.
        related: Logit of any relation.
        gold: 1 for each annotated predicate, pairs x predicates; unrelated pairs have none.
        unrelated_weight: What an unrelated pair weighs beside a related one.
    """
    linked = gold.any(dim=1)
    weight = torch.where(linked, 1.0, unrelated_weight)
    link_loss = functional.binary_cross_entropy_with_logits(
        related, linked.float(), weight=weight / weight.mean()
    )
    loss: Tensor = LINKED * link_loss - (gold * predicates.log_softmax(dim=1)).sum() / gold.sum()
    return loss
