"""Posts read per second from their grids, against a plain decoder of one post at a time.

The grids are those of random posts of 20 words with two to four entities, under noise;
each run starts from logits, and one thread does the work.
"""

import os

os.environ["OMP_NUM_THREADS"] = "1"

import argparse
import json
import math
import statistics
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from jmere.grid.decode import Decoded, decode
from jmere.grid.encode import encode_batch
from jmere.records import Link, Mention
from jmere.tags import TagSet

Array = NDArray[np.float32]


def random_post(
    rng: np.random.Generator, words: int, tags: TagSet
) -> tuple[list[Link], list[Mention], int]:
    """Two to four entities of one to three words, about half of the pairs related."""
    starts = np.sort(rng.choice(words // 4, size=rng.integers(2, 5), replace=False)) * 4
    mentions = [
        Mention(int(start), int(start + rng.integers(1, 4)), str(rng.choice(tags.entity_types)))
        for start in starts
    ]
    pairs = [(head, tail) for head in mentions for tail in mentions if head < tail]
    links = [
        Link(head, tail, str(rng.choice(tags.relations)))
        for head, tail in pairs
        if rng.random() < 0.5
    ]
    return links, mentions, words


def noisy_scores(
    posts: int, words: int, tags: TagSet, *, sureness: float = 5.0, seed: int = 0
) -> Array:
    """Logits of a model that mostly, not always, prefers the gold tag."""
    rng = np.random.default_rng(seed)
    grids, _ = encode_batch([random_post(rng, words, tags) for _ in range(posts)], tags)
    scores = rng.standard_normal((posts, words, words, len(tags)), dtype=np.float32)
    scores += sureness * (np.arange(len(tags)) == grids[..., None])
    return scores


def read_plainly(logits: Array, tags: TagSet) -> Decoded:
    """Read one post by the definition: every span, every pair, sums of slices."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    scores = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    gains = scores - scores[..., :1]
    mentions = plain_mentions(gains, tags)
    links = []
    for head in mentions:
        for tail in mentions:
            block = (slice(head.start, head.end), slice(tail.start, tail.end))
            total = gains[block][..., tags.relation_slice].sum(axis=(0, 1))
            if head != tail and total.max() > 0:
                relation = tags.relations[int(total.argmax())]
                cells = [scores[block][..., tags.relation_id(relation)].ravel()]
                cells += [own_cells(scores, end, tags) for end in (head, tail)]
                mean = float(np.concatenate(cells).mean())
                links.append(Link(head, tail, relation, math.exp(mean)))
    return Decoded(tuple(links), tuple(mentions))


def plain_mentions(gains: Array, tags: TagSet) -> list[Mention]:
    """The best disjoint spans, by weighted interval scheduling in plain loops."""
    best: list[tuple[float, list[Mention]]] = [(0.0, [])]
    for end in range(1, len(gains) + 1):
        choice = best[end - 1]
        total = np.zeros(len(tags.entity_types), dtype=np.float32)
        for start in range(end - 1, -1, -1):
            total = total + gains[start, start:end, tags.entity_slice].sum(axis=0)
            gain = best[start][0] + float(total.max())
            if gain > choice[0]:
                kind = tags.entity_types[int(total.argmax())]
                choice = (gain, [*best[start][1], Mention(start, end, kind)])
        best.append(choice)
    return best[-1][1]


def own_cells(scores: Array, mention: Mention, tags: TagSet) -> Array:
    """Log-probabilities of a mention's type in its cells."""
    block = scores[mention.start : mention.end, mention.start : mention.end]
    return block[np.triu_indices(len(block))][:, tags.entity_id(mention.type)]


def timed(read: Callable[[], list[Decoded]]) -> float:
    """Seconds that reading takes."""
    start = time.perf_counter()
    read()
    return time.perf_counter() - start


def main() -> None:
    """Time both decoders in turns, and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--posts", type=int, default=1024)
    parser.add_argument("--words", type=int, default=20)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()

    tags = TagSet.load()
    scores = noisy_scores(options.posts, options.words, tags)
    batches = [
        scores[first : first + options.batch] for first in range(0, len(scores), options.batch)
    ]

    def ours() -> list[Decoded]:
        lengths = [np.full(len(batch), options.words) for batch in batches]
        return [
            post
            for batch, n in zip(batches, lengths, strict=True)
            for post in decode(batch, n, tags)
        ]

    def reference() -> list[Decoded]:
        return [read_plainly(post, tags) for post in scores]

    if ours() != reference():
        raise SystemExit("the two decoders disagree")
    rounds = [(timed(ours), timed(reference)) for _ in range(options.rounds)]
    seconds, reference_seconds = (statistics.median(times) for times in zip(*rounds, strict=True))
    result = {
        "name": "decode",
        "posts_per_second": round(options.posts / seconds, 1),
        "ratio": round(seconds / reference_seconds, 4),
        "seconds": round(seconds, 5),
        "reference_seconds": round(reference_seconds, 5),
        "posts": options.posts,
        "words": options.words,
        "tags": len(tags),
    }
    if options.json:
        print(json.dumps(result))
    else:
        print("\n".join(f"{name:18} {value}" for name, value in result.items()))


if __name__ == "__main__":
    main()
