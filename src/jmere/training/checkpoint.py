"""Checkpoints of a training: all that a resumed one needs, in safetensors and JSON.

There is no pickle in a checkpoint, and none is read.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields, is_dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import torch
from accelerate import Accelerator
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.optim.lr_scheduler import LambdaLR

from jmere.config import parse_config
from jmere.errors import one_line
from jmere.files.durable import naming
from jmere.files.folders import (
    check_replaceable,
    mark,
    recover_folder,
    remove_folder,
    replace_folder,
)
from jmere.files.whole import write_json
from jmere.tagger.weights import load_weights, save_weights, write_tensors
from jmere.training.ema import AVERAGE, WeightAverage

WEIGHTS, OPTIMIZER, STATE = "model.safetensors", "optimizer.safetensors", "state.json"

OLD_WEIGHTS, OLD_RANDOM = "network.safetensors", "random.safetensors"
"""Files of the encoder adaptations of version 0.1, which are read but no longer written."""

P = TypeVar("P")


class Checkpoint(Generic[P]):
    """The last saved state of a training, in a folder that is replaced as a whole.

    Contains the weights, the optimizer, the step of the schedule, the random states of each
    process, and the progress of the loop: a dataclass of JSON values.
    """

    def __init__(
        self,
        folder: Path,
        progress: type[P],
        *,
        accelerator: Accelerator,
        network: nn.Module,
        optimizer: Any,
        schedule: LambdaLR,
        average: WeightAverage | None = None,
        generator: torch.Generator | None = None,
        advice: str = "remove this folder and --resume trains from the start",
    ) -> None:
        """Name what is saved and restored.

        Args:
            folder: Where the checkpoint is.
            progress: Class of the loop's own state.
            accelerator: The processes; the first one writes.
            network: The weights, not wrapped for several processes.
            optimizer: Its state of each parameter; rates and decay come from the config.
            schedule: Its step.
            average: A moving average of the weights.
            generator: A generator of the loop, saved besides the global ones.
            advice: End of each error: the way out.
        """
        self.folder = folder
        self._type, self._advice = progress, advice
        self._accelerator, self._network, self._optimizer = accelerator, network, optimizer
        self._schedule, self._average, self._generator = schedule, average, generator

    def exists(self) -> bool:
        """Tell whether there is a checkpoint; restores one whose replacement was interrupted."""
        return recover_folder(self.folder)

    def save(self, progress: P) -> None:
        """Replace the checkpoint by the present state; a whole one exists at any time.

        Raises:
            OSError: If it cannot be written; the previous checkpoint is then kept.
        """
        new = self.folder.with_name(f"{self.folder.name}.new")
        if self._accelerator.is_main_process:
            remove_folder(new)  # of a run that was killed while it wrote
            with naming(new):
                new.mkdir(parents=True)
                mark(new, complete=False)
        self._accelerator.wait_for_everyone()
        write_json(self._random_file(new), random_states(self._accelerator.device, self._generator))
        self._accelerator.wait_for_everyone()
        if self._accelerator.is_main_process:
            save_weights(self._network.state_dict(), new / WEIGHTS, "float32")
            write_tensors(_optimizer_tensors(self._optimizer), new / OPTIMIZER)
            if self._average is not None:
                self._average.save(new)
            write_json(new / STATE, self._state(progress))
            with naming(new):
                replace_folder(new, self.folder)
        self._accelerator.wait_for_everyone()

    def load(self) -> P:
        """Restore the saved state and return the progress of the loop.

        The learning rates are those of the present schedule at the step that was reached.

        Raises:
            ValueError: If a file is missing or damaged, or of another program or version.
        """
        self._check_folder()
        weights = OLD_WEIGHTS if (self.folder / OLD_WEIGHTS).exists() else WEIGHTS
        with self._reading(weights):
            self._network.load_state_dict(load_weights(self.folder / weights))
        with self._reading(OPTIMIZER):
            _fill_optimizer(self._optimizer, load_file(self.folder / OPTIMIZER))
        if self._average is not None:
            with self._reading(AVERAGE):
                self._average.load(self.folder)
        with self._reading(STATE):
            state = json.loads((self.folder / STATE).read_text(encoding="utf-8"))
            progress = parse_config(self._type, self._progress_of(state))
            steps = state["steps"] if "steps" in state else state["schedule"]["last_epoch"]
            self._to_step(int(steps))
            if self._accelerator.scaler is not None:
                self._accelerator.scaler.load_state_dict(state["scaler"])
        self._load_random()
        return progress

    def _state(self, progress: P) -> dict[str, Any]:
        assert is_dataclass(progress)
        scaler = self._accelerator.scaler
        return {
            "progress": asdict(progress),  # type: ignore[arg-type]
            "steps": self._schedule.last_epoch,
            "scaler": None if scaler is None else scaler.state_dict(),
        }

    def _progress_of(self, state: dict[str, Any]) -> Any:
        if "progress" in state:
            return state["progress"]
        assert is_dataclass(self._type)
        return {field.name: state[field.name] for field in fields(self._type)}

    def _load_random(self) -> None:
        if (self.folder / OLD_RANDOM).exists():
            with self._reading(OLD_RANDOM):
                _set_old_random_states(load_file(self.folder / OLD_RANDOM), self._generator)
            return
        path = self._random_file(self.folder)
        if self._accelerator.process_index and not path.exists():
            return  # saved by fewer processes; this one draws as it would from the start
        with self._reading(path.name):
            states = json.loads(path.read_text(encoding="utf-8"))
            set_random_states(states, self._accelerator.device, self._generator)

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
                f"{self._advice}"
            )
        check_replaceable(self.folder)  # now, not when the next epoch is saved

    @contextmanager
    def _reading(self, name: str) -> Iterator[None]:
        try:
            yield
        except (SafetensorError, ValueError, LookupError, TypeError, RuntimeError, OSError) as e:
            missing = not (self.folder / name).exists()
            what = "missing" if missing else f"damaged or of another run ({one_line(e)})"
            raise ValueError(f"{self.folder / name}: {what}; {self._advice}") from None


def _optimizer_tensors(optimizer: Any) -> dict[str, Tensor]:
    """List the state of each parameter, under ``NUMBER.NAME``."""
    return {
        f"{number}.{name}": torch.as_tensor(value)
        for number, values in optimizer.state_dict()["state"].items()
        for name, value in values.items()
    }


def _fill_optimizer(optimizer: Any, tensors: dict[str, Tensor]) -> None:
    """Restore the state of each parameter; rates and decay stay those of the config.

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


