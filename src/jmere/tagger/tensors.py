"""Networks from safetensors files of others: built only where the file's header has their weights.

The header says name, type and shape of every tensor. A network is first built without
memory, on PyTorch's device "meta", and compared with it: a config that asks for more
than the weights hold is refused before anything is allocated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import get_ident
from typing import Any, TypeVar

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn
from torch.nn.modules import module as modules
from torch.overrides import TorchFunctionMode

from jmere.errors import one_line, short_repr
from jmere.tagger.stored_header import SCALE_SUFFIX

Network = TypeVar("Network", bound=nn.Module)


_FLOATS = ("F64", "F32", "F16", "BF16")
_SPARE = 64  # modules and parameters that a network may make and drop, such as a pooler


@dataclass(frozen=True, slots=True)
class Header:
    """Name, type and shape of every tensor of a file."""

    path: Path
    types: Mapping[str, str]
    shapes: Mapping[str, tuple[int, ...]]


def read_header(path: str | Path) -> Header:
    """The header of a safetensors file, whose scales are checked against what they scale.

    Raises:
        ValueError: If the file is no safetensors file, or cut short.
    """
    path = Path(path)
    types, shapes = {}, {}
    try:
        with safe_open(path, framework="pt") as file:
            for name in file.keys():  # noqa: SIM118
                tensor = file.get_slice(name)
                types[name] = str(tensor.get_dtype())
                shapes[name] = tuple(tensor.get_shape())
    except SafetensorError as error:
        raise ValueError(f"{path}: damaged or not a safetensors file ({one_line(error)})") from None
    for name, shape in shapes.items():
        base = name.removesuffix(SCALE_SUFFIX)
        if base != name and (base not in shapes or (*shapes[base][:-1], 1) != shape):
            raise ValueError(
                f"{path}: {_shown(name)} has shape {short_repr(shape)}; "
                f"expected one scale per row of {_shown(base)}"
            )
    return Header(path, types, shapes)


def build_fitting(build: Callable[[], Network], header: Header, *, where: object) -> Network:
    """The network that ``build`` makes, its weights not yet set, if the file has just those.

    Args:
        build: Makes the network; it is called twice.
        header: Of the file with the weights.
        where: The config that ``build`` follows, for messages.

    Raises:
        ValueError: If ``build`` fails, or the network has other weights than the file.
    """
    try:
        with torch.device("meta"), _at_most(2 * len(header.shapes) + _SPARE):
            plan = build()
    # A size out of bounds is met in as many ways as there are kinds of layers.
    except Exception as error:
        if isinstance(error, _TooMuch):
            problem = f"asks for more layers than {header.path.name} has weights for"
        else:
            problem = f"no network can be made of it ({one_line(error)})"
        raise ValueError(f"{where}: {problem}") from error
    _compare(plan.state_dict(), header, where)
    with _Bare():
        return build()


def _compare(wanted: Mapping[str, Tensor], header: Header, where: object) -> None:
    """Check that a file has just these tensors, in numbers that can become theirs."""
    stored = {name for name in header.shapes if not name.endswith(SCALE_SUFFIX)}
    path = header.path
    for name in sorted(stored ^ wanted.keys()):
        side = f"{path.name} has no" if name in wanted else f"{path.name} has, beside the config's,"
        raise ValueError(f"{path}: weights do not fit the config: {side} {_shown(name)}")
    for name, tensor in wanted.items():
        shape, kind = header.shapes[name], header.types[name]
        if shape != tuple(tensor.shape):
            raise ValueError(
                f"{path}: weights do not fit the config: {_shown(name)} has shape "
                f"{short_repr(list(shape))}, {where} asks for {short_repr(list(tensor.shape))}"
            )
        scaled = kind == "I8" and name + SCALE_SUFFIX in header.shapes
        if tensor.is_floating_point() and not (kind in _FLOATS or scaled):
            raise ValueError(f"{path}: {_shown(name)} holds {kind}; expected numbers")


def _shown(name: str) -> str:
    return repr(name[:120])


class _TooMuch(Exception):  # noqa: N818
    pass


@contextmanager
def _at_most(count: int) -> Iterator[None]:
    """End the making of a network when it has this many modules, or parameters.

    A list of layers without an end would else be made to its end first.
    """
    thread, left = get_ident(), [4 * count, count]

    def spend(kind: int) -> None:
        if get_ident() == thread:
            left[kind] -= 1
            if left[kind] < 0:
                raise _TooMuch

    handles = [
        modules.register_module_module_registration_hook(lambda *_: spend(0)),
        modules.register_module_parameter_registration_hook(lambda *_: spend(1)),
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


_INITIALISERS = ("torch.nn.init", "transformers.initialization")
"""Modules of the functions that fill new parameters; transformers replaces torch's."""


class _Bare(TorchFunctionMode):
    """Leaves new parameters as they are: a file's are to follow."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Call ``func``, unless it would draw random numbers for a new parameter."""
        kwargs = kwargs or {}
        if getattr(func, "__module__", None) in _INITIALISERS:
            return kwargs["tensor"] if "tensor" in kwargs else args[0]
        return func(*args, **kwargs)
