"""Memory of a long stream of posts: whether it is flat, and its peak.

``ratio`` is the memory at the end over that after the first quarter, when caches are warm: 1 is
flat. Every post has words of its own, which no cache has met. ``first_result_after`` is the number
of posts read before the first result. Linux only: memory is what ``/proc`` tells.
"""

import argparse
import json
import random
import resource
import time
from collections.abc import Iterator
from pathlib import Path

from jmere import Extractor, Post
from jmere.data.jsonl import read_posts

SAMPLES = Path(__file__).parents[1] / "src" / "jmere" / "bundled" / "samples" / "posts.jsonl"


def main() -> None:
    """Measure and print one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON, as always")
    parser.add_argument("--model", default="default")
    parser.add_argument("--posts", type=int, default=20_000)
    parser.add_argument("--batch", type=int, default=64)
    options = parser.parse_args()
    extractor = Extractor.from_pretrained(options.model, vision=None)
    read = ["0"]
    results = extractor.stream(posts(options.posts, read), batch_size=options.batch)
    started = time.perf_counter()
    next(results)
    first = int(read[0])
    quarter = megabytes()
    for number, _ in enumerate(results, start=2):
        if number == options.posts // 4:
            quarter = megabytes()
    seconds = time.perf_counter() - started
    end = megabytes()
    result = {
        "name": "memory",
        "ratio": end / quarter,
        "megabytes": end,
        "reference_megabytes": quarter,
        "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "first_result_after": first,
        "posts": options.posts,
        "seconds": seconds,
        "posts_per_second": options.posts / seconds,
    }
    print(json.dumps(result))


def posts(count: int, read: list[str]) -> Iterator[Post]:
    """Posts of the samples with a new name in each; ``read`` holds the number of the last."""
    draw = random.Random(0)
    texts = [post.text for post in read_posts(SAMPLES)]
    for number in range(1, count + 1):
        read[0] = str(number)
        name = "".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=9)).title()
        yield Post(id=read[0], text=f"{draw.choice(texts)} with {name} #{name[::-1]}")


def megabytes() -> float:
    """Resident memory of this process."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / (1 << 20)


if __name__ == "__main__":
    main()