def random_states(device: torch.device, generator: torch.Generator | None = None) -> dict[str, Any]:
    """Return the states of all generators that a training draws from, as JSON values.

    Example:
        >>> import random, torch
        >>> before, cpu = random_states(torch.device("cpu")), torch.device("cpu")
        >>> first = random.random(), float(torch.rand(()))
        >>> set_random_states(before, cpu)
        >>> (random.random(), float(torch.rand(()))) == first
        True
    """
    states: dict[str, Any] = {
        "python": random.getstate(),
        "torch": _digits(torch.get_rng_state()),
    }
    if device.type != "cpu":
        states["device"] = _digits(torch.get_device_module(device).get_rng_state())
    if generator is not None:
        states["generator"] = _digits(generator.get_state())
    return states


def set_random_states(
    states: dict[str, Any], device: torch.device, generator: torch.Generator | None = None
) -> None:
    """Restore states that ``random_states`` returned.

    Raises:
        ValueError: If they are no such states; ``LookupError`` and ``TypeError`` likewise.
    """
    version, keys, gauss = states["python"]
    random.setstate((version, tuple(keys), gauss))
    torch.set_rng_state(_bytes(states["torch"]))
    if device.type != "cpu" and "device" in states:
        torch.get_device_module(device).set_rng_state(_bytes(states["device"]))
    if generator is not None:
        generator.set_state(_bytes(states["generator"]))


def _set_old_random_states(states: dict[str, Tensor], generator: torch.Generator | None) -> None:
    torch.set_rng_state(states["cpu"])
    for name, value in states.items():
        if name.startswith("cuda") and torch.cuda.is_available():
            torch.cuda.set_rng_state(value, int(name.removeprefix("cuda")))
    if generator is not None:
        generator.set_state(states["generator"])


def _digits(state: Tensor) -> str:
    return state.cpu().numpy().tobytes().hex()


def _bytes(digits: str) -> Tensor:
    return torch.frombuffer(bytearray.fromhex(digits), dtype=torch.uint8)
