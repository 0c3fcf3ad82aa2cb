"""Alignment of edges: what each form of the edge cost finds, and how far the solver gets.

Planted permutations: 200 random graphs per size, in which each pair of nodes is an edge with
probability 0.3, redrawn until every node has an edge and no two are exchangeable; node vectors
of width 16; a permuted copy with noise; edges alone (alpha 0), from an even start. ``recovered_N``
is the share of the nodes of graphs of N nodes whose row of the plan peaks at its copy.

Posts with captioned pictures (the bundled samples, or ``--posts`` with ``alt_text``): the share of
the objects' edges that lands on edges of words (``edge_share``), and the share of the reachable
decrease of the cost that the default steps reach (``reached``, median). The reference is the
best of several starts of POT's conditional gradient. Vectors are those of an encoder of the
bundled model's vocabulary (``--encoder all-MiniLM-L6-v2``, say), labels by their embeddings.

``ratio`` is the time over that of the letter's form with the same steps, ``ratio_old`` over the
letter's with the 5 steps of earlier versions, on batches of the size of ``step.py``'s.

    python benchmarks/edges.py --json
"""

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np  # noqa: E402
import ot  # noqa: E402
import torch  # noqa: E402
from numpy.typing import NDArray  # noqa: E402
from torch import Tensor  # noqa: E402
from transformers import AutoModel  # noqa: E402

import jmere  # noqa: E402
from jmere.align import cosine_distance, edge_share, uniform_mass  # noqa: E402
from jmere.align.edges import edge_cost  # noqa: E402
from jmere.align.transport import Masses  # noqa: E402
from jmere.data.jsonl import read_posts  # noqa: E402
from jmere.inputs.prepare import windows_of  # noqa: E402
from jmere.layers.encoder import WordEncoder  # noqa: E402
from jmere.layers.graph_matching import GraphAligner, GraphMatch  # noqa: E402
from jmere.layers.tensor_batch import TensorBatch  # noqa: E402
from jmere.models.eega import EegaConfig, aligner_of  # noqa: E402
from jmere.pretrained.encoders import find_encoder  # noqa: E402
from jmere.tagger.tagger import Tagger  # noqa: E402

GRAPHS, EDGES, WIDTH = 200, 0.3, 16
SIZES, NOISES = (6, 10), (0.0, 0.1, 0.3)
EARLIER = {"edge_form": "letter", "edge_start": "even", "edge_relative": False, "edge_steps": 5}
Plan = NDArray[np.float64]


@dataclass(frozen=True)
class Graphs:
    """The two graphs of each post, as an aligner takes them."""

    objects: Tensor
    words: Tensor
    object_mask: Tensor
    word_mask: Tensor
    relations: Tensor
    dependencies: Tensor

    def match(self, aligner: GraphAligner) -> GraphMatch:
        """Align all of them."""
        return aligner(**vars(self))

    def __getitem__(self, some: slice) -> "Graphs":
        return Graphs(*(value[some] for value in vars(self).values()))


def random_graph(draw: np.random.Generator, nodes: int) -> NDArray[np.bool_]:
    """A graph without lonely nodes, and without two nodes that have the same neighbours."""
    while True:
        upper = np.triu(draw.random((nodes, nodes)) < EDGES, 1)
        graph = upper | upper.T
        if graph.any(axis=1).all() and not any(exchangeable(graph)):
            return graph


def exchangeable(graph: NDArray[np.bool_]) -> Iterator[bool]:
    """Whether exchanging two nodes leaves the graph as it is, for each pair of them."""
    for first in range(len(graph)):
        for second in range(first):
            others = np.delete(np.arange(len(graph)), [first, second])
            yield bool((graph[first, others] == graph[second, others]).all())


def planted(nodes: int, noise: float, *, seed: int, graphs: int = GRAPHS) -> tuple[Graphs, Tensor]:
    """Random graphs beside permuted copies of them, and the copy of each node."""
    draw = np.random.default_rng(seed)
    adjacency = np.stack([random_graph(draw, nodes) for _ in range(graphs)])
    copies = np.stack([draw.permutation(nodes) for _ in range(graphs)])
    vectors = draw.standard_normal((graphs, nodes, WIDTH))
    copied, linked = np.empty_like(vectors), np.empty_like(adjacency)
    loops = np.eye(nodes, dtype=bool)
    for graph, copy in enumerate(copies):
        copied[graph, copy] = vectors[graph]
        linked[graph][np.ix_(copy, copy)] = adjacency[graph]
    copied += noise * draw.standard_normal(copied.shape)
    every = torch.ones(graphs, nodes, dtype=torch.bool)
    return Graphs(
        torch.from_numpy(vectors).float(),
        torch.from_numpy(copied).float(),
        every,
        every,
        torch.from_numpy(adjacency | loops).to(torch.uint8),
        torch.from_numpy(linked | loops).to(torch.uint8),
    ), torch.from_numpy(copies)


