"""A training step of a model over its encoder's own: time and peak memory, BERT-base size.

``ratio`` is the median of forward, loss and backward of the model (``--model``) over the
median of forward and backward of its encoders alone, the two in turn in one process: a
model in word-pair form has one encoder, a pipeline two (``encoders``). ``memory_ratio``
compares the peak resident memory of two processes that do one kind of step each, the
reference with one encoder.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from typing import Any

import numpy as np
import torch
from torch import nn
from transformers import BertConfig, BertModel

from jmere.layers.encoder import WordEncoder
from jmere.layers.tensor_batch import TensorBatch
from jmere.models.registry import FUSIONS, RECIPES, ModelConfig
from jmere.models.sizes import Sizes
from jmere.models.tagging import LossConfig, total_loss

SIZES = Sizes(tags=26, types=4, pos=19, dependencies=38, predicates=40, hops=16, cooccurrence=12)

MODELS: dict[str, dict[str, Any]] = {
    **{name: {"name": name} for name in RECIPES if name != "pipeline"},
    **{f"{name}+mega": {"name": "pipeline", "entities": {"name": name}} for name in FUSIONS},
}
"""Every model, and every pipeline."""


def main() -> None:
    """Measure and print one line of JSON."""
    options = arguments()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    if options.peak:
        print(peak_of(options))
        return
    # First, while this process is small: a process is born with the peak of its parent.
    peaks = {name: peak(name) for name in ("encoder", "model")}
    batch = posts(options.batch, options.words, options.objects)
    model = whole(options.model)
    encoders = [each for each in model.modules() if isinstance(each, WordEncoder)]
    steps = {
        "encoder": lambda: [encoder_step(each, batch) for each in encoders],
        "model": lambda: model_step(model, batch),
    }
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for repeat in range(options.repeats + 1):
        for name, step in steps.items():
            model.zero_grad(set_to_none=True)
            started = time.perf_counter()
            step()
            if repeat:  # the first is a warm-up
                seconds[name].append(time.perf_counter() - started)
    ours, reference = (statistics.median(seconds[name]) for name in ("model", "encoder"))
    result = {
        "name": "step",
        "model": options.model,
        "ratio": ours / reference,
        "encoders": len(encoders),
        "seconds": ours,
        "reference_seconds": reference,
        "memory_ratio": peaks["model"] / peaks["encoder"],
        "peak_mib": peaks["model"] / 1024,
        "reference_peak_mib": peaks["encoder"] / 1024,
        "batch": options.batch,
        "words": options.words,
        "objects": options.objects,
        "threads": options.threads,
    }
    print(json.dumps(result))


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON, as always")
    parser.add_argument("--model", choices=list(MODELS), default="eega")
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--words", type=int, default=70)
    parser.add_argument("--objects", type=int, default=10)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--peak", choices=["encoder", "model"], help=argparse.SUPPRESS)
    return parser.parse_args()


def encoder() -> WordEncoder:
    """BERT-base with random weights."""
    return WordEncoder(BertModel(BertConfig(), add_pooling_layer=False)).train()


def whole(name: str) -> nn.Module:
    """A model with its own defaults over that encoder."""
    return ModelConfig.parse(MODELS[name]).build(encoder(), SIZES).train()


def encoder_step(encoder: WordEncoder, batch: TensorBatch) -> None:
    """Forward and backward of the encoder alone."""
    encoder(batch).square().mean().backward()


def model_step(model: nn.Module, batch: TensorBatch) -> None:
    """Forward, loss and backward of a model."""
    assert batch.gold is not None
    total_loss(model(batch), batch.gold, LossConfig())["total"].backward()


def posts(count: int, words: int, objects: int) -> TensorBatch:
    """Posts of one piece a word, with a chain for a tree and a sparse visual graph."""
    draw = torch.Generator().manual_seed(0)
    index = torch.arange(words)
    chain = ((index[:, None] - index).abs() <= 1).to(torch.uint8) * 3
    hops = (index[:, None] - index).abs().clamp(max=SIZES.hops - 1).to(torch.uint8)
    linked = torch.rand(count, objects, objects, generator=draw) < 0.2
    relations = ((linked | linked.mT | torch.eye(objects, dtype=torch.bool)) * 2).to(torch.uint8)
    gold = torch.zeros(count, words, words, dtype=torch.long)
    gold[:, 0, 0], gold[:, 4, 4], gold[:, 0, 4] = 1, 2, 9

    def every(mask_width: int) -> torch.Tensor:
        return torch.ones(count, mask_width, dtype=torch.bool)

    return TensorBatch(
        piece_ids=torch.randint(1000, 30000, (count, words + 2), generator=draw),
        piece_mask=every(words + 2),
        piece_words=torch.cat([index[-1:] + 1, index, index[-1:] + 1]).repeat(count, 1),
        word_mask=every(words),
        shapes=torch.ones(count, words, dtype=torch.uint8),
        pos=torch.randint(1, SIZES.pos, (count, words), generator=draw).to(torch.uint8),
        dependencies=chain.repeat(count, 1, 1),
        hops=hops.repeat(count, 1, 1),
        cooccurrence=torch.randint(0, SIZES.cooccurrence, (count, words, words), generator=draw).to(
            torch.uint8
        ),
        label_pieces=torch.randint(1000, 30000, (count, objects, 2), generator=draw),
        object_mask=every(objects),
        boxes=torch.rand(count, objects, 5, generator=draw),
        box_mask=every(objects),
        appearance=torch.from_numpy(np.zeros((count, objects, 0), np.float32)),
        appearance_mask=~every(objects),
        relations=relations,
        gold=gold,
    )


def peak_of(options: argparse.Namespace) -> int:
    """Peak resident memory, in KiB, of this process after two steps of one kind."""
    batch = posts(options.batch, options.words, options.objects)
    if options.peak == "encoder":
        alone = encoder()
        for _ in range(2):
            encoder_step(alone, batch)
    else:
        model = whole(options.model)
        for _ in range(2):
            model_step(model, batch)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def peak(name: str) -> int:
    """Peak resident memory, in KiB, of a process that does one kind of step."""
    command = [sys.executable, __file__, *sys.argv[1:], "--peak", name]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


if __name__ == "__main__":
    main()
