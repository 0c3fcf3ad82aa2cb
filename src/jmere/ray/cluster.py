"""The cluster: one that runs already, or one on this machine for as long as it is needed."""

from __future__ import annotations

import logging
import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jmere.errors import one_line
from jmere.ray.libraries import ray_library
from jmere.ray.loading import THREADS
from jmere.vision.read_ahead import processors

_PATIENCE = 10.0
"""Seconds that a cluster has to accept a connection."""


@contextmanager
def connected(address: str | None = None, *, workers: int | None = None) -> Iterator[Any]:
    """Yield the library ``ray``, connected to a cluster.

    A cluster that this process is connected to is used as it is.

    Args:
        address: Address of a running cluster: ``auto``, ``HOST:PORT`` or ``ray://HOST:PORT``;
            without one a cluster is started on this machine, which ends with the block.
        workers: Number of processors of a cluster that is started; default: all.

    Raises:
        MissingExtraError: If Ray is not installed.
        ConnectionError: If there is no cluster at the address.
    """
    ray = ray_library("ray")
    if ray.is_initialized():
        yield ray
        return
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    with tempfile.TemporaryDirectory(prefix="jmere-ray-") as empty:
        check_reachable(address)
        try:
            if address is None:
                # A worker that asks for no GPU keeps the variables that name them.
                os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
                quiet |= {"num_cpus": workers or processors(), "include_dashboard": False}
            with _working_in(empty):
                ray.init(address=address or "local", **quiet)
        except (ConnectionError, RuntimeError, ValueError) as error:
            where = "a cluster on this machine" if address is None else f"--address {address}"
            raise ConnectionError(f"{where}: {one_line(error)}") from None
        try:
            yield ray
        finally:
            ray.shutdown()


def check_reachable(address: str | None) -> None:
    """Check that something listens at an address: Ray itself tries for ten minutes.

    Args:
        address: As for ``connected``; where it names no place, nothing is checked.

    Raises:
        ConnectionError: If nothing does.
    """
    given = os.environ.get("RAY_ADDRESS") if address == "auto" else address
    if given in (None, "auto", "local"):
        return
    try:
        place = urlsplit(given if "://" in given else f"//{given}")
        if not place.hostname or not place.port:
            raise ValueError("expected auto, HOST:PORT or ray://HOST:PORT")
        socket.create_connection((place.hostname, place.port), timeout=_PATIENCE).close()
    except (OSError, ValueError) as error:
        raise ConnectionError(f"--address {given}: {one_line(error)}") from None


@contextmanager
def _working_in(folder: str) -> Iterator[None]:
    """Change the working folder: Ray lets workers import whatever lies in it.

    The user's may hold files of others beside the posts.
    """
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def start_here(ray: Any, kind: type) -> Any:
    """Start an actor that needs no processor on this process's node, and return it.

    By default Ray takes any node, and another one may die while this process goes on.
    """
    strategies = ray_library("ray.util.scheduling_strategies")
    node = ray.get_runtime_context().get_node_id()
    here = strategies.NodeAffinitySchedulingStrategy(node, soft=False)
    return ray.remote(num_cpus=0, scheduling_strategy=here)(kind).remote()


def worker_options(ray: Any, device: str) -> dict[str, Any]:
    """Return what Ray gives each worker: a GPU where the device is one, else one processor.

    Libraries in it start one thread each.
    """
    gpu = device.startswith("cuda") or (device == "auto" and "GPU" in ray.cluster_resources())
    return {
        **({"num_gpus": 1} if gpu else {"num_cpus": 1}),
        "runtime_env": {"env_vars": dict.fromkeys(THREADS, "1")},
    }


def worker_count(ray: Any, options: dict[str, Any]) -> int:
    """Return how many workers the cluster has room for, at least one.

    Raises:
        ValueError: If workers need a GPU and the cluster has none.
    """
    resource = "GPU" if "num_gpus" in options else "CPU"
    count = int(ray.cluster_resources().get(resource, 0))
    if resource == "GPU" and not count:
        raise ValueError("--device cuda: the cluster has no GPU; expected --device cpu")
    return max(1, count)