def recovered(config: EegaConfig, nodes: int, noise: float, *, seed: int) -> float:
    """Share of the nodes whose row of the plan peaks at their copy, by edges alone."""
    graphs, copies = planted(nodes, noise, seed=seed)
    # Copies are alike, so that a start from the nodes' plan would give them away.
    plan = graphs.match(aligner_of(replace(config, alpha=0.0, edge_start="even"))).plan
    return float((plan.argmax(dim=2) == copies).float().mean())


def graphs_of_posts(path: Path, encoder_name: str | None, limit: int) -> Graphs:
    """The graphs of posts whose caption speaks of two objects or more."""
    tagger = Tagger.from_pretrained("default")
    prepared = windows_of(tagger.prepare(list(read_posts(path))[:limit]))
    batch = TensorBatch.of(tagger.batch([each for each in prepared if len(each.scene.objects) > 1]))
    encoder: Any = tagger.network.encoder
    if encoder_name is not None:
        transformer = AutoModel.from_pretrained(find_encoder(encoder_name), dtype=torch.float32)
        encoder = WordEncoder(transformer.eval())
    with torch.inference_mode():
        return Graphs(
            encoder.label_vectors(batch.label_pieces),
            encoder(batch),
            batch.object_mask,
            batch.word_mask,
            batch.relations,
            batch.dependencies,
        )


def mean_edge_share(graphs: Graphs, plan: Tensor) -> float:
    """Mean of ``edge_share`` over the posts whose objects have edges."""
    found = edge_share(plan.float(), graphs.relations > 0, graphs.dependencies > 0)
    return float(found.nanmean())


def shares_reached(config: EegaConfig, graphs: Graphs, *, starts: int) -> list[float]:
    """Share of the reachable decrease that the aligner reaches in each post; 1 if there is none."""
    aligner = aligner_of(replace(config, alpha=0.0))
    found = graphs.match(aligner).plan
    shares = []
    for post in range(len(found)):
        one = graphs[post : post + 1]
        rows, columns = int(one.object_mask.sum()), int(one.word_mask.sum())
        masses = Masses.of(
            uniform_mass(one.object_mask)[:, :rows],
            uniform_mass(one.word_mask)[:, :columns],
            torch.float64,
        )
        cost = edge_cost(
            cosine_distance(one.objects, one.objects)[:, :rows, :rows].double(),
            cosine_distance(one.words, one.words)[:, :columns, :columns].double(),
            one.relations[:, :rows, :rows] > 0,
            one.dependencies[:, :columns, :columns] > 0,
            masses,
            form=config.edge_form,
            far=config.edge_far,
            loss=config.edge_loss,
        )

        def product_with(plan: Plan, cost: Callable[[Tensor], Tensor] = cost) -> Plan:
            return cost(torch.from_numpy(plan)[None])[0].numpy()

        independent = masses.product()[0].numpy()
        first = _value(product_with, independent)
        ours = _value(product_with, found[post, :rows, :columns].double().numpy())
        best = min(ours, *lowest(product_with, independent, starts=starts, seed=post))
        shares.append((first - ours) / (first - best) if first - best > 1e-6 else 1.0)
    return shares


def lowest(
    product_with: Callable[[Plan], Plan], independent: Plan, *, starts: int, seed: int
) -> Iterator[float]:
    """The costs that POT's conditional gradient comes to from several starts."""
    draw = np.random.default_rng(seed)
    rows, columns = independent.sum(axis=1), independent.sum(axis=0)
    rows, columns = rows / rows.sum(), columns / columns.sum()

    def exact(
        _cost: object,
        plan: Plan,
        step: Plan,
        _slope: object,
        value: float,
        *_: object,
        **__: object,
    ) -> tuple[float, int, float]:
        bend, slope = _value(product_with, step), 2 * float((product_with(plan) * step).sum())
        length = ot.optim.solve_1d_linesearch_quad(bend, slope)
        return length, 1, value + bend * length**2 + slope * length

    for start in range(starts):
        prices = draw.random(independent.shape)
        smooth = ot.sinkhorn(rows, columns, prices, 0.1)
        sharp = ot.emd(rows, columns, prices)
        plan = ot.optim.cg(
            rows,
            columns,
            np.zeros_like(independent),
            1.0,
            lambda plan: _value(product_with, plan),
            lambda plan: 2 * product_with(plan),
            G0=(independent, smooth, sharp)[min(start, 1 + start % 2)],
            line_search=exact,
        )
        yield _value(product_with, plan)


