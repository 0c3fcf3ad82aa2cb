"""An encoder made at home in posts before it is trained for a task.

    python -m jmere.training.adapt CONFIG

It learns to fill in words that are masked, in posts with whatever annotation, and meanwhile
to tag entities in posts all of whose entities are annotated. It is saved as an encoder's
folder, which ``encoder`` of a run file may name.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import torch
from accelerate import Accelerator
from accelerate.utils import set_seed
from torch.optim import AdamW
from torch.optim.lr_scheduler import LambdaLR

from jmere.configs import load_yaml, override, parse_config
from jmere.data.jsonl import read_posts
from jmere.data.overlap import distinct, outside
from jmere.encoders import find_encoder, load_encoder
from jmere.layers.encoder import learn_shapes
from jmere.progress import progress
from jmere.tags import TagSet
from jmere.text.pieces import PieceTokenizer
from jmere.text.words import words_of
from jmere.training.adaptation import Adaptation, Reading, collate, masked, read
from jmere.training.batches import LengthBatches
from jmere.training.optimizer import rising_and_falling

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class AdaptConfig:
    """What an encoder reads, and how it learns from it."""

    output: str
    """Folder of the adapted encoder."""
    encoder: str
    """Folder, hub id or known name of the encoder to begin with."""
    texts: list[str] = field(default_factory=list)
    """JSON Lines files of posts to read."""
    entities: list[str] = field(default_factory=list)
    """The same, of posts all of whose entities are annotated."""
    outside: list[str] = field(default_factory=list)
    """The same, of posts whose text must not be read: those of dev and test."""
    tags: str = "default"
    """Tag set file with the types of the entities, or ``default`` for the JMERE set."""
    word_shapes: bool = True
    """Tell the encoder how each word is written (capitals, hashtag, ...)."""
    masked: float = 0.15
    """Share of the word pieces that are to be filled in."""
    entity_weight: float = 1.0
    """Weight of the entities' loss beside that of the masked pieces."""
    epochs: int = 3
    batch_size: int = 32
    encoder_learning_rate: float = 1e-4
    learning_rate: float = 1e-3
    """Of the two heads, which are not kept."""
    weight_decay: float = 0.01
    warmup: float = 0.1
    gradient_clip: float = 1.0
    mixed_precision: Literal["no", "bf16", "fp16"] = "no"
    seed: int = 19

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)}")
        if not 0 < self.masked < 1:
            raise ValueError(f"masked must be in (0, 1), got {self.masked}")
        if not 0 <= self.warmup <= 1:
            raise ValueError(f"warmup must be in [0, 1], got {self.warmup}")
        if self.entity_weight < 0:
            raise ValueError(f"entity_weight must not be negative, got {self.entity_weight}")
        if not self.texts and not self.entities:
            raise ValueError("texts or entities must name a file of posts")


def adapt(config: AdaptConfig) -> list[float]:
    """Adapt an encoder and save it; the mean loss of each epoch.

    Raises:
        ValueError: If a file is not in order, or the encoder has no token types for shapes.
        FileExistsError: If there is something in the output's place.
    """
    output = Path(config.output)
    if output.exists():
        raise FileExistsError(f"{output}: is there already")
    set_seed(config.seed)
    folder = find_encoder(config.encoder)
    transformer = load_encoder(folder)
    if config.word_shapes:
        learn_shapes(transformer)
    pieces = PieceTokenizer.load(folder)
    tags = TagSet.load(config.tags)
    readings = list(_readings(config, pieces, tags))
    log.info(
        "%d posts, %d with entities", len(readings), sum(r.labels is not None for r in readings)
    )

    network = Adaptation(transformer, labels=1 + 2 * len(tags.entity_types))
    losses = _train(network, readings, pieces, config)
    transformer.save_pretrained(output)
    pieces.save(output)
    return losses


def _readings(config: AdaptConfig, pieces: PieceTokenizer, tags: TagSet) -> Iterator[Reading]:
    """Every text once, with its entities where a file has them."""
    known = [post for path in config.entities for post in read_posts(path, tags=tags)]
    others = [post for path in config.texts for post in read_posts(path)]
    hidden = [post for path in config.outside for post in read_posts(path)]
    kept = list(outside(distinct([*known, *others]), hidden))
    annotated = {id(post) for post in known}
    splits = pieces.split([words_of(post).words for post in kept])
    for post, split in zip(kept, splits, strict=True):
        if len(split.ids) <= pieces.longest:
            yield read(post, split, tags if id(post) in annotated else None)


def _train(
    network: Adaptation,
    readings: Sequence[Reading],
    pieces: PieceTokenizer,
    config: AdaptConfig,
) -> list[float]:
    accelerator = Accelerator(mixed_precision=config.mixed_precision)
    lengths = [len(reading.pieces.ids) for reading in readings]
    batches = LengthBatches(lengths, batch_size=config.batch_size, seed=config.seed)
    heads = [p for name, p in network.named_parameters() if not name.startswith("transformer.")]
    optimizer = AdamW(
        [
            {"params": list(network.transformer.parameters()), "lr": config.encoder_learning_rate},
            {"params": heads, "lr": config.learning_rate},
        ],
        weight_decay=config.weight_decay,
        fused=True,
    )
    network, optimizer = accelerator.prepare(network, optimizer)
    schedule = LambdaLR(
        optimizer, rising_and_falling(config.epochs * len(batches), warmup=config.warmup)
    )
    draw = torch.Generator().manual_seed(config.seed)
    network.train()
    means = []
    for epoch in range(config.epochs):
        batches.epoch = epoch
        total = torch.zeros(2)
        for indices in progress(batches, "batches", name=f"epoch {epoch + 1}"):
            batch = collate([readings[index] for index in indices])
            batch = masked(batch, pieces.vocabulary, share=config.masked, generator=draw)
            words, entities = network(batch.to(accelerator.device))
            accelerator.backward(words + config.entity_weight * entities)
            accelerator.clip_grad_norm_(network.parameters(), config.gradient_clip)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
            total += torch.stack([words.detach(), entities.detach()]).cpu()
        mean = (total / len(batches)).tolist()
        log.info("epoch %d: masked pieces %.4f, entities %.4f", epoch + 1, *mean)
        means.append(mean[0] + config.entity_weight * mean[1])
    return means


def main(arguments: Sequence[str]) -> int:
    """Adapt as a config file says; ``key=value`` arguments change it."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    path, *settings = arguments
    adapt(parse_config(AdaptConfig, override(load_yaml(path), settings)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
