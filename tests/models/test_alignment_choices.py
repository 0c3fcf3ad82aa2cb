"""The choices of EEGA's alignment, and how models trained before them are read."""

import json

import pytest
import torch

from builders import random_batch
from jmere.layers.graph_matching import GraphAligner
from jmere.models.eega import EegaConfig, aligner_of
from jmere.models.registry import ModelConfig
from jmere.tagger.tagger import Tagger

DIRECTIONS = {"a": [1.0, 0.0], "b": [0.0, 1.0]}


def match(config: EegaConfig, objects: str, words: str, linked: bool = True):
    """Objects and words in one of two directions, all of a side linked or none."""
    aligner: GraphAligner = aligner_of(config)
    sides = [torch.tensor([[DIRECTIONS[each] for each in side]]) for side in (objects, words)]
    masks = [torch.ones(side.shape[:2], dtype=torch.bool) for side in sides]
    types = [
        (torch.ones if linked else torch.zeros)(1, len(m[0]), len(m[0]), dtype=torch.uint8)
        for m in masks
    ]
    return aligner(
        *sides,
        object_mask=masks[0],
        word_mask=masks[1],
        relations=types[0],
        dependencies=types[1],
    )


def test_entropy_keeps_the_plan_of_sinkhorn_smooth():
    """Of two by two nodes at cosine distance 0 or 1 the plan is softmax-like, in closed form."""
    choices = {"alpha": 1.0, "node_epsilon": 0.5, "node_steps": 200}
    smooth = match(EegaConfig(node_solver="sinkhorn", **choices), "ab", "ab")
    like = torch.tensor(-1 / 0.5).exp()
    torch.testing.assert_close(
        smooth.plan[0], torch.tensor([[1, like], [like, 1]]) / (2 * (1 + like)), atol=1e-4, rtol=0
    )
    torch.testing.assert_close(smooth.cost[0], like / (1 + like), atol=1e-4, rtol=0)
    sharp = match(EegaConfig(node_solver="ipot", **choices), "ab", "ab")
    torch.testing.assert_close(sharp.plan[0], torch.eye(2) / 2, atol=1e-4, rtol=0)
    assert sharp.cost[0] < 1e-4


@pytest.mark.parametrize(("form", "cost"), [("far", 1.0), ("product", 0.0), ("letter", 0.0)])
def test_unlinked_words_cost_what_the_form_says(form, cost):
    """Two objects that are not linked beside one word: 0 or 2 apart, half each."""
    config = EegaConfig(alpha=0.0, edge_form=form)
    assert match(config, "ab", "a", linked=False).cost.item() == pytest.approx(cost, abs=1e-6)


def test_the_fixed_distance_is_a_choice():
    config = EegaConfig(alpha=0.0, edge_form="far", edge_far=0.5)
    assert match(config, "ab", "a", linked=False).cost.item() == pytest.approx(0.25, abs=1e-6)


def test_among_equal_edges_nodes_decide():
    """Objects and words are a pair each, linked: edges alone cannot tell which is which."""
    crossed = match(EegaConfig(alpha=0.0), "ab", "ba").plan[0]
    assert crossed.argmax(dim=1).tolist() == [1, 0]
    even = match(EegaConfig(alpha=0.0, edge_start="even"), "ab", "ba").plan[0]
    torch.testing.assert_close(even, torch.full((2, 2), 0.25))


def test_it_is_told_which_plans_came_to_rest():
    batch = random_batch([7, 3, 5], [4, 2, 0])
    aligner = aligner_of(EegaConfig())
    found = aligner(
        torch.randn(3, 4, 8),
        torch.randn(3, 7, 8),
        object_mask=batch.object_mask,
        word_mask=batch.word_mask,
        relations=batch.relations,
        dependencies=batch.dependencies,
    )
    assert found.converged.keys() == {"nodes", "edges"}
    assert found.converged["edges"][2]  # nothing to move


OLD = {"name": "eega", "edge_epsilon": 0.1, "edge_steps": 5, "edge_inner_steps": 20}


def test_a_model_without_an_edge_form_is_read_as_it_was_trained():
    choices = ModelConfig.parse_trained(OLD).choices
    assert (choices.edge_form, choices.edge_start) == ("letter", "even")
    assert (choices.edge_relative, choices.edge_steps) == (False, 5)
    assert ModelConfig.parse(OLD).choices.edge_form == "far"
    assert ModelConfig.parse_trained({"name": "text"}) == ModelConfig.parse({"name": "text"})


def test_a_model_with_one_is_read_as_it_says():
    written = ModelConfig.parse({"name": "eega"}).to_json()
    assert ModelConfig.parse_trained(written) == ModelConfig.parse({"name": "eega"})


def test_an_old_folder_aligns_as_before(tiny_model, tmp_path):
    """A folder whose config lacks the newer keys: the plan is the letter's from an even start."""
    folder = tmp_path / "old"
    folder.mkdir()
    for file in tiny_model.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    config = json.loads((folder / "config.json").read_text())
    for key in ("node_solver", "edge_form", "edge_far", "edge_start", "edge_relative"):
        del config["model"][key]
    (folder / "config.json").write_text(json.dumps(config))
    aligner = Tagger.from_pretrained(folder).network.aligner
    assert (aligner.edge_form, aligner.edge_start, aligner.edge_relative) == (
        "letter",
        "even",
        False,
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"edge_far": 0.0}, r"model\.edge_far must be positive, got 0\.0"),
        ({"edge_epsilon": -1.0}, r"model\.edge_epsilon must be positive"),
        ({"edge_steps": 0}, r"model\.edge_steps must be at least 1"),
    ],
)
def test_a_choice_out_of_range_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        EegaConfig(**change)
