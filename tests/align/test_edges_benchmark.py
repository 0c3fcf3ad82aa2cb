"""The evidence for the form of the edge cost, by the benchmark that gathers it."""

import json
import runpy
import statistics
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from jmere.align import uniform_mass
from jmere.align.transport import Masses
from jmere.models.eega import EegaConfig, aligner_of

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "edges.py"


@pytest.fixture(scope="module")
def bench():
    return runpy.run_path(str(BENCHMARK))


def test_random_graphs_have_no_lonely_and_no_exchangeable_nodes(bench):
    draw = np.random.default_rng(1)
    for _ in range(20):
        graph = bench["random_graph"](draw, 6)
        assert graph.any(axis=1).all()
        assert (graph == graph.T).all()
        rows = {tuple(np.delete(row, place)) for place, row in enumerate(graph)}
        assert len(rows) > 1
    star = np.zeros((4, 4), dtype=bool)
    star[0, 1:] = star[1:, 0] = True
    assert any(bench["exchangeable"](star))
    path = np.eye(4, k=1, dtype=bool) | np.eye(4, k=-1, dtype=bool)
    assert not any(bench["exchangeable"](path))


def test_the_copies_of_planted_graphs_are_copies(bench):
    graphs, copies = bench["planted"](6, 0.0, seed=3, graphs=4)
    for graph, copy in enumerate(copies):
        assert torch.equal(graphs.words[graph, copy], graphs.objects[graph])
        moved = graphs.dependencies[graph][copy][:, copy]
        assert torch.equal(moved, graphs.relations[graph])


@pytest.mark.parametrize("nodes", [6, 10])
@pytest.mark.parametrize("form", ["far", "product"])
def test_planted_permutations_of_sparse_graphs_are_found(bench, form, nodes):
    config = EegaConfig(edge_form=form)
    assert bench["recovered"](config, nodes, 0.0, seed=0) >= 0.99
    assert bench["recovered"](config, nodes, 0.1, seed=0) >= 0.99


def test_the_letter_of_equation_6_does_not_find_them(bench):
    config = EegaConfig(edge_form="letter")
    assert bench["recovered"](config, 10, 0.0, seed=0) < 0.6


@pytest.fixture(scope="module")
def captioned(shared, tmp_path_factory):
    """Real posts, each with a caption of its picture."""
    from jmere.data.jsonl import write_posts
    from jmere.data.readers.mnre import read_mnre
    from jmere.data.transforms import with_captions

    with (shared / "data" / "captions" / "mnre_v2_val.jsonl").open(encoding="utf-8") as lines:
        captions = {row["image"]: row["llava_next"] for row in map(json.loads, lines)}
    posts = list(read_mnre(shared / "data" / "mnre" / "mnre_val.txt", merge="v1"))[:40]
    path = tmp_path_factory.mktemp("captioned") / "posts.jsonl"
    write_posts(path, with_captions(posts, captions))
    return path


def test_on_real_posts_the_solver_comes_near_the_best(bench, captioned):
    graphs = bench["graphs_of_posts"](captioned, None, 40)
    config = EegaConfig()
    masses = Masses.of(
        uniform_mass(graphs.object_mask), uniform_mass(graphs.word_mask), torch.float32
    )
    independent = bench["mean_edge_share"](graphs, masses.product())
    plan = graphs.match(aligner_of(EegaConfig(alpha=0.0))).plan
    assert bench["mean_edge_share"](graphs, plan) > 1.3 * independent
    assert statistics.median(bench["shares_reached"](config, graphs, starts=4)) >= 0.8


def test_the_benchmark_prints_one_line_in_which_edges_lie_on_edges():
    options = ["--json", "--repeats", "1", "--starts", "2", "--limit", "4"]
    done = subprocess.run(
        [sys.executable, str(BENCHMARK), *options], capture_output=True, text=True, check=True
    )
    (line,) = done.stdout.splitlines()
    result = json.loads(line)
    assert result["name"] == "edges"
    assert result["recovered_6"] >= 0.99
    assert result["recovered_10"] >= 0.99
    assert result["edge_share"] > result["edge_share_independent"]
    assert result["reached"] >= 0.8
    assert result["ratio"] == result["seconds"] / result["reference_seconds"]


def test_a_plan_of_everything_to_everything_has_the_independent_share(bench):
    graphs, _ = bench["planted"](6, 0.0, seed=2, graphs=5)
    masses = Masses.of(
        uniform_mass(graphs.object_mask), uniform_mass(graphs.word_mask), torch.float32
    )
    share = bench["mean_edge_share"](graphs, masses.product())
    density = (graphs.dependencies.float().sum(dim=(1, 2)) - 6) / 36
    assert share == pytest.approx(float(density.mean()), abs=1e-5)
    found = graphs.match(aligner_of(EegaConfig(alpha=0.0))).plan
    assert bench["mean_edge_share"](graphs, found) > 0.9
