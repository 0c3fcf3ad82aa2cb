"""The one training loop: every model, one process or many, whole or resumed."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
import yaml
from accelerate import Accelerator, DistributedDataParallelKwargs
from torch import nn
from torch.optim.lr_scheduler import LambdaLR
from torch.utils.data import DataLoader

from jmere.evaluation.scores import Scores, score
from jmere.files import write_json, written_whole
from jmere.folder import recover_folder, replace_folder
from jmere.models.pipeline import Pipeline
from jmere.models.tagging import total_loss
from jmere.predict import extraction, predict
from jmere.prepare import PreparedPost
from jmere.progress import progress
from jmere.records import Post
from jmere.tagger import Tagger
from jmere.training.average import WeightAverage
from jmere.training.batches import LengthBatches
from jmere.training.calibrate import calibrate
from jmere.training.config import RunConfig, TrainingConfig
from jmere.training.halves import half_scores, improved, keep_halves
from jmere.training.logs import Logs, Shares
from jmere.training.optimizer import optimizer_for, schedule_of
from jmere.training.perturb import EmbeddingStep
from jmere.training.tune import tune_decoding

log = logging.getLogger(__name__)

MODEL, CHECKPOINT, USED_CONFIG = "model", "checkpoint", "config.yaml"
STATE = "state.json"
"""How far the run is and where its schedule is, in the checkpoint's folder."""


@dataclass
class Progress:
    """How far a run has come; saved with each checkpoint."""

    epoch: int = 0
    """Epochs finished."""
    best: float = -1.0
    """Best dev F1 so far (``Scores.main``)."""
    best_epoch: int = 0
    """The last epoch in which something got better."""
    halves: dict[str, float] = field(default_factory=dict)
    """Best dev score of each half of a pipeline, whose ``best`` is the lower of them."""


