"""Every run file's model can be built, whatever the encoder, and tags a batch."""

from pathlib import Path

import pytest
import torch

from builders import SIZES, random_batch, tiny_encoder
from jmere.config import load_yaml
from jmere.models.registry import FUSIONS, RECIPES
from jmere.training.run_config import RunConfig

CONFIGS = Path(__file__).parents[2] / "configs"
RUNS = sorted([*CONFIGS.glob("*.yaml"), *CONFIGS.glob("runs/*.yaml")])


@pytest.mark.parametrize("path", RUNS, ids=lambda path: path.stem)
def test_the_model_of_every_config_is_built(path):
    model = RunConfig.parse(load_yaml(path)).model.build(tiny_encoder(hidden=24), SIZES).eval()
    with torch.no_grad():
        assert model(random_batch([4, 2], [3, 0])).scores.shape == (2, 4, 4, SIZES.tags)


def test_every_model_and_every_pipeline_of_table_1_has_a_config():
    names = {path.stem for path in CONFIGS.glob("*.yaml")}
    assert set(FUSIONS) <= names
    assert {f"{name}_mega" for name in ("adapcoatt", "ocsga", "agban", "umgf", "maf")} <= names
    used = {load_yaml(path)["model"]["name"] for path in CONFIGS.glob("*.yaml")}
    assert used == set(RECIPES)
