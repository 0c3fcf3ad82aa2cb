"""Time the transport of a batch of posts against POT: post by post, and POT's own batches.

Every side solves the same problems by the same number of steps: per post one entropic
transport (20 steps) and one Gromov-Wasserstein problem (square loss, all pairs adjacent,
20 proximal steps of 20), on one thread. The three take turns in one process; medians are reported.

    python benchmarks/transport.py --json
"""

import argparse
import json
import os
import statistics
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass

for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np  # noqa: E402
import ot  # noqa: E402
import torch  # noqa: E402
from ot.batch import solve_batch, solve_gromov_batch  # noqa: E402
from torch import Tensor  # noqa: E402

from jmere.align import (  # noqa: E402
    cosine_distance,
    gromov_wasserstein,
    sinkhorn,
    uniform_mass,
    wasserstein,
)

EPSILON = 0.1
STEPS, OUTER_STEPS, INNER_STEPS = 20, 20, 20
HIDDEN = 64

Values = tuple[np.ndarray, np.ndarray]
"""Node distances and edge distances of the posts."""


@dataclass(frozen=True)
class Posts:
    """Distances and masses of a batch of random posts."""

    cost: Tensor
    objects: Tensor
    words: Tensor
    object_mass: Tensor
    word_mass: Tensor

    @classmethod
    def random(cls, batch: int, objects: int, words: int, seed: int) -> "Posts":
        """Posts without padding, so that POT can take them as they are."""
        generator = torch.Generator().manual_seed(seed)
        x = torch.randn(batch, objects, HIDDEN, generator=generator)
        y = torch.randn(batch, words, HIDDEN, generator=generator)
        return cls(
            cosine_distance(x, y),
            cosine_distance(x, x),
            cosine_distance(y, y),
            uniform_mass(torch.ones(batch, objects, dtype=torch.bool)),
            uniform_mass(torch.ones(batch, words, dtype=torch.bool)),
        )

    @property
    def masses(self) -> tuple[Tensor, Tensor]:
        """Masses of both sides."""
        return self.object_mass, self.word_mass


def ours(posts: Posts) -> Values:
    """The steps of `pot_loop`, all posts together."""
    nodes = sinkhorn(posts.cost, *posts.masses, epsilon=EPSILON, steps=STEPS, tolerance=0.0)
    return nodes.value.numpy(), edges(posts)


def ours_proximal(posts: Posts) -> Values:
    """EEGA's solvers: proximal steps for the nodes as well, which POT does not offer."""
    nodes = wasserstein(posts.cost, *posts.masses, outer_steps=STEPS, tolerance=0.0)
    return nodes.value.numpy(), edges(posts)


def edges(posts: Posts) -> np.ndarray:
    """Edge distances, all posts together."""
    return gromov_wasserstein(
        posts.objects,
        posts.words,
        *posts.masses,
        loss="square",
        solver="proximal",
        epsilon=EPSILON,
        outer_steps=OUTER_STEPS,
        inner_steps=INNER_STEPS,
        tolerance=0.0,
    ).value.numpy()


def pot_loop(posts: list[tuple[np.ndarray, ...]]) -> Values:
    """POT's solvers, post by post, on what is fastest for them here: arrays in double precision."""
    options = {"numItermax": INNER_STEPS, "stopThr": 0.0, "warn": False}
    nodes, edges = [], []
    for cost, objects, words, object_mass, word_mass in posts:
        plan = ot.sinkhorn(
            object_mass, word_mass, cost, EPSILON, numItermax=STEPS, stopThr=0.0, warn=False
        )
        nodes.append((plan * cost).sum())
        _, log = ot.gromov.entropic_gromov_wasserstein(
            objects,
            words,
            object_mass,
            word_mass,
            "square_loss",
            epsilon=EPSILON,
            symmetric=True,
            max_iter=OUTER_STEPS,
            tol=0.0,
            solver="PPA",
            log=True,
            **options,
        )
        edges.append(log["gw_dist"])
    return np.array(nodes), np.array(edges)


def pot_batch(posts: Posts) -> Values:
    """POT's batches, on what is fastest for them here: torch, nodes by scaling a plain kernel."""
    nodes = solve_batch(
        posts.cost,
        EPSILON,
        *posts.masses,
        max_iter=STEPS,
        tol=0.0,
        method="sinkhorn",
        grad="detach",
    )
    edges = solve_gromov_batch(
        posts.objects,
        posts.words,
        EPSILON,
        *posts.masses,
        symmetric=True,
        max_iter=OUTER_STEPS,
        tol=0.0,
        max_iter_inner=INNER_STEPS,
        tol_inner=0.0,
        grad="detach",
    )
    return nodes.value_linear.numpy(), edges.value.numpy()


def in_turns(
    sides: dict[str, Callable[[], Values]], repeats: int
) -> tuple[dict[str, float], dict[str, Values]]:
    """Median seconds of each side, and its values; one round before the clock starts."""
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    values: dict[str, Values] = {}
    for turn in range(repeats + 1):
        for name, side in sides.items():
            start = time.perf_counter()
            values[name] = side()
            if turn:
                seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(times) for name, times in seconds.items()}, values


def measure(batch: int, objects: int, words: int, repeats: int, seed: int) -> dict[str, object]:
    """One comparison; all times in seconds for the whole batch."""
    posts = Posts.random(batch, objects, words, seed)
    tensors = (posts.cost, posts.objects, posts.words, posts.object_mass, posts.word_mass)
    arrays = list(zip(*(tensor.double().numpy() for tensor in tensors), strict=True))
    seconds, values = in_turns(
        {
            "ours": lambda: ours(posts),
            "loop": lambda: pot_loop(arrays),
            "batch": lambda: pot_batch(posts),
            "proximal": lambda: ours_proximal(posts),
        },
        repeats,
    )
    difference = {
        name: max(
            float(np.abs(one - other).max())
            for one, other in zip(values[name], values["loop"], strict=True)
        )
        for name in ("ours", "batch")
    }
    return {
        "name": "transport",
        "ratio": seconds["ours"] / seconds["loop"],
        "ratio_batch": seconds["ours"] / seconds["batch"],
        "max_difference": difference["ours"],
        "seconds": seconds["ours"],
        "reference_seconds": seconds["loop"],
        "batch_seconds": seconds["batch"],
        "batch_max_difference": difference["batch"],
        "proximal_seconds": seconds["proximal"],
        "proximal_ratio": seconds["proximal"] / seconds["loop"],
        "batch": batch,
        "objects": objects,
        "words": words,
        "steps": [STEPS, OUTER_STEPS, INNER_STEPS],
        "repeats": repeats,
    }


def main() -> None:
    """Read the options, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch", type=int, default=64, help="posts in the batch")
    parser.add_argument("--objects", type=int, default=10, help="rows of each plan")
    parser.add_argument("--words", type=int, default=70, help="columns of each plan")
    parser.add_argument("--repeats", type=int, default=9, help="turns that each side takes")
    parser.add_argument("--seed", type=int, default=0, help="seed of the random posts")
    parser.add_argument("--json", action="store_true", help="print one JSON object on one line")
    options = vars(parser.parse_args())
    as_json = options.pop("json")
    torch.set_num_threads(1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = measure(**options)
    if as_json:
        print(json.dumps(result))
    else:
        for name, value in result.items():
            print(f"{name:22s} {value:.4g}" if isinstance(value, float) else f"{name:22s} {value}")


if __name__ == "__main__":
    main()