class Trainer:
    """Trains a tagger on posts and keeps the model of the best epoch on dev."""

    def __init__(self, config: RunConfig, tagger: Tagger) -> None:
        self.config, self.tagger = config, tagger
        self.output = Path(config.output)
        self.progress = Progress()
        self.accelerator = Accelerator(
            mixed_precision=config.training.mixed_precision,
            # A batch without pictures leaves the visual side without gradients.
            kwargs_handlers=[DistributedDataParallelKwargs(find_unused_parameters=True)],
        )

    def run(
        self, train: list[PreparedPost], dev: list[tuple[Post, PreparedPost]], *, resume: bool
    ) -> Scores:
        """Train until the epochs are over or dev stops getting better; scores of the best epoch.

        Raises:
            ValueError: If the output folder holds a run and ``resume`` is off.
        """
        settings = self.config.training
        self._claim_output(resume=resume)
        batches = LengthBatches(
            [len(post.pieces.ids) for post in train],
            batch_size=settings.batch_size,
            seed=settings.seed,
        )
        loader: Any = DataLoader(
            train,  # type: ignore[arg-type]
            batch_sampler=batches,
            collate_fn=lambda posts: self.tagger.batch(posts, gold=True),
        )
        optimizer = optimizer_for(self.tagger.network, settings)
        network, optimizer, loader = self.accelerator.prepare(
            self.tagger.network, optimizer, loader
        )
        self.average = WeightAverage(self.tagger.network, settings.average)
        schedule = LambdaLR(optimizer, schedule_of(settings, len(loader)))
        if resume and recover_folder(self.output / CHECKPOINT):
            self._load_checkpoint(schedule)
            log.info("resumed after epoch %d", self.progress.epoch)
        main = self.accelerator.is_main_process
        with Logs(self.output, keep=self.progress.epoch, writes=main) as logs:
            while not self._finished():
                batches.epoch = self.progress.epoch
                started = time.monotonic()
                losses = self._epoch(network, optimizer, schedule, loader)
                with self.average.in_place():
                    scores = self._select(dev)
                logs.write(
                    self.progress.epoch,
                    {
                        **losses,
                        "dev_jmere_f1": scores.jmere.f1,
                        "dev_mner_f1": scores.mner.f1,
                        "seconds": time.monotonic() - started,
                    },
                )
                self._save_checkpoint(schedule)
        return self._finish(dev)

    def _finish(self, dev: list[tuple[Post, PreparedPost]]) -> Scores:
        """Read the best model back, as it is stored, and choose its decoding if asked to."""
        settings = self.config.training
        self.tagger = Tagger.from_pretrained(self.output / MODEL)
        if settings.tune_decoding:
            chosen = tune_decoding(
                self.tagger, dev, settings.reading, batch_size=4 * settings.batch_size
            )
            log.info("decoding chosen on dev: %s", chosen)
        if settings.calibrate:
            calibrate(self.tagger, dev, batch_size=4 * settings.batch_size)
        if self.accelerator.is_main_process:
            self.tagger.save_config(self.output / MODEL)
        return evaluate_on(self.tagger, dev, settings)

    def _finished(self) -> bool:
        settings, progress = self.config.training, self.progress
        if progress.best == 1:
            return True  # nothing is left to get better at
        patience_over = progress.epoch - progress.best_epoch >= settings.patience
        return progress.epoch >= settings.epochs or (progress.epoch > 0 and patience_over)

    def _epoch(
        self, network: nn.Module, optimizer: Any, schedule: LambdaLR, loader: Iterable[Any]
    ) -> dict[str, float]:
        """One pass over the training posts; the mean of each loss and of each share."""
        network.train()
        step = EmbeddingStep(self.tagger.network, self.config.training.adversarial)
        sums: dict[str, torch.Tensor] = {}
        count = 0
        shares = Shares()
        if self.accelerator.is_main_process:
            loader = progress(loader, "batches", name=f"epoch {self.progress.epoch + 1}")
        for batch in loader:
            tagging = network(batch)
            shares.add(tagging.shares)
            losses = total_loss(tagging, batch.gold, self.config.loss, batch.taught)
            self.accelerator.backward(losses["total"])
            if step.tables:
                with step.taken():
                    again = total_loss(network(batch), batch.gold, self.config.loss, batch.taught)
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
        return {name: float(value) / count for name, value in sums.items()} | shares.means()

    def _select(self, dev: list[tuple[Post, PreparedPost]]) -> Scores:
        """Score dev, and keep the model if it is the best so far."""
        progress = self.progress
        progress.epoch += 1
        scores = evaluate_on(self.tagger, dev, self.config.training)
        if isinstance(self.tagger.network, Pipeline):
            self._select_halves(self.tagger.network, dev, scores)
        elif scores.main.f1 > progress.best:
            progress.best, progress.best_epoch = scores.main.f1, progress.epoch
            if self.accelerator.is_main_process:
                self.tagger.save_pretrained(
                    self.output / MODEL, precision=self.config.training.storage
                )
        self.accelerator.wait_for_everyone()
        return scores

    def _select_halves(
        self, network: Pipeline, dev: list[tuple[Post, PreparedPost]], whole: Scores
    ) -> None:
        """Keep each half of a pipeline that is the best so far by its own score."""
        progress, given = self.progress, None
        if network.learns_relations:
            with network.gold_entities():
                given = evaluate_on(self.tagger, dev, self.config.training, gold=True)
        scores = half_scores(network, whole, given)
        better = improved(scores, progress.halves)
        if not better:
            return
        progress.halves |= {half: scores[half] for half in better}
        progress.best, progress.best_epoch = min(progress.halves.values()), progress.epoch
        if self.accelerator.is_main_process:
            precision = self.config.training.storage
            keep_halves(self.tagger, self.output / MODEL, better, precision=precision)

    def _save_checkpoint(self, schedule: LambdaLR) -> None:
        """Replace the checkpoint by the present state; one is always whole."""
        new = self.output / f"{CHECKPOINT}.new"
        self.accelerator.save_state(str(new))
        self.accelerator.wait_for_everyone()  # each process has written its random states
        if self.accelerator.is_main_process:
            state = {"progress": asdict(self.progress), "schedule": schedule.state_dict()}
            write_json(new / STATE, state)
            self.average.save(new)
            replace_folder(new, self.output / CHECKPOINT)
        self.accelerator.wait_for_everyone()

    def _load_checkpoint(self, schedule: LambdaLR) -> None:
        # Ours is JSON: what is registered with Accelerate would be unpickled.
        folder = self.output / CHECKPOINT
        self.accelerator.load_state(str(folder))
        state = json.loads((folder / STATE).read_text(encoding="utf-8"))
        self.progress = Progress(**state["progress"])
        schedule.load_state_dict(state["schedule"])
        self.average.load(folder)

    def _claim_output(self, *, resume: bool) -> None:
        used = self.output / USED_CONFIG
        text = yaml.safe_dump(self.config.to_json(), sort_keys=False, allow_unicode=True)
        if used.exists() and not resume:
            raise ValueError(f"{self.output}: holds a run already; --resume goes on with it")
        if used.exists() and used.read_text(encoding="utf-8") != text:
            raise ValueError(f"{used}: the run to resume had another config than this one")
        self.accelerator.wait_for_everyone()  # every process looks before one writes
        if self.accelerator.is_main_process:
            with written_whole(used) as stream:
                stream.write(text)
        self.accelerator.wait_for_everyone()


def evaluate_on(
    tagger: Tagger,
    dev: list[tuple[Post, PreparedPost]],
    settings: TrainingConfig,
    *,
    gold: bool = False,
) -> Scores:
    """Scores of a tagger on prepared dev posts; ``gold`` as of ``predict``."""
    posts = [post for post, _ in dev]
    ready = [prepared for _, prepared in dev]
    found = predict(tagger, ready, batch_size=4 * settings.batch_size, gold=gold)
    extractions = [extraction(post, [one]) for post, one in zip(posts, found, strict=True)]
    return score(posts, extractions, settings.reading)
