import os
import subprocess
import sys

import yaml

from builders import tiny_run


def test_two_processes_train_one_model(tmp_path):
    """Posts one by one, half of them without a picture: the visual side is not in every batch."""
    config = tmp_path / "run.yaml"
    config.write_text(yaml.safe_dump(tiny_run(tmp_path, epochs=2, batch_size=1)), encoding="utf-8")
    launcher = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"]
    meeting = ["--rdzv-backend", "c10d", "--rdzv-endpoint", "127.0.0.1:0", "--local-addr"]
    command = [*launcher, *meeting, "127.0.0.1", "-m", "jmere", "train", str(config), "--json"]
    setting = {**os.environ, "ACCELERATE_USE_CPU": "1", "OMP_NUM_THREADS": "1"}
    run = subprocess.run(
        command, env=setting, capture_output=True, text=True, timeout=300, check=False
    )
    assert run.returncode == 0, run.stderr[-2000:]
    assert run.stdout.count("jmere") == 1  # one of the two tells
    rows = (tmp_path / "run" / "log.csv").read_text(encoding="utf-8").splitlines()
    assert len(rows) == 1 + 2
    assert (tmp_path / "run" / "model" / "model.safetensors").is_file()
