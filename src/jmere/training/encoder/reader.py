"""Training loop of an adaptation; can be interrupted and resumed at any step."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import torch
from accelerate import Accelerator
from torch import nn
from torch.optim import AdamW
from torch.optim.lr_scheduler import LambdaLR

from jmere.layers.word_shapes import SHAPE_EMBEDDINGS
from jmere.text.pieces import PieceVocabulary
from jmere.training.buckets import LengthBucketSampler
from jmere.training.checkpoint import Checkpoint
from jmere.training.encoder.adapt_config import AdaptConfig
from jmere.training.encoder.objectives import Adaptation, EncoderExample, collate, masked
from jmere.training.encoder.pace import Pace
from jmere.training.optimizer import linear_warmup_decay

log = logging.getLogger(__name__)


@dataclass
class AdaptProgress:
    """Progress of an adaptation; saved with each checkpoint."""

    texts: str = ""
    """Checksum of the texts, in their order."""
    epoch: int = 0
    """Epochs finished."""
    step: int = 0
    """Batches of the present epoch."""
    sums: list[float] = field(default_factory=lambda: [0.0, 0.0])
    """Losses of the present epoch: masked pieces and entities."""
    means: list[float] = field(default_factory=list)
    """Mean loss of each finished epoch."""


class Reader:
    """Trainer of an ``Adaptation``, with a checkpoint every ``checkpoint_steps`` steps."""

    def __init__(
        self,
        config: AdaptConfig,
        network: Adaptation,
        readings: Sequence[EncoderExample],
        vocabulary: PieceVocabulary,
        *,
        checkpoint: Path,
    ) -> None:
        self.config, self.readings, self.vocabulary = config, readings, vocabulary
        self.batches = LengthBucketSampler(
            [len(reading.pieces.ids) for reading in readings],
            batch_size=config.batch_size,
            seed=config.seed,
        )
        self.accelerator = Accelerator(mixed_precision=config.mixed_precision)
        optimizer = _optimizer(network, config)
        self.network, self.optimizer = self.accelerator.prepare(network, optimizer)
        total = config.epochs * len(self.batches)
        self.schedule = LambdaLR(optimizer, linear_warmup_decay(total, warmup=config.warmup))
        self.draw = torch.Generator().manual_seed(config.seed)
        self.progress = AdaptProgress(texts=self._checksum())
        self.checkpoint = Checkpoint(
            checkpoint,
            AdaptProgress,
            accelerator=self.accelerator,
            network=network,
            optimizer=self.optimizer,
            schedule=self.schedule,
            generator=self.draw,
        )

    def run(self, *, resume: bool) -> list[float]:
        """Train until all epochs are finished; returns the mean loss of each.

        Raises:
            ValueError: If the texts are not those of the run to resume, or its checkpoint is
                damaged.
        """
        if resume and self.checkpoint.exists():
            self._load()
        self.network.train()
        progress, config = self.progress, self.config
        remaining = (config.epochs - progress.epoch) * len(self.readings)
        pace = Pace(remaining - progress.step * config.batch_size, "posts")
        while progress.epoch < config.epochs:
            for indices in self._rest():
                self._learn(indices)
                if pace.passed(len(indices)):
                    log.info("epoch %d: %s; %s", progress.epoch + 1, pace, self._losses())
                if progress.step % config.checkpoint_steps == 0:
                    self.checkpoint.save(progress)
            self._end_epoch()
        return progress.means

    def _load(self) -> None:
        progress = self.checkpoint.load()
        if progress.texts != self.progress.texts:
            raise ValueError(f"{self.checkpoint.folder}: the run to resume read other texts")
        self.progress = progress
        log.info("resumed after epoch %d, %d batches", progress.epoch, progress.step)

    def _rest(self) -> Iterator[list[int]]:
        """Iterate over the remaining batches of the present epoch."""
        self.batches.epoch = self.progress.epoch
        return islice(iter(self.batches), self.progress.step, None)

    def _learn(self, indices: Sequence[int]) -> None:
        config, progress = self.config, self.progress
        batch = collate([self.readings[index] for index in indices])
        batch = masked(batch, self.vocabulary, share=config.masked, generator=self.draw)
        words, entities = self.network(batch.to(self.accelerator.device))
        self.accelerator.backward(words + config.entity_weight * entities)
        self.accelerator.clip_grad_norm_(self.network.parameters(), config.gradient_clip)
        self.optimizer.step()
        self.schedule.step()
        self.optimizer.zero_grad()
        progress.sums = [progress.sums[0] + words.item(), progress.sums[1] + entities.item()]
        progress.step += 1

    def _losses(self) -> str:
        steps = max(1, self.progress.step)
        masked_pieces, entities = (total / steps for total in self.progress.sums)
        return f"masked pieces {masked_pieces:.4f}, entities {entities:.4f}"

    def _end_epoch(self) -> None:
        progress = self.progress
        log.info("epoch %d: %s", progress.epoch + 1, self._losses())
        loss = progress.sums[0] + self.config.entity_weight * progress.sums[1]
        progress.means.append(loss / progress.step)
        progress.epoch, progress.step, progress.sums = progress.epoch + 1, 0, [0.0, 0.0]
        self.checkpoint.save(progress)

    def _checksum(self) -> str:
        """Return the checksum of all texts, in their order."""
        digest = hashlib.sha256()
        for reading in self.readings:
            digest.update(repr((reading.pieces.ids, reading.labels)).encode())
        return digest.hexdigest()


def _optimizer(network: Adaptation, config: AdaptConfig) -> AdamW:
    """Create AdamW with one learning rate for pretrained and one for new parameters."""
    pretrained: list[nn.Parameter] = []
    new: list[nn.Parameter] = []
    for name, parameter in network.named_parameters():
        known = name.startswith("transformer.") and f".{SHAPE_EMBEDDINGS}." not in name
        (pretrained if known else new).append(parameter)
    return AdamW(
        [
            {"params": pretrained, "lr": config.encoder_learning_rate},
            {"params": new, "lr": config.learning_rate},
        ],
        weight_decay=config.weight_decay,
        fused=True,
    )
