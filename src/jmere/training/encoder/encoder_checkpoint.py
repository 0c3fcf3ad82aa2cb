"""The whole state of a training as safetensors and JSON, so that nothing has to be unpickled."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR

from jmere.files.folders import mark, recover_folder, replace_folder
from jmere.files.whole import write_json

NETWORK, OPTIMIZER, RANDOM = "network.safetensors", "optimizer.safetensors", "random.safetensors"
STATE = "state.json"


class Checkpoint:
    """A folder with weights, optimizer, schedule and random states; replaced whole.

    A training that is cut short while it is written keeps the one before.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def exists(self) -> bool:
        """Tell whether there is one; puts back one whose replacement was cut short."""
        return recover_folder(self.folder)

    def save(
        self,
        network: nn.Module,
        optimizer: Optimizer,
        schedule: LambdaLR,
        *,
        generator: torch.Generator,
        state: Mapping[str, Any],
    ) -> None:
        """Write the present state; ``state`` is whatever else the loop needs, as JSON."""
        new = self.folder.with_name(f"{self.folder.name}.new")
        new.mkdir(parents=True, exist_ok=True)
        mark(new, complete=False)
        tensors, groups = _split(optimizer.state_dict())
        save_file(_owned(network.state_dict()), new / NETWORK)
        save_file(_owned(tensors), new / OPTIMIZER)
        save_file({**_random_states(), "generator": generator.get_state()}, new / RANDOM)
        write_json(new / STATE, {**state, "groups": groups, "schedule": schedule.state_dict()})
        replace_folder(new, self.folder)

    def load(
        self,
        network: nn.Module,
        optimizer: Optimizer,
        schedule: LambdaLR,
        *,
        generator: torch.Generator,
    ) -> dict[str, Any]:
        """Go back to the state that was saved; returns what ``state`` was."""
        state: dict[str, Any] = json.loads((self.folder / STATE).read_text(encoding="utf-8"))
        network.load_state_dict(load_file(self.folder / NETWORK))
        tensors = load_file(self.folder / OPTIMIZER)
        optimizer.load_state_dict(_joined(tensors, state.pop("groups")))
        schedule.load_state_dict(state.pop("schedule"))
        states = load_file(self.folder / RANDOM)
        generator.set_state(states.pop("generator"))
        _set_random_states(states)
        return state


def _owned(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Copies, since the file format takes no two tensors that share memory."""
    return {name: tensor.detach().clone().contiguous() for name, tensor in tensors.items()}


def _split(optimizer: Mapping[str, Any]) -> tuple[dict[str, Tensor], Any]:
    """An optimizer's state: the tensors of each parameter by name, and its groups for JSON."""
    tensors = {
        f"{parameter}.{name}": torch.as_tensor(value)
        for parameter, values in optimizer["state"].items()
        for name, value in values.items()
    }
    return tensors, optimizer["param_groups"]


def _joined(tensors: Mapping[str, Tensor], groups: Any) -> dict[str, Any]:
    state: dict[int, dict[str, Tensor]] = {}
    for key, tensor in tensors.items():
        parameter, _, name = key.partition(".")
        state.setdefault(int(parameter), {})[name] = tensor
    return {"state": state, "param_groups": groups}


def _random_states() -> dict[str, Tensor]:
    devices = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []
    return {"cpu": torch.get_rng_state(), **{f"cuda{i}": each for i, each in enumerate(devices)}}


def _set_random_states(states: Mapping[str, Tensor]) -> None:
    torch.set_rng_state(states["cpu"])
    for name, value in states.items():
        if name.startswith("cuda") and torch.cuda.is_available():
            torch.cuda.set_rng_state(value, int(name.removeprefix("cuda")))
