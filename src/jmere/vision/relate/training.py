"""Train the classifier of relations on a file of annotated pictures, and measure it on a part.

python -m jmere.vision.relate.training TRAIN.json OUT
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, get_args

import numpy as np
import torch
import typer
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from jmere.encoders import find_encoder
from jmere.files import share
from jmere.folder import replace_folder
from jmere.progress import progress
from jmere.vision.detect.coco import COCO
from jmere.vision.relate.classifier import Classifier, RelateConfig, new_network
from jmere.vision.relate.geometry import in_frame, ordered_pairs, pair_features
from jmere.vision.relate.prior import FrequencyPrior, smoothed
from jmere.vision.relate.ranking import Ranker, Way, seen_triples
from jmere.vision.relate.recall import Measured, measure, named
from jmere.vision.relate.vrd import Annotations, IntArray, Picture, read_vrd
from jmere.vision.relate.words import WordTable, word_table

DEV_SHARE = 8
"""One picture in so many is for choosing."""

LINKED = 1.5
"""What telling related pairs from others weighs beside telling predicates apart."""

FloatArray = NDArray[np.float32]
app = typer.Typer(add_completion=False, help=__doc__)


@dataclass(frozen=True, kw_only=True)
class RelateTraining:
    """How a classifier is trained; the values were chosen on the dev part."""

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


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """All ordered pairs of many pictures, one row each."""

    ends: IntArray
    """Labels of subject and object."""
    geometry: FloatArray
    prior: FloatArray
    """Evidence of a prior that doesn't know the pair's own picture."""
    gold: FloatArray
    """1 for each annotated predicate."""
    seen: tuple[FloatArray, FloatArray] | None
    """Appearance of subject and object, where the pictures have it."""


def split(pictures: Sequence[Picture]) -> tuple[list[Picture], list[Picture]]:
    """Those to train on and those to choose by, told apart by a hash of their names."""
    parts: tuple[list[Picture], list[Picture]] = ([], [])
    for picture in pictures:
        digest = hashlib.sha256((picture.name or "").encode()).digest()
        parts[digest[0] % DEV_SHARE == 0].append(picture)
    return parts


def train(
    annotations: Annotations,
    pictures: Sequence[Picture],
    words: WordTable,
    options: RelateTraining,
    *,
    hidden: int = 512,
    effect: float = 0.75,
) -> Classifier:
    """Train a classifier on pictures of a file.

    Each annotated predicate of a pair is a case of its own, so the likeliest predicate is the
    one that can be expected to be found most often.

    Raises:
        ValueError: If no picture has a relation between two things.
    """
    triples = np.concatenate([*map(named, pictures), np.zeros((0, 3), np.int64)]).astype(np.int64)
    prior = FrequencyPrior.count(
        triples, labels=len(annotations.labels), predicates=len(annotations.predicates)
    )
    pairs = collect(pictures, prior)
    related = np.flatnonzero(pairs.gold.any(axis=1))
    if not len(related):
        raise ValueError("no picture to train on has a relation between two things")
    config = RelateConfig(
        labels=annotations.labels,
        predicates=annotations.predicates,
        hidden=hidden,
        effect=effect,
        appearance=0 if pairs.seen is None else pairs.seen[0].shape[1],
    )
    torch.manual_seed(options.seed)
    network = new_network(config, words.width, dropout=options.dropout)
    network.geometry_mean.copy_(torch.from_numpy(pairs.geometry.mean(axis=0)))
    network.geometry_scale.copy_(torch.from_numpy(pairs.geometry.std(axis=0) + 1e-3))
    vectors = torch.from_numpy(words.vectors(annotations.labels))
    unrelated = np.flatnonzero(~pairs.gold.any(axis=1))
    rng = np.random.default_rng(options.seed)
    steps = -(-len(related) // options.batch)
    optimizer = torch.optim.AdamW(network.parameters(), lr=options.rate, weight_decay=options.decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, options.rate, total_steps=options.epochs * steps + 1, pct_start=0.1
    )
    ratio = len(unrelated) / len(related)
    for _ in progress(range(options.epochs), "epochs", name="relations"):
        for chosen in np.array_split(rng.permutation(related), steps):
            others = (
                rng.choice(unrelated, len(chosen) * options.unrelated)
                if len(unrelated)
                else unrelated
            )
            rows = np.concatenate([chosen, others])
            loss = _loss(network, vectors, pairs, rows, len(chosen), ratio, options, rng)
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()
            schedule.step()
    return Classifier(config, words=words, prior=prior, network=network)


def _loss(
    network: torch.nn.Module,
    vectors: Tensor,
    pairs: Pairs,
    rows: IntArray,
    related: int,
    ratio: float,
    options: RelateTraining,
    rng: np.random.Generator,
) -> Tensor:
    """Cross-entropy of predicates over the first ``related`` rows, and of relatedness over all."""
    ends = torch.from_numpy(pairs.ends[rows].T.reshape(-1))
    places = torch.arange(len(rows))
    keep = rng.random(len(rows)) >= options.without_prior
    evident = rng.random(len(rows)) >= options.without_evidence
    seen = None if pairs.seen is None else np.concatenate([each[rows] for each in pairs.seen])
    found = network(
        vectors[ends],
        torch.stack([places, places + len(rows)], dim=1),
        torch.from_numpy(pairs.geometry[rows]),
        prior=torch.from_numpy(pairs.prior[rows] * keep[:, None].astype(np.float32)),
        appearance=None if seen is None else torch.from_numpy(seen),
        evident=torch.from_numpy(evident.astype(np.float32)),
    )
    gold = torch.from_numpy(pairs.gold[rows[:related]])
    chances = found.predicates[:related].log_softmax(dim=1)
    # Unrelated pairs are drawn; each stands for as many as there are in truth.
    weight = torch.full((len(rows),), ratio * related / max(len(rows) - related, 1))
    weight[:related] = 1
    target = (places < related).float()
    linked = functional.binary_cross_entropy_with_logits(
        found.related, target, weight=weight / weight.mean()
    )
    loss: Tensor = LINKED * linked - (gold * chances).sum() / gold.sum()
    return loss


def collect(pictures: Sequence[Picture], prior: FrequencyPrior) -> Pairs:
    """The pairs of pictures, each with what the prior says when its picture is left out."""
    labels, _, predicates = prior.counts.shape
    by_subject, by_object = prior.counts.sum(axis=1), prior.counts.sum(axis=0)
    overall = prior.counts.sum(axis=(0, 1))
    ends, geometry, evidence, gold, seen = [], [], [], [], []
    for picture in pictures:
        pairs = ordered_pairs(len(picture.labels))
        marks = np.zeros((len(picture.labels),) * 2 + (predicates,), np.float32)
        subject, predicate, target = picture.relations.T
        marks[subject, target, predicate] = 1
        own = FrequencyPrior.count(named(picture), labels=labels, predicates=predicates).counts
        names = picture.labels[pairs]
        first, second = names.T
        chances = smoothed(
            (prior.counts - own)[first, second],
            (by_subject - own.sum(axis=1))[first],
            (by_object - own.sum(axis=0))[second],
            overall - own.sum(axis=(0, 1)),
        )
        ends.append(names)
        geometry.append(pair_features(in_frame(picture.boxes), pairs))
        evidence.append(prior.evidence(chances))
        gold.append(marks[pairs[:, 0], pairs[:, 1]])
        if picture.appearance is not None:
            seen.append((picture.appearance[pairs[:, 0]], picture.appearance[pairs[:, 1]]))
    return Pairs(
        np.concatenate(ends),
        np.concatenate(geometry),
        np.concatenate(evidence),
        np.concatenate(gold),
        (np.concatenate([a for a, _ in seen]), np.concatenate([b for _, b in seen]))
        if seen
        else None,
    )


def compare(
    classifier: Classifier, annotations: Annotations, pictures: Sequence[Picture]
) -> dict[str, Measured]:
    """Measure every way of judging on some pictures of a file."""
    seen = seen_triples(classifier)
    return {
        way: measure(
            annotations, Ranker(classifier, annotations, way=way), seen=seen, pictures=pictures
        )
        for way in get_args(Way)
    }


@app.command()
def _train(
    file: Annotated[Path, typer.Argument(help="Annotated pictures, in the form of VRD.")],
    out: Annotated[Path, typer.Argument(help="Folder for the classifier; replaced whole.")],
    encoder: Annotated[
        str, typer.Option(help="Sentence encoder, by name or folder, that gives word vectors.")
    ] = "all-MiniLM-L6-v2",
    width: Annotated[int, typer.Option(min=1, help="Length of the word vectors.")] = 48,
    hidden: Annotated[int, typer.Option(min=1, help="Size of the hidden layer.")] = 512,
    effect: Annotated[
        float, typer.Option(help="What unbiased judging takes off; 1 is the total direct effect.")
    ] = 0.75,
    epochs: Annotated[int, typer.Option(min=1)] = 12,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    final: Annotated[
        bool, typer.Option("--all", help="Then train anew on dev too, and keep that one.")
    ] = False,
) -> None:
    """Train, and print how each way of judging does on the dev part, a line of JSON each."""
    annotations = read_vrd(file)
    words = word_table(find_encoder(encoder), extra=(*COCO, *annotations.labels), width=width)
    options = RelateTraining(epochs=epochs, seed=seed)
    rest, dev = split(annotations.pictures)
    classifier = train(annotations, rest, words, options, hidden=hidden, effect=effect)
    for way, measured in compare(classifier, annotations, dev).items():
        typer.echo(json.dumps({"way": way, **measured.to_json()}))
    if final:
        classifier = train(
            annotations, annotations.pictures, words, options, hidden=hidden, effect=effect
        )
    save(classifier, out)


def save(classifier: Classifier, out: Path) -> None:
    """Put a classifier's folder in place, whole or not at all; a NOTICE there is kept."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as name:
        part = Path(name) / out.name
        classifier.save(part)
        if (out / "NOTICE").is_file():
            (part / "NOTICE").write_bytes((out / "NOTICE").read_bytes())
            share(part / "NOTICE")
        replace_folder(part, out)


def main() -> None:
    """Run the command; what is wrong with its input is one line on stderr."""
    try:
        app()
    except (OSError, ValueError, ImportError) as error:
        typer.echo(error, err=True)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
