"""Training loop of all models, for one or several processes."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator, DistributedDataParallelKwargs
from accelerate.utils import broadcast, set_seed
from torch import Tensor, nn
from torch.optim.lr_scheduler import LambdaLR
from torch.utils.data import DataLoader

from jmere.evaluation.scores import Scores
from jmere.files.folders import recover_folder
from jmere.inputs.prepare import Prepared
from jmere.layers.tensor_batch import TensorBatch
from jmere.models.pipeline import Pipeline
from jmere.models.tagging import Tagging, total_loss
from jmere.tagger.tagger import Tagger
from jmere.terminal import progress
from jmere.training.buckets import LengthBucketSampler
from jmere.training.checkpoint import Checkpoint
from jmere.training.claim import CHECKPOINT, MODEL, check_output
from jmere.training.dev import evaluate_together
from jmere.training.dev_means import mean_f1, stacked_f1
from jmere.training.ema import WeightAverage
from jmere.training.epoch_posts import EpochPosts
from jmere.training.fgm import FastGradient
from jmere.training.finite import DivergedError, LossWatch, check_weights
from jmere.training.halves import half_scores, keep_halves
from jmere.training.logs import Logs, Shares
from jmere.training.optimizer import optimizer_for, schedule_of
from jmere.training.resume import check_resumable, write_config
from jmere.training.run_config import RunConfig
from jmere.training.selection import Progress
from jmere.training.team import BatchPart, SplitBatches, summed, team

log = logging.getLogger(__name__)

ADVICE = (
    "remove this folder and --resume trains from the start, "
    "or continue from the best model in a new output folder (key: begin)"
)
"""Advice in errors of a checkpoint that cannot be resumed."""


class _Loader:
    """This process's part of each batch of an epoch."""

    def __init__(self, train: EpochPosts, batches: SplitBatches, tagger: Tagger) -> None:
        self._batches = batches
        self._loader: DataLoader[Any] = DataLoader(
            train,
            batch_sampler=batches,
            collate_fn=lambda posts: TensorBatch.of(tagger.batch(posts, gold=True)),
        )

    def __len__(self) -> int:
        return len(self._batches)

    def __iter__(self) -> Iterator[tuple[TensorBatch, BatchPart]]:
        return zip(self._loader, self._batches.parts(), strict=True)


