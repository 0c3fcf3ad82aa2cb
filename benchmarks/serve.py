"""Extraction through HTTP over the extractor called directly, on the same posts.

32 clients in a process of their own send the posts to ``jmere serve``, each its next request
when it has the answer to the last one. ``ratio`` is the median time of that with one post per
request over the time of ``Extractor.stream`` in this process, ``ratio_16`` the same with 16
posts per request; the three take turns. The clients' processor time is in the times of HTTP
where there are no processors to spare, and is printed.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import NamedTuple

import torch
from extract import SAMPLES, drawn

from jmere.data.jsonl import read_posts
from jmere.records import Post

SIZES = (1, 16)
"""Posts per request."""

START = 300.0  # seconds


class Driven(NamedTuple):
    """What the clients measured."""

    seconds: float
    latencies: list[float]
    processor_seconds: float


def main() -> None:
    """Measure and print one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON, as always")
    parser.add_argument("--posts", type=int, default=1024, help="posts, drawn with repetition")
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--model", default="default")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1, help="threads of model and server each")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):  # of the server
        os.environ[name] = str(options.threads)
    print(json.dumps(measured(options)))


def measured(options: argparse.Namespace) -> dict[str, object]:
    """Take all times in turn."""
    from jmere import Extractor

    posts = drawn(list(read_posts(SAMPLES)), options.posts)
    extractor = Extractor.from_pretrained(options.model)
    bodies = {size: requests_of(posts, size) for size in SIZES}
    direct: list[float] = []
    driven: dict[int, list[Driven]] = {size: [] for size in SIZES}
    with (
        server(options.model) as port,
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as clients,
    ):
        for repeat in range(options.repeats + 1):
            started = time.perf_counter()
            list(extractor.stream(posts))
            seconds = time.perf_counter() - started
            runs = {
                size: clients.submit(drive, port, bodies[size], options.clients).result()
                for size in SIZES
            }
            if repeat:  # the first is a warm-up
                direct.append(seconds)
                for size, run in runs.items():
                    driven[size].append(run)
    return figures(options, direct, driven)


def figures(
    options: argparse.Namespace, direct: list[float], driven: dict[int, list[Driven]]
) -> dict[str, object]:
    """Summarise the times."""
    reference = statistics.median(direct)
    result: dict[str, object] = {"name": "serve", "reference_seconds": reference}
    for size, runs in driven.items():
        end = "" if size == 1 else f"_{size}"
        seconds = statistics.median(run.seconds for run in runs)
        latencies = sorted(latency for run in runs for latency in run.latencies)
        result |= {
            f"ratio{end}": seconds / reference,
            f"seconds{end}": seconds,
            f"p50_ms{end}": 1e3 * statistics.median(latencies),
            f"p99_ms{end}": 1e3 * latencies[int(0.99 * (len(latencies) - 1))],
            f"client_cpu_seconds{end}": statistics.median(run.processor_seconds for run in runs),
        }
    return result | {
        "posts": options.posts,
        "clients": options.clients,
        "threads": options.threads,
        "processors": len(os.sched_getaffinity(0)),
    }


def requests_of(posts: list[Post], size: int) -> list[bytes]:
    """Write the posts as HTTP requests of ``size`` posts."""
    requests = []
    for start in range(0, len(posts), size):
        body = json.dumps({"posts": [post.to_dict() for post in posts[start : start + size]]})
        head = (
            "POST /v1/extract HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body.encode())}\r\n\r\n"
        )
        requests.append((head + body).encode())
    return requests


@contextmanager
def server(model: str) -> Iterator[int]:
    """Run ``jmere serve`` on a free port, and give the port once the model is loaded."""
    command = [sys.executable, "-m", "jmere", "-q", "serve", "--port", "0", "--model", model]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            port = int(process.stdout.readline().rpartition(":")[2])
            wait_until_ready(port)
            yield port
        finally:
            process.terminate()
            process.wait()


def wait_until_ready(port: int) -> None:
    """Wait until the server has loaded its model."""
    deadline = time.monotonic() + START
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz"):
                return
        except OSError:  # noqa: PERF203  (it is not up yet)
            time.sleep(0.2)
    raise TimeoutError("the server did not load its model")


def drive(port: int, requests: list[bytes], clients: int) -> Driven:
    """Send all requests with so many clients at one time."""
    return asyncio.run(_drive(port, requests, clients))


async def _drive(port: int, requests: list[bytes], clients: int) -> Driven:
    latencies: list[float] = []
    waiting = iter(requests)
    streams = [await asyncio.open_connection("127.0.0.1", port) for _ in range(clients)]
    processor, started = time.process_time(), time.perf_counter()
    await asyncio.gather(*(_client(*each, waiting, latencies) for each in streams))
    seconds, processor = time.perf_counter() - started, time.process_time() - processor
    for _, writer in streams:
        writer.close()
    return Driven(seconds, latencies, processor)


async def _client(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    requests: Iterator[bytes],
    latencies: list[float],
) -> None:
    for request in requests:
        started = time.perf_counter()
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        size = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        body = await reader.readexactly(size)
        if not head.startswith(b"http/1.1 200"):
            raise RuntimeError(f"the server refused a request: {body[:300]!r}")
        latencies.append(time.perf_counter() - started)


if __name__ == "__main__":
    main()
