"""The loop in which an encoder reads posts; it can be cut short and resumed at any step."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from torch import nn
from torch.optim import AdamW
from torch.optim.lr_scheduler import LambdaLR

from jmere.layers.word_shapes import SHAPE_EMBEDDINGS
from jmere.text.pieces import PieceVocabulary
from jmere.training.buckets import LengthBucketSampler
from jmere.training.encoder.adapt_config import AdaptConfig
from jmere.training.encoder.encoder_checkpoint import Checkpoint
from jmere.training.encoder.objectives import Adaptation, EncoderExample, collate, masked
from jmere.training.encoder.pace import Pace
from jmere.training.optimizer import linear_warmup_decay

log = logging.getLogger(__name__)


class Reader:
    """Trains an ``Adaptation`` on texts, and saves its state every so many steps."""

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
        self.checkpoint = Checkpoint(checkpoint)
        self.epoch, self.step = 0, 0
        """Epochs finished, and batches of the present one."""
        self.sums = [0.0, 0.0]
        """Losses of the present epoch: masked pieces and entities."""
        self.means: list[float] = []
        """Mean loss of each finished epoch."""

    def run(self, *, resume: bool) -> list[float]:
        """Read until the epochs are over; the mean loss of each.

        Raises:
            ValueError: If the texts are not those of the run to resume.
        """
        if resume and self.checkpoint.exists():
            self._load()
            log.info("resumed after epoch %d, %d batches", self.epoch, self.step)
        self.network.train()
        left = (self.config.epochs - self.epoch) * len(self.readings)
        pace = Pace(left - self.step * self.config.batch_size, "posts")
        while self.epoch < self.config.epochs:
            for indices in self._rest():
                self._learn(indices)
                if pace.passed(len(indices)):
                    log.info("epoch %d: %s; %s", self.epoch + 1, pace, self._losses())
                if self.step % self.config.checkpoint_steps == 0:
                    self._save()
            self._end_epoch()
        return self.means

    def _rest(self) -> Iterator[list[int]]:
        """The batches of the present epoch that are still to be read."""
        self.batches.epoch = self.epoch
        return islice(iter(self.batches), self.step, None)

    def _learn(self, indices: Sequence[int]) -> None:
        config = self.config
        batch = collate([self.readings[index] for index in indices])
        batch = masked(batch, self.vocabulary, share=config.masked, generator=self.draw)
        words, entities = self.network(batch.to(self.accelerator.device))
        self.accelerator.backward(words + config.entity_weight * entities)
        self.accelerator.clip_grad_norm_(self.network.parameters(), config.gradient_clip)
        self.optimizer.step()
        self.schedule.step()
        self.optimizer.zero_grad()
        self.sums = [self.sums[0] + words.item(), self.sums[1] + entities.item()]
        self.step += 1

    def _losses(self) -> str:
        masked_pieces, entities = (total / max(1, self.step) for total in self.sums)
        return f"masked pieces {masked_pieces:.4f}, entities {entities:.4f}"

    def _end_epoch(self) -> None:
        log.info("epoch %d: %s", self.epoch + 1, self._losses())
        self.means.append((self.sums[0] + self.config.entity_weight * self.sums[1]) / self.step)
        self.epoch, self.step, self.sums = self.epoch + 1, 0, [0.0, 0.0]
        self._save()

    def _save(self) -> None:
        state = {
            "texts": self._texts(),
            "epoch": self.epoch,
            "step": self.step,
            "sums": self.sums,
            "means": self.means,
            "scaler": None if self._scaler is None else self._scaler.state_dict(),
        }
        network = self.accelerator.unwrap_model(self.network)
        self.checkpoint.save(
            network, self.optimizer, self.schedule, generator=self.draw, state=state
        )

    def _load(self) -> None:
        network = self.accelerator.unwrap_model(self.network)
        state = self.checkpoint.load(network, self.optimizer, self.schedule, generator=self.draw)
        if state["texts"] != self._texts():
            raise ValueError(f"{self.checkpoint.folder}: the run to resume read other texts")
        self.epoch, self.step = state["epoch"], state["step"]
        self.sums, self.means = state["sums"], state["means"]
        if self._scaler is not None:
            self._scaler.load_state_dict(state["scaler"])

    @property
    def _scaler(self) -> Any:
        return self.accelerator.scaler

    def _texts(self) -> str:
        """Checksum of all that is read, in its order."""
        digest = hashlib.sha256()
        for reading in self.readings:
            digest.update(repr((reading.pieces.ids, reading.labels)).encode())
        return digest.hexdigest()


def _optimizer(network: Adaptation, config: AdaptConfig) -> AdamW:
    """AdamW with one learning rate for what is pretrained and one for what is new."""
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