class Trainer:
    """Trainer of a tagger that keeps the model of the best dev epoch."""

    def __init__(self, config: RunConfig, tagger: Tagger) -> None:
        self.config, self.tagger = config, tagger
        self.output = Path(config.output)
        self.progress = Progress()
        team()
        self.accelerator = Accelerator(
            mixed_precision=config.training.mixed_precision,
            # A batch without pictures leaves the visual side without gradients.
            kwargs_handlers=[DistributedDataParallelKwargs(find_unused_parameters=True)],
        )

    def run(self, train: EpochPosts, dev: Sequence[Sequence[Prepared]], *, resume: bool) -> None:
        """Train until the last epoch or early stopping.

        Args:
            train: The posts to learn from, epoch by epoch.
            dev: The dev posts and, if there are any, stacked dev sets: the best epoch has the
                best mean F1 over all of them.
            resume: Whether to continue after the last checkpoint.

        Raises:
            ValueError: If the output folder contains a run and ``resume`` is off, or a run or
                checkpoint that cannot be resumed.
            DivergedError: If the loss or the weights are no longer finite. The model of the
                best epoch before is kept.
        """
        settings = self.config.training
        self._claim_output(resume=resume)
        batches = LengthBucketSampler(
            train.lengths(),
            batch_size=settings.batch_size,
            seed=settings.seed,
        )
        process = self.accelerator.process_index
        loader = _Loader(
            train,
            SplitBatches(batches, process=process, processes=self.accelerator.num_processes),
            self.tagger,
        )
        optimizer = optimizer_for(self.tagger.network, settings)
        network, optimizer = self.accelerator.prepare(self.tagger.network, optimizer)
        if process:
            set_seed(settings.seed + process)  # the first goes on drawing as if it were alone
        self.average = WeightAverage(self.tagger.network, settings.average)
        schedule = LambdaLR(optimizer, schedule_of(settings, len(loader)))
        checkpoint = Checkpoint(
            self.output / CHECKPOINT,
            Progress,
            accelerator=self.accelerator,
            network=self.tagger.network,
            optimizer=optimizer,
            schedule=schedule,
            average=self.average,
            advice=ADVICE,
        )
        if resume and checkpoint.folder.exists():
            self.progress = checkpoint.load()
            log.info("resumed after epoch %d", self.progress.epoch)
        elif resume:
            log.info("no checkpoint found: training starts with epoch 1")
        main = self.accelerator.is_main_process
        with Logs(self.output, keep=self.progress.epoch, writes=main) as logs:
            while (
                reason := self.progress.reason_to_stop(
                    epochs=settings.epochs, patience=settings.patience
                )
            ) is None:
                train.begin(self.progress.epoch)
                batches.begin(self.progress.epoch, train.lengths())
                started = time.monotonic()
                losses = self._epoch(network, optimizer, schedule, loader)
                with self.average.in_place():
                    dev_scores = self._select(dev, losses["total"])
                scores = dev_scores[0]
                logs.write(
                    self.progress.epoch,
                    {
                        **losses,
                        "dev_jmere_f1": scores.jmere.f1,
                        "dev_mner_f1": scores.mner.f1,
                        **stacked_f1(dev_scores),
                        "seconds": time.monotonic() - started,
                    },
                )
                checkpoint.save(self.progress)
        self._log_end(reason)

    def _log_end(self, reason: str) -> None:
        progress, epochs = self.progress, self.config.training.epochs
        if progress.epoch < epochs:
            log.info("early stopping after epoch %d of %d: %s", progress.epoch, epochs, reason)
        if progress.f1 == 0:
            log.warning(
                "dev F1 was 0 in all %d epochs: the model is not usable",
                progress.epoch,
            )

    def _epoch(
        self, network: nn.Module, optimizer: Any, schedule: LambdaLR, loader: _Loader
    ) -> dict[str, float]:
        """Run one epoch; return the mean of each loss and of each share.

        Raises:
            DivergedError: If the loss or the weights are no longer finite.
        """
        try:
            return self._pass(network, optimizer, schedule, loader)
        except DivergedError as error:
            kept = "no model is kept"
            if self.progress.best_epoch:
                kept = (
                    f"the model of epoch {self.progress.best_epoch}, dev F1 "
                    f"{self.progress.f1:.4f}, is kept in {self.output / MODEL}"
                )
            raise DivergedError(
                f"training ended in epoch {self.progress.epoch + 1}: {error}; {kept}; "
                "a smaller training.learning_rate or training.gradient_clip may help"
            ) from None

    def _pass(
        self, network: nn.Module, optimizer: Any, schedule: LambdaLR, loader: _Loader
    ) -> dict[str, float]:
        network.train()
        step = FastGradient(self.tagger.network, self.config.training.adversarial)
        sums: dict[str, torch.Tensor] = {}
        count = 0
        watch, shares = LossWatch(self.accelerator), Shares()
        batches: Iterable[tuple[TensorBatch, BatchPart]] = loader
        if self.accelerator.is_main_process:
            batches = progress(loader, "batches", name=f"epoch {self.progress.epoch + 1}")
        for found, part in batches:
            batch = found.to(self.accelerator.device)
            tagging = network(batch)
            if part.own:
                shares.add(tagging.shares)
            losses = self._losses(tagging, batch, part)
            watch.see(losses["total"])
            self.accelerator.backward(losses["total"])
            if step.tables:
                with step.taken():
                    again = self._losses(network(batch), batch, part)
                    self.accelerator.backward(again["total"])
            if self.config.training.gradient_clip:
                self.accelerator.clip_grad_norm_(
                    network.parameters(), self.config.training.gradient_clip
                )
            optimizer.step()
            self.average.update()
            schedule.step()
            optimizer.zero_grad()
            count += 1
            for name, value in losses.items():
                sums[name] = sums.get(name, torch.zeros_like(value)) + value.detach()
        watch.check()
        check_weights(self.tagger.network)
        count *= self.accelerator.num_processes
        whole = summed({name: float(value) for name, value in sums.items()})
        return {name: value / count for name, value in whole.items()} | shares.means()

    def _losses(self, tagging: Tagging, batch: TensorBatch, part: BatchPart) -> dict[str, Tensor]:
        assert batch.gold is not None
        config = self.config.loss
        losses = total_loss(tagging, batch.gold, config, batch.taught)
        return part.weighted(losses, sums=config.reduction == "sum")

    def _select(self, dev: Sequence[Sequence[Prepared]], loss: float) -> list[Scores]:
        """Evaluate on the dev sets, and save the model if it is the best so far."""
        scores = [evaluate_together(self.tagger, each, self.config.training) for each in dev]
        f1, mner_f1, loss = self._agreed(mean_f1(scores), mean_f1(scores, mner=True), loss)
        if isinstance(self.tagger.network, Pipeline):
            self._select_halves(self.tagger.network, dev[0], scores[0])
        elif self.progress.finish(f1, mner_f1, loss) and self.accelerator.is_main_process:
            self.tagger.save_pretrained(self.output / MODEL, precision=self.config.training.storage)
        self.accelerator.wait_for_everyone()
        return scores

    def _select_halves(self, network: Pipeline, dev: Sequence[Prepared], whole: Scores) -> None:
        """Save each half of a pipeline whose own score is the best so far."""
        given = None
        if network.learns_relations:
            with network.gold_entities():
                given = evaluate_together(self.tagger, dev, self.config.training, gold=True)
        scores = half_scores(network, whole, given)
        agreed = dict(zip(scores, self._agreed(*scores.values()), strict=True))
        better = self.progress.finish_halves(agreed)
        if better and self.accelerator.is_main_process:
            precision = self.config.training.storage
            keep_halves(self.tagger, self.output / MODEL, better, precision=precision)

    def _agreed(self, *values: float) -> list[float]:
        """Broadcast the first process's values, so that all processes stop after the same epoch."""
        if self.accelerator.num_processes == 1:
            return list(values)
        values_here = torch.tensor(values, dtype=torch.float64, device=self.accelerator.device)
        agreed: list[float] = broadcast(values_here).tolist()
        return agreed

    def _claim_output(self, *, resume: bool) -> None:
        if resume and self.accelerator.is_main_process:
            for name in (CHECKPOINT, MODEL):
                recover_folder(self.output / name)
        self.accelerator.wait_for_everyone()
        check_resumable(self.config, resume=resume)
        check_output(self.config)
        self.accelerator.wait_for_everyone()  # every process checks before one writes
        if self.accelerator.is_main_process:
            write_config(self.config)
        self.accelerator.wait_for_everyone()
