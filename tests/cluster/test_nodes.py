"""A cluster of several nodes, of which some die: each post is in the output once."""

import subprocess
import sys
from pathlib import Path

import pytest
from cluster_posts import lines, parts_of

from waiting import until

pytest.importorskip("ray", reason="needs the extra ray")
pytestmark = pytest.mark.soak

POSTS = 600


@pytest.fixture
def nodes():
    """The process of a cluster, and its address."""
    script = Path(__file__).with_name("two_nodes.py")
    with subprocess.Popen(
        [sys.executable, script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()
        process.stdin.close()


def test_nodes_that_die_lose_no_post(nodes, tmp_path):
    process, address = nodes
    file, out = tmp_path / "posts.jsonl", tmp_path / "out"
    file.write_text("".join(lines(POSTS)))
    alone = tmp_path / "alone.jsonl"
    command = [sys.executable, "-m", "jmere", "-q", "extract", str(file), "-o"]
    subprocess.run([*command, str(alone)], check=True)
    options = ["--engine", "ray", "--address", address, "--part-posts", "20"]
    with subprocess.Popen([*command, str(out), *options]) as run:
        # Both nodes of the beginning die, one after the other.
        for parts in (3, 10):
            until(lambda least=parts: len(list(out.glob("part-*.jsonl"))) >= least, seconds=300)
            process.stdin.write("\n")
            process.stdin.flush()
        try:
            assert run.wait(timeout=600) == 0
        finally:
            run.kill()
    assert parts_of(out) == alone.read_text()
