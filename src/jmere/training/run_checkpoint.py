"""The checkpoint of a run: all that a resumed training needs, in safetensors and JSON.

There is no pickle in it, and none is read.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.optim.lr_scheduler import LambdaLR

from jmere.config import parse_config
from jmere.errors import one_line
from jmere.files.folders import check_replaceable, mark, remove_folder, replace_folder
from jmere.files.whole import write_json
from jmere.tagger.weights import load_weights, save_weights, write_tensors
from jmere.training.ema import AVERAGE, WeightAverage
from jmere.training.selection import Progress

WEIGHTS, OPTIMIZER, STATE = "model.safetensors", "optimizer.safetensors", "state.json"


class RunCheckpoint:
    """The last finished epoch of a run, in a folder that is replaced whole."""

    def __init__(
        self,
        folder: Path,
        *,
        accelerator: Accelerator,
        network: nn.Module,
        optimizer: Any,
        schedule: LambdaLR,
        average: WeightAverage,
    ) -> None:
        self.folder = folder
        self._accelerator, self._network, self._optimizer = accelerator, network, optimizer
        self._schedule, self._average = schedule, average

    def save(self, progress: Progress) -> None:
        """Replace the checkpoint by the present state; one is always whole.

        Raises:
            OSError: If it cannot be written; the one before is then kept.
        """
        new = self.folder.with_name(f"{self.folder.name}.new")
        if self._accelerator.is_main_process:
            remove_folder(new)  # of a run that was killed while it wrote
            new.mkdir(parents=True)
            mark(new, complete=False)
        self._accelerator.wait_for_everyone()
        write_json(self._random_file(new), random_states(self._accelerator.device))
        self._accelerator.wait_for_everyone()
        if self._accelerator.is_main_process:
            save_weights(self._network.state_dict(), new / WEIGHTS, "float32")
            write_tensors(_optimizer_tensors(self._optimizer), new / OPTIMIZER)
            self._average.save(new)
            scaler = self._accelerator.scaler
            state = {
                "progress": asdict(progress),
                "steps": self._schedule.last_epoch,
                "scaler": None if scaler is None else scaler.state_dict(),
            }
            write_json(new / STATE, state)
            replace_folder(new, self.folder)
        self._accelerator.wait_for_everyone()

    def load(self) -> Progress:
        """Go back to the state that was saved; how far the run was.

        The learning rates are those of the present schedule at the step that was reached.

        Raises:
            ValueError: If a file is missing or damaged, or of another program or version.
        """
        self._check_folder()
        with self._reading(WEIGHTS):
            self._network.load_state_dict(load_weights(self.folder / WEIGHTS))
        with self._reading(OPTIMIZER):
            tensors = load_file(self.folder / OPTIMIZER)
            _fill_optimizer(self._optimizer, tensors)
        with self._reading(AVERAGE):
            self._average.load(self.folder)
        with self._reading(STATE):
            state = json.loads((self.folder / STATE).read_text(encoding="utf-8"))
            progress = parse_config(Progress, state["progress"])
            self._to_step(int(state["steps"]))
            if self._accelerator.scaler is not None:
                self._accelerator.scaler.load_state_dict(state["scaler"])
        path = self._random_file(self.folder)
        with self._reading(path.name):
            states = json.loads(path.read_text(encoding="utf-8"))
            set_random_states(states, self._accelerator.device)
        return progress

    def _random_file(self, folder: Path) -> Path:
        return folder / f"random_states_{self._accelerator.process_index}.json"

    def _to_step(self, steps: int) -> None:
        schedule = self._schedule
        schedule.last_epoch = steps
        rates = [
            base * share(steps)
            for base, share in zip(schedule.base_lrs, schedule.lr_lambdas, strict=True)
        ]
        for group, rate in zip(self._optimizer.param_groups, rates, strict=True):
            group["lr"] = rate

    def _check_folder(self) -> None:
        if (self.folder / "optimizer.bin").exists() and not (self.folder / OPTIMIZER).exists():
            raise ValueError(
                f"{self.folder}: written by an earlier version, as pickles, which are not read; "
                f"{self._advice()}"
            )
        check_replaceable(self.folder)  # now, not when the next epoch is saved

    def _advice(self) -> str:
        return (
            "remove this folder and --resume trains from the start, "
            "or continue from the best model in a new output folder (key: begin)"
        )

    @contextmanager
    def _reading(self, name: str) -> Iterator[None]:
        try:
            yield
        except (SafetensorError, ValueError, LookupError, TypeError, RuntimeError, OSError) as e:
            missing = not (self.folder / name).exists()
            what = "missing" if missing else f"damaged or of another run ({one_line(e)})"
            raise ValueError(f"{self.folder / name}: {what}; {self._advice()}") from None


def _optimizer_tensors(optimizer: Any) -> dict[str, Tensor]:
    """The state of each parameter, under ``NUMBER.NAME``."""
    return {
        f"{number}.{name}": torch.as_tensor(value)
        for number, values in optimizer.state_dict()["state"].items()
        for name, value in values.items()
    }


def _fill_optimizer(optimizer: Any, tensors: dict[str, Tensor]) -> None:
    """Give each parameter its state again; rates and decay stay those of the config.

    Raises:
        ValueError: If a tensor has no parameter of its shape.
    """
    parameters = [each for group in optimizer.param_groups for each in group["params"]]
    state: dict[int, dict[str, Tensor]] = {}
    for key, tensor in tensors.items():
        number, _, name = key.partition(".")
        if tensor.dim() and tensor.shape != parameters[int(number)].shape:
            raise ValueError(f"{key} does not fit the model")
        state.setdefault(int(number), {})[name] = tensor
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": state, "param_groups": groups})


def random_states(device: torch.device) -> dict[str, Any]:
    """The states of all generators that a training draws from, as JSON values."""
    states: dict[str, Any] = {
        "python": random.getstate(),
        "torch": torch.get_rng_state().numpy().tobytes().hex(),
    }
    if device.type != "cpu":
        own: Tensor = torch.get_device_module(device).get_rng_state()
        states["device"] = own.cpu().numpy().tobytes().hex()
    return states


def set_random_states(states: dict[str, Any], device: torch.device) -> None:
    """Go back to states that ``random_states`` gave.

    Raises:
        ValueError: If they are no such states; ``LookupError`` and ``TypeError`` likewise.
    """
    version, keys, gauss = states["python"]
    random.setstate((version, tuple(keys), gauss))
    torch.set_rng_state(_bytes(states["torch"]))
    if device.type != "cpu" and "device" in states:
        torch.get_device_module(device).set_rng_state(_bytes(states["device"]))


def _bytes(digits: str) -> Tensor:
    return torch.frombuffer(bytearray.fromhex(digits), dtype=torch.uint8)
