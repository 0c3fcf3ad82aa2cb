"""Every run file's model, and every row of the paper's tables, is built and tags a batch."""

from pathlib import Path

import pytest
import torch

from builders import SIZES, random_batch, tiny_encoder
from jmere.bench.paper import TABLE1, TABLE2
from jmere.bench.plan import plan
from jmere.files.packaged import find_config
from jmere.training.run_config import RunConfig
from jmere.training.run_file import load_run

RUNS = sorted((Path(__file__).parents[2] / "configs" / "runs").glob("*.yaml"))
BASE = load_run(find_config("table1", "runs"))
JOBS = plan((*TABLE1.rows, *TABLE2.rows), BASE, seeds=[1], output=Path("runs")).jobs


def check_builds(config):
    model = config.model.build(tiny_encoder(hidden=24), SIZES).eval()
    with torch.no_grad():
        assert model(random_batch([4, 2], [3, 0])).scores.shape == (2, 4, 4, SIZES.tags)


@pytest.mark.parametrize("path", RUNS, ids=lambda path: path.stem)
def test_the_model_of_every_run_file_is_built(path):
    check_builds(RunConfig.parse(load_run(path)))


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.row.folder)
def test_the_model_of_every_row_is_built(job):
    check_builds(job.config)
