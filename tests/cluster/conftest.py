"""One small cluster for all tests that need one; it ends with them."""

import json
import logging
import os
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from cluster_posts import lines

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def store():
    """The variables of a server of S3 on this machine, where moto is installed."""
    if not all(map(find_spec, ("moto", "flask", "flask_cors", "s3fs"))):
        yield {}
        return
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    server.stop()


@pytest.fixture(scope="session")
def cluster(store):
    """A cluster of two processors, whose workers can import the loaders of the tests."""
    ray = pytest.importorskip("ray", reason="needs the extra ray")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in store.items():
            patch.setenv(name, value)
        patch.setenv("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
        patch.setenv("RAY_DATA_DISABLE_PROGRESS_BARS", "1")
        with pytest.MonkeyPatch.context() as workers:  # other tests start processes without it
            paths = [str(HERE), *(each for each in sys.path if each)]
            workers.setenv("PYTHONPATH", os.pathsep.join(paths))
            ray.init(
                address="local",
                num_cpus=2,
                include_dashboard=False,
                log_to_driver=False,
                logging_level=logging.ERROR,
                object_store_memory=100 << 20,
            )
        yield ray
        ray.shutdown()


@pytest.fixture
def folder(tmp_path):
    """Two files of 12 posts each."""
    posts = tmp_path / "posts"
    posts.mkdir()
    for number in (0, 1):
        (posts / f"{number}.jsonl").write_text("".join(lines(12, 12 * number)))
    return posts


@pytest.fixture(scope="session")
def alone():
    """The extractor of ``jmere extract`` in one process."""
    from jmere import Extractor
    from jmere.ray import ExtractorLoader

    loader = ExtractorLoader().within_folder()
    return Extractor.from_pretrained(visual=loader.visual)


@pytest.fixture(scope="session")
def expected(alone):
    """The lines of the results of all posts of ``folder``, by id."""
    from jmere.data.jsonl import post_from_json
    from jmere.data.predictions import extraction_to_json
    from jmere.terminal import json_line

    posts = [post_from_json(json.loads(line)) for line in lines(24)]
    found = alone.stream(posts)
    return {each.id: json_line(extraction_to_json(each)) + "\n" for each in found}
