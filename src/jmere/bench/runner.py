"""Execution of a plan: finished runs are reused, interrupted runs resumed."""

from __future__ import annotations

import logging
import multiprocessing
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from itertools import chain

import torch

from jmere.bench import worker
from jmere.bench.plan import PREDICTIONS, RESULT, Job, finished
from jmere.data.jsonl import read_posts
from jmere.data.predictions import write_predictions
from jmere.evaluation.gold import extract_gold
from jmere.evaluation.tables import scores_to_json
from jmere.extract import Extractor
from jmere.files.folders import remove_folder
from jmere.files.whole import write_json
from jmere.training.claim import CHECKPOINT, MODEL, USED_CONFIG
from jmere.training.run import train
from jmere.vision.read_ahead import processors

log = logging.getLogger(__name__)


def run_all(jobs: Sequence[Job], *, processes: int | None = None) -> dict[str, str]:
    """Run what is not finished; a run that fails does not stop the others.

    Args:
        jobs: All runs.
        processes: How many runs at a time, the cores shared between them; as many as there
            are cores if not given, or one where there is an accelerator.

    Returns:
        The error of each run that failed, by the run's name.

    Raises:
        ValueError: If a folder holds a run of another config.
    """
    todo = []
    for job in jobs:
        if finished(job):  # it may have been killed before its checkpoint was gone
            remove_folder(job.folder / CHECKPOINT)
        else:
            todo.append(job)
    log.info("%d runs, %d already finished", len(jobs), len(jobs) - len(todo))
    errors: dict[str, str] = {}
    outcomes = chain.from_iterable(
        _outcomes(wave, _at_a_time(processes, len(wave))) for wave in waves(todo)
    )
    for count, (job, error) in enumerate(outcomes, 1):
        log.info("%d of %d: %s: %s", count, len(todo), job, error or "finished")
        if error:
            errors[str(job)] = error
    return errors


def waves(jobs: Sequence[Job]) -> Iterator[list[Job]]:
    """Group the jobs, each after those whose models it starts from."""
    waiting = list(jobs)
    while waiting:
        ready = [job for job in waiting if not any(job.needs(each) for each in waiting)]
        yield ready or waiting
        waiting = [job for job in waiting if job not in ready] if ready else []


def work(job: Job) -> str | None:
    """Train and predict, from wherever an earlier attempt came to; the error if it fails."""
    started = time.monotonic()
    try:
        scores = train(job.config, resume=(job.folder / USED_CONFIG).exists())
        _predict(job)
    except (ValueError, OSError, RuntimeError, ImportError) as error:
        return _in_a_line(error)
    seconds = round(time.monotonic() - started)
    write_json(job.folder / RESULT, {**scores_to_json(scores), "seconds": seconds})
    remove_folder(job.folder / CHECKPOINT)  # three times the model's size
    return None


def _predict(job: Job) -> None:
    visual = job.config.visual.within_folder()
    extractor = Extractor.from_pretrained(job.folder / MODEL, visual=replace(visual, shown="real"))
    posts, seed = list(read_posts(job.config.data.dev)), job.config.training.seed
    found = extract_gold(extractor, posts, visual=visual.shown, seed=seed)
    write_predictions(job.folder / PREDICTIONS, found)


def _at_a_time(processes: int | None, runs: int) -> int:
    if processes is None:
        processes = 1 if torch.accelerator.is_available() else processors()
    return max(1, min(processes, runs))


def _outcomes(jobs: Sequence[Job], processes: int) -> Iterator[tuple[Job, str | None]]:
    if processes == 1:
        yield from ((job, work(job)) for job in jobs)
        return
    with ProcessPoolExecutor(
        processes,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=worker.begin,
        initargs=(max(1, processors() // processes),),
    ) as pool:
        running = {pool.submit(work, job): job for job in jobs}
        for future in as_completed(running):
            lost = future.exception()  # of a process that was killed
            yield running[future], _in_a_line(lost) if lost else future.result()


def _in_a_line(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())
