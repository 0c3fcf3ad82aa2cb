"""Every target of the fuzz harness takes some damaged inputs, and the harness finds faults."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from fuzz.targets import Target, all_targets
from fuzz.worker import fault_of, feed, input_of, limit_time, place_of

INPUTS = 12


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz")


@pytest.fixture(scope="module")
def targets(folder):
    limit_time()
    return all_targets(folder)


def test_damaged_inputs_end_in_errors_of_ours(targets, folder):
    faults = {}
    for target in targets:
        tried = feed(
            target, seed=1, numbers=range(INPUTS), folder=folder, seconds=60, faults=faults
        )
        assert tried == INPUTS
    assert {key: told for key, (_, _, told) in faults.items()} == {}


def test_valid_inputs_are_read(targets, folder):
    for target in targets:
        if target.name == "command":
            continue
        for seed in target.seeds[:1]:
            path = folder / f"valid{target.suffix}"
            path.write_bytes(seed)
            target.read(path)


def test_an_input_is_the_same_whenever_it_is_made(targets):
    for target in targets:
        assert input_of(target, 3, 5) == input_of(target, 3, 5)


def _loop(path):
    while path:
        pass


def _fail(path):
    return {}[path.read_bytes()]


def _tell(path):
    raise ValueError(f"bad\nvalue {path.read_bytes() * 1000!r}")


@pytest.mark.parametrize(
    ("read", "fault"), [(_fail, "KeyError"), (_tell, "BadMessageError"), (_loop, "TooSlowError")]
)
def test_a_fault_is_found(read, fault, tmp_path, monkeypatch):
    limit_time()
    monkeypatch.setattr("fuzz.worker.CPU_SECONDS", 0.2)
    path = tmp_path / "input"
    path.write_bytes(b"x")
    error = fault_of(Target("bad", [b"x"], read), path)
    assert type(error).__name__ == fault
    assert place_of(error).startswith(f"{fault} at test_fuzz.py:")


def test_the_command_tells_what_it_tried(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "fuzz", "--seconds", "1", "--seed", "4", "--target", "captions"],
        capture_output=True, text=True, check=True, cwd=tmp_path,
        env={"PYTHONPATH": ":".join(sys.path), "PATH": str(Path(sys.executable).parent)},
    )  # fmt: skip
    report = json.loads(done.stdout.splitlines()[-1])
    assert report["seed"] == 4
    assert report["total"] == report["inputs"]["captions"] > 0
    assert report["faults"] == {}
