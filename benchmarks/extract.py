"""Extraction end to end over parser and encoder alone, on the same posts.

``ratio`` is the median time from posts to quintuples, by the default engine, over that of
splitting, parsing and encoding the same posts in the same batches by torch in float32, all in
turn in one process; ``ratio_torch`` is that of our torch engine, ``posts_per_second`` the default
engine's, and ``stages`` the processor time of its stages, in milliseconds per post.
"""

import argparse
import json
import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import torch

from jmere import Extractor, Post
from jmere.data.jsonl import read_posts
from jmere.inputs.prepare import windows_of
from jmere.tagger.batches import by_length
from jmere.tagger.onnx_scorer import OnnxScorer
from jmere.tagger.predict import score_posts
from jmere.text.words import post_words

T = TypeVar("T")

SAMPLES = Path(__file__).parents[1] / "src" / "jmere" / "bundled" / "samples" / "posts.jsonl"


def main() -> None:
    """Measure and print one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON, as always")
    parser.add_argument("--posts", type=Path, default=SAMPLES, help="JSON Lines of posts")
    parser.add_argument("--count", type=int, default=512, help="posts, drawn with repetition")
    parser.add_argument("--model", default="default")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    extractor = Extractor.from_pretrained(options.model)
    if isinstance(extractor.tagger.scorer, OnnxScorer):
        extractor.tagger.scorer.pool.count = options.threads
    by_torch = Extractor.from_pretrained(options.model, backend="torch")
    posts = drawn(list(read_posts(options.posts)), options.count)
    steps = {
        "ours": lambda: list(extractor.stream(posts, batch_size=options.batch)),
        "torch": lambda: list(by_torch.stream(posts, batch_size=options.batch)),
        "reference": lambda: parse_and_encode(by_torch, posts, options.batch),
    }
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for repeat in range(options.repeats + 1):
        for name, step in steps.items():
            started = time.perf_counter()
            step()
            if repeat:  # the first is a warm-up
                seconds[name].append(time.perf_counter() - started)
    ours, torch_engine, reference = (statistics.median(each) for each in seconds.values())
    result = {
        "name": "extract",
        "ratio": ours / reference,
        "ratio_torch": torch_engine / reference,
        "seconds": ours,
        "torch_seconds": torch_engine,
        "reference_seconds": reference,
        "posts_per_second": len(posts) / ours,
        "posts": len(posts),
        "words_per_post": sum(len(post_words(post)) for post in posts) / len(posts),
        "threads": options.threads,
        "stages": stages(extractor, posts, options.batch),
    }
    print(json.dumps(result))


def stages(extractor: Extractor, posts: list[Post], batch_size: int) -> dict[str, float]:
    """Return the processor time of each stage, in milliseconds per post, one after the other."""
    tagger = extractor.tagger
    times: dict[str, float] = {}

    def timed(name: str, step: Callable[[], T]) -> T:
        started = time.process_time()
        result = step()
        times[name] = 1000 * (time.process_time() - started) / len(posts)
        return result

    words = timed("words", lambda: [post_words(post) for post in posts])
    timed("parser", lambda: tagger.prepare.parser.parse(words))
    parts = windows_of(timed("prepared", lambda: tagger.prepare(posts)))
    scored = timed("scored", lambda: list(score_posts(tagger, parts, batch_size=batch_size)))
    timed("decoded", lambda: [tagger.decoder(each.grids, each.lengths) for _, each in scored])
    timed("all", lambda: list(extractor.stream(posts, batch_size=batch_size)))
    return {
        "words": times["words"],
        "parser": times["parser"],
        "graphs, pieces, descriptions": times["prepared"] - times["words"] - times["parser"],
        "batches and engine": times["scored"],
        "decoder": times["decoded"],
        "all": times["all"],
    }


def drawn(posts: list[Post], count: int) -> list[Post]:
    """Posts of many lengths: two samples joined, cut at a word drawn at random."""
    draw = random.Random(0)
    made = []
    for number in range(count):
        first, second = draw.choice(posts), draw.choice(posts)
        words = f"{first.text} {second.text}".split()
        text = " ".join(words[: draw.randint(6, len(words))])
        made.append(Post(text=text, id=str(number), alt_text=first.alt_text))
    return made


@torch.inference_mode()
def parse_and_encode(extractor: Extractor, posts: list[Post], batch_size: int) -> None:
    """Split, parse and encode: what no extractor on this parser and encoder does without."""
    tagger = extractor.tagger
    words = [post_words(post) for post in posts]
    tagger.prepare.parser.parse(words)
    pieces = tagger.prepare.pieces.split([each.words for each in words])
    for indices in by_length([len(each.ids) for each in pieces], batch_size):
        longest = max(len(pieces[index].ids) for index in indices)
        ids = torch.zeros(len(indices), longest, dtype=torch.long)
        mask = torch.zeros(len(indices), longest, dtype=torch.long)
        for row, index in enumerate(indices):
            ids[row, : len(pieces[index].ids)] = torch.tensor(pieces[index].ids)
            mask[row, : len(pieces[index].ids)] = 1
        tagger.network.encoder.transformer(input_ids=ids, attention_mask=mask)


if __name__ == "__main__":
    main()
