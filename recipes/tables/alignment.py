"""What the transport of a trained EEGA finds on dev, and what it weighs in training.

``cost`` is the mean alignment cost of dev posts with their own objects (equation 7, without
lambda), ``cost_other`` with those of other posts. ``own_is_nearer`` is how often a post's own
objects cost less than another's: 0.5 if the alignment cannot tell whose picture it is.
``distance`` is the mean cosine distance of a word and an object of one post, ``distance_other`` of
a word and an object of two.

``plan_off_even`` and ``attention_off_even`` are how far the plan, and the image-to-text attention,
are from one that gives all objects the same, as total variation: 0 if even, near 1 if each word
has one object. ``edge_share`` is the share of the mass of the objects' edges that lands on edges
of words, ``edge_share_independent`` that of the independent plan.

``gradient_share`` is the length of the gradient of lambda x the alignment over that of the
tagging, by the weights of the text encoder, mean over training batches at the kept weights;
``gradient_cosine`` is the cosine of the two.

    python recipes/tables/alignment.py runs/bench/eega/seed-19
"""

import argparse
import json
import os
import statistics
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import torch  # noqa: E402
from torch import Tensor  # noqa: E402

from jmere.align import cosine_distance, edge_share, uniform_mass  # noqa: E402
from jmere.data.jsonl import read_posts  # noqa: E402
from jmere.inputs.prepare import PreparedPost, windows_of  # noqa: E402
from jmere.layers.tensor_batch import TensorBatch  # noqa: E402
from jmere.models.eega import Eega  # noqa: E402
from jmere.models.tagging import total_loss  # noqa: E402
from jmere.records import Post  # noqa: E402
from jmere.tagger.tagger import Tagger  # noqa: E402
from jmere.training.claim import MODEL, USED_CONFIG  # noqa: E402
from jmere.training.run_config import RunConfig  # noqa: E402
from jmere.training.start import as_run  # noqa: E402

ROLLS = (1, 2, 3)
"""How far the objects of a batch are moved on, to stand beside the words of other posts."""


def distance(words: Tensor, objects: Tensor, word_mask: Tensor, object_mask: Tensor) -> Tensor:
    """Mean cosine distance of a word and an object, post by post."""
    pairs = object_mask[:, :, None] & word_mask[:, None, :]
    return (cosine_distance(objects, words) * pairs).sum((1, 2)) / pairs.sum((1, 2))


def batches(tagger: Tagger, posts: Sequence[PreparedPost], size: int) -> Iterator[TensorBatch]:
    """Yield whole batches of posts of two objects or more, with the gold grids."""
    pictured = [each for each in posts if len(each.scene.objects) > 1]
    for start in range(0, len(pictured) - size + 1, size):
        yield TensorBatch.of(tagger.batch(pictured[start : start + size], gold=True))


@torch.inference_mode()
def on_dev(tagger: Tagger, posts: Sequence[PreparedPost], *, size: int) -> dict[str, float]:
    """What the alignment finds; the network is in evaluation mode."""
    found: dict[str, list[float]] = {}

    def add(name: str, values: Tensor) -> None:
        found.setdefault(name, []).extend(values.tolist())

    network = tagger.network.eval()
    for batch in batches(tagger, posts, size):
        word_mask, object_mask = batch.word_mask, batch.object_mask
        words, objects = network.encoded(batch)
        own = network.matched(words, objects, batch)
        independent = uniform_mass(object_mask)[:, :, None] * uniform_mass(word_mask)[:, None, :]
        add("cost", own.cost)
        add("distance", distance(words, objects, word_mask, object_mask))
        add("plan_off_even", (own.plan - independent).abs().sum((1, 2)) / 2)
        _, attention = network.cross(words, objects, object_mask)
        off = (attention - uniform_mass(object_mask)[:, None, :]).abs() * word_mask[:, :, None]
        add("attention_off_even", off.sum((1, 2)) / 2 / word_mask.sum(1))
        for name, plan in (("edge_share", own.plan), ("edge_share_independent", independent)):
            share = edge_share(plan, batch.relations > 0, batch.dependencies > 0)
            add(name, share[~share.isnan()])  # objects without edges have none
        for by in ROLLS:
            other = network.matched(words, objects, batch, moved=by).cost
            moved = (objects.roll(by, 0), word_mask, object_mask.roll(by, 0))
            add("cost_other", other)
            add("distance_other", distance(words, *moved))
            add("own_is_nearer", (own.cost < other).float() + (own.cost == other).float() / 2)
    means = {name: statistics.fmean(values) for name, values in found.items()}
    return {"posts": len(found["cost"]), **means}


def gradients(
    config: RunConfig, tagger: Tagger, posts: Sequence[PreparedPost], *, size: int, limit: int
) -> dict[str, float]:
    """What the alignment weighs beside the tagging, in training mode."""
    network = tagger.network.train()
    weights = [each for each in network.encoder.parameters() if each.requires_grad]
    torch.manual_seed(0)
    shares, cosines = [], []
    for _, batch in zip(range(limit), batches(tagger, posts, size), strict=False):
        assert batch.gold is not None
        losses = total_loss(network(batch), batch.gold, config.loss)
        graph, tagging = (_gradient(losses[name], weights) for name in ("graph", "tagging"))
        shares.append(float(graph.norm() / tagging.norm()))
        cosines.append(float(torch.cosine_similarity(graph, tagging, dim=0)))
    return {
        "gradient_share": statistics.fmean(shares),
        "gradient_cosine": statistics.fmean(cosines),
        "batches": len(shares),
    }


def _gradient(loss: Tensor, weights: list[Tensor]) -> Tensor:
    parts = torch.autograd.grad(loss, weights, retain_graph=True, allow_unused=True)
    return torch.cat(
        [
            (torch.zeros_like(weight) if part is None else part).flatten()
            for weight, part in zip(weights, parts, strict=True)
        ]
    )


def prepared(tagger: Tagger, posts: Sequence[Post]) -> list[PreparedPost]:
    """The windows of posts with their own graphs."""
    return windows_of(tagger.prepare(posts))


def measure(run: Path, *, limit: int, size: int) -> dict[str, Any]:
    """Everything of one finished run."""
    config = as_run(run / USED_CONFIG)
    tagger = Tagger.from_pretrained(run / MODEL)
    if not isinstance(tagger.network, Eega) or tagger.network.aligner is None:
        raise SystemExit(f"{run / MODEL}: expected a model of the kind eega that aligns")
    dev = prepared(tagger, list(read_posts(config.data.dev)))
    train = [post for path in config.data.train for post in read_posts(path)]
    result = {"name": "alignment", "run": str(run), **on_dev(tagger, dev, size=size)}
    some = prepared(tagger, train[: 2 * limit * size])
    return result | gradients(config, tagger, some, size=size, limit=limit)


def main() -> None:
    """Read the options, measure, print one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print JSON, as always")
    parser.add_argument("run", type=Path, nargs="+", help="folder of a finished run of EEGA")
    parser.add_argument("--limit", type=int, default=20, help="training batches for gradients")
    parser.add_argument("--size", type=int, default=16, help="posts of a batch")
    options = parser.parse_args()
    torch.set_num_threads(1)
    for run in options.run:
        print(json.dumps(measure(run, limit=options.limit, size=options.size)), flush=True)


if __name__ == "__main__":
    main()