def _value(product_with: Callable[[Plan], Plan], plan: Plan) -> float:
    return float((product_with(plan) * plan).sum())


def seconds(configs: dict[str, EegaConfig], repeats: int) -> dict[str, float]:
    """Median seconds of a forward and backward of each aligner, in turns, on one batch."""
    graphs = step_batch()
    taken: dict[str, list[float]] = {name: [] for name in configs}
    for turn in range(repeats + 1):
        for name, config in configs.items():
            objects = graphs.objects.clone().requires_grad_()
            started = time.perf_counter()
            replace(graphs, objects=objects).match(aligner_of(config)).cost.sum().backward()
            if turn:
                taken[name].append(time.perf_counter() - started)
    return {name: statistics.median(times) for name, times in taken.items()}


def step_batch(posts: int = 4, objects: int = 10, words: int = 70, hidden: int = 768) -> Graphs:
    """Posts as in ``step.py``: a chain of words, a sparse graph of objects."""
    draw = torch.Generator().manual_seed(0)
    index = torch.arange(words)
    chain = ((index[:, None] - index).abs() <= 1).to(torch.uint8)
    linked = torch.rand(posts, objects, objects, generator=draw) < 0.2
    relations = (linked | linked.mT | torch.eye(objects, dtype=torch.bool)).to(torch.uint8)
    return Graphs(
        torch.randn(posts, objects, hidden, generator=draw),
        torch.randn(posts, words, hidden, generator=draw),
        torch.ones(posts, objects, dtype=torch.bool),
        torch.ones(posts, words, dtype=torch.bool),
        relations,
        chain.repeat(posts, 1, 1),
    )


def measure(
    posts: Path, *, encoder: str | None, form: str, limit: int, starts: int, repeats: int
) -> dict[str, Any]:
    """Everything of one form, with the default steps."""
    config = EegaConfig(edge_form=form)  # type: ignore[arg-type]
    taken = seconds(
        {
            "ours": config,
            "letter": replace(config, edge_form="letter"),
            "old": EegaConfig(**EARLIER),
        },
        repeats,
    )
    graphs = graphs_of_posts(posts, encoder, limit)
    plan = graphs.match(aligner_of(replace(config, alpha=0.0))).plan
    masses = Masses.of(
        uniform_mass(graphs.object_mask), uniform_mass(graphs.word_mask), torch.float32
    )
    reached = shares_reached(config, graphs, starts=starts)
    found = {
        f"recovered_{nodes}" + (f"_noise_{noise}" if noise else ""): recovered(
            config, nodes, noise, seed=0
        )
        for noise in NOISES
        for nodes in SIZES
    }
    return {
        "name": "edges",
        "form": form,
        "ratio": taken["ours"] / taken["letter"],
        "ratio_old": taken["ours"] / taken["old"],
        "seconds": taken["ours"],
        "reference_seconds": taken["letter"],
        **found,
        "edge_share": mean_edge_share(graphs, plan),
        "edge_share_independent": mean_edge_share(graphs, masses.product()),
        "reached": statistics.median(reached),
        "reached_lowest_tenth": float(np.quantile(reached, 0.1)),
        "posts": len(plan),
        "steps": [config.edge_steps, config.edge_inner_steps],
    }


def main() -> None:
    """Read the options, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    samples = Path(jmere.__file__).parent / "bundled" / "samples" / "posts.jsonl"
    parser.add_argument("--posts", type=Path, default=samples, help="JSON Lines with alt_text")
    parser.add_argument("--encoder", help="as in a run file; the bundled model's if not given")
    parser.add_argument("--form", choices=["far", "product", "letter"], default="far")
    parser.add_argument("--limit", type=int, default=100, help="most posts that are read")
    parser.add_argument("--starts", type=int, default=6, help="of the conditional gradient")
    parser.add_argument("--repeats", type=int, default=9, help="turns that each side takes")
    parser.add_argument("--json", action="store_true", help="print one JSON object on one line")
    options = vars(parser.parse_args())
    as_json = options.pop("json")
    torch.set_num_threads(1)
    result = measure(**options)
    if as_json:
        print(json.dumps(result))
    else:
        for name, value in result.items():
            print(f"{name:24s} {value:.4g}" if isinstance(value, float) else f"{name:24s} {value}")


if __name__ == "__main__":
    main()
