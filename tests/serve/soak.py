"""Many clients for a long time: nothing is lost, and memory stays flat.

``python tests/serve/soak.py --seconds 600 --clients 200`` starts ``jmere serve`` and prints one
line of JSON; it ends with code 1 if an answer is wrong or missing, or memory grows.
"""

import argparse
import asyncio
import json
import os
import random
import re
import subprocess
import sys
import time
import urllib.request
from collections import Counter

SENTENCES = (
    "Stephen Curry leads the Golden State Warriors",
    "Lionel Messi leaves Barcelona",
    "Emma Stone arrives in London with Ryan Gosling",
    "Angela Merkel speaks in Berlin",
)

BAD = (
    (b"{", "application/json", 400),
    (b'{"posts": [{"text": 3}]}', "application/json", 422),
    (b'{"posts": [{"text": "a", "image": "http://127.0.0.1/x"}]}', "application/json", 422),
    (b"--x--", "multipart/form-data; boundary=y", 400),
    (b"text", "text/plain", 415),
)
"""Requests that are refused, each with its status."""

BAD_SHARE = 0.05
GROWTH = 1.15
"""Memory at the end over that after the first third; beyond it memory is not flat."""

MEMORY = re.compile(rb"^process_resident_memory_bytes (\S+)", re.MULTILINE)
COUNTED = re.compile(rb'^jmere_requests_total\{.*path="/v1/extract",status="(\d+)"\} (\S+)', re.M)


def main():
    """Run the soak test."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    command = [sys.executable, "-m", "jmere", "-q", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            port = int(process.stdout.readline().rpartition(":")[2])
            result = soak(port, options.seconds, options.clients, seed=options.seed)
        finally:
            process.terminate()
            process.wait()
    sys.stdout.write(json.dumps(result) + "\n")
    return 0 if not result["wrong"] and result["memory_growth"] <= GROWTH else 1


def soak(port, seconds, clients, *, seed=0):
    """Drive a server, and return what was counted."""
    wait_until_ready(port)
    return asyncio.run(_soak(port, seconds, clients, seed))


def wait_until_ready(port, seconds=300):
    """Wait until the model is loaded."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz").close()
            return
        except OSError:  # noqa: PERF203  (it is not up yet)
            time.sleep(0.2)
    raise TimeoutError("the server did not load its model")


async def _soak(port, seconds, clients, seed):
    counts, wrong, memory = Counter(), [], []
    end = time.monotonic() + seconds
    tasks = [_client(port, end, random.Random(seed + n), n, counts, wrong) for n in range(clients)]
    watch = asyncio.ensure_future(_watch(port, memory, seconds))
    await asyncio.gather(*tasks)
    watch.cancel()
    page = await asyncio.to_thread(_metrics, port)
    served = {int(status): int(float(count)) for status, count in COUNTED.findall(page)}
    memory.append(float(MEMORY.search(page)[1]))
    if served != dict(counts):
        wrong.append(f"the server counts {served}, the clients {dict(counts)}")
    third = memory[len(memory) // 3]
    return {
        "requests": sum(counts.values()),
        "statuses": {str(status): counts[status] for status in sorted(counts)},
        "clients": clients,
        "seconds": seconds,
        "wrong": wrong[:5],
        "memory_mb": [round(each / 1e6) for each in (memory[0], third, memory[-1])],
        "memory_growth": memory[-1] / third,
    }


async def _watch(port, memory, seconds):
    while True:
        page = await asyncio.to_thread(_metrics, port)
        memory.append(float(MEMORY.search(page)[1]))
        await asyncio.sleep(min(5.0, seconds / 20))


def _metrics(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as response:
        return response.read()


async def _client(port, end, draw, name, counts, wrong):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    number = 0
    while time.monotonic() < end:
        number += 1
        body, kind, expected, posts = _request(draw, f"{name}-{number}")
        status, answer = await _exchange(reader, writer, body, kind)
        counts[status] += 1
        if status == 429:
            await asyncio.sleep(0.1 + draw.random())
        elif status != expected:
            wrong.append(f"status {status} in place of {expected}: {answer[:200]!r}")
        elif posts is not None:
            found = [(each["id"], each["text"]) for each in json.loads(answer)["results"]]
            if found != [(post["id"], post["text"]) for post in posts]:
                wrong.append(f"results of other posts: {found}")
    writer.close()


def _request(draw, name):
    if draw.random() < BAD_SHARE:
        return *draw.choice(BAD), None
    posts = [
        {"id": f"{name}-{n}", "text": f"{draw.choice(SENTENCES)} {name}"}
        for n in range(draw.randint(1, 4))
    ]
    return json.dumps({"posts": posts}).encode(), "application/json", 200, posts


async def _exchange(reader, writer, body, kind):
    head = (
        f"POST /v1/extract HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    answer = (await reader.readuntil(b"\r\n\r\n")).lower()
    size = int(answer.partition(b"content-length:")[2].partition(b"\r\n")[0])
    return int(answer.split(b" ", 2)[1]), await reader.readexactly(size)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.exit(main())
