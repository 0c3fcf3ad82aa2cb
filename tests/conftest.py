"""What every test may ask for; shapes and types are checked while the tests run."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import settings
from jaxtyping import config, install_import_hook

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ["JMERE_OFFLINE"] = "1"
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
install_import_hook("jmere", "typecheck.checked")

# A machine under load is no fault of the code: no example has a time limit.
settings.register_profile("jmere", deadline=None)
settings.load_profile("jmere")

LONG = (
    *("tests/cluster", "tests/test_install.py", "tests/reliability", "tests/serve/page"),
    *("tests/training/test_team.py", "tests/fuzz"),
)
"""Files and folders whose tests begin first, so that none of them runs alone at the end."""


def group_of(nodeid):
    """The tests that run in one process: those of a file, or of a folder that shares more."""
    path = Path(nodeid.partition("::")[0])
    return next((long for long in LONG if path.is_relative_to(long)), path.as_posix())


def pytest_collection_modifyitems(items):
    """Begin with what takes longest."""
    places = {long: place for place, long in enumerate(LONG)}
    items.sort(key=lambda item: places.get(group_of(item.nodeid), len(LONG)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Let tests of a group run in one process: a cluster, server or model is made once.

    xdist's own groups are of no effect with pytest 9: each process made all of them.
    """
    from xdist.scheduler import LoadScopeScheduling

    class ByGroup(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return group_of(nodeid)

    return ByGroup(config, log)


@pytest.fixture
def as_users_call():
    """The package as users have it: wrong types are for the package itself to find."""
    config.update("jaxtyping_disable", True)
    yield
    config.update("jaxtyping_disable", False)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of data sets beside the checkout, which only developers and CI have."""
    folder = Path(os.environ.get("JMERE_SHARED", Path(__file__).parents[2] / "shared"))
    if not folder.is_dir():
        pytest.skip(f"needs the data sets in {folder} (or $JMERE_SHARED)")
    return folder


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory):
    """Tests neither find what a user's cache holds nor leave anything there."""
    os.environ["JMERE_CACHE"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def tiny_detector(tmp_path_factory) -> Path:
    """The weights of a tiny YOLOX that sees nonsense, but always the same."""
    from tiny_yolox import write_yolox

    return write_yolox(tmp_path_factory.mktemp("weights") / "tiny.onnx")


@pytest.fixture(scope="session")
def trained_run(tmp_path_factory):
    """A tiny EEGA that knows eight posts by heart: its run's values and its dev scores."""
    from builders import tiny_run
    from jmere.training.run import train
    from jmere.training.run_config import RunConfig

    values = tiny_run(
        tmp_path_factory.mktemp("run"), epochs=60, patience=60, batch_size=8, gradient_clip=5.0
    )
    return values, train(RunConfig.parse(values))


@pytest.fixture(scope="session")
def tiny_model(trained_run) -> Path:
    """The folder of that model."""
    return Path(trained_run[0]["output"]) / "model"


@pytest.fixture(scope="session")
def wheel(tmp_path_factory) -> Path:
    """A wheel of the package."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--retries",
        "0",
        "--timeout",
        "9",
    ]
    own = ["--no-build-isolation"] if find_spec("hatchling") else []
    command += [*own, "-w", str(folder), str(Path(__file__).parents[1])]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode and not own:
        pytest.skip("needs hatchling, or the network to fetch it, to build the wheel")
    assert done.returncode == 0, done.stderr
    return next(folder.glob("*.whl"))
