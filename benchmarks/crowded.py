"""Posts joined, several in a text: F1 by number of posts and separator, beside the posts alone.

``share`` is the JMERE F1 over that of the posts alone, undirected. A text of the joined posts is
read with its own words, as the posts are.
"""

import argparse
import json
from pathlib import Path

import torch

from jmere.data.jsonl import read_posts
from jmere.evaluation.scores import score
from jmere.extract import Extractor
from jmere.inputs.prepare import gold_of
from jmere.records import Post
from jmere.text.words import post_words
from jmere.training.crowds.stacks import stacked
from jmere.training.crowds.texts import Passage

SAMPLES = Path(__file__).parents[1] / "src" / "jmere" / "bundled" / "samples" / "posts.jsonl"


def main() -> None:
    """Measure and print one line of JSON for each number of posts and separator."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON, as always")
    parser.add_argument("--posts", type=Path, default=SAMPLES, help="annotated posts")
    parser.add_argument("--model", default="default")
    parser.add_argument("--counts", type=int, nargs="+", default=[2, 3, 4])
    parser.add_argument("--separators", nargs="+", default=[".", "", "|"])
    parser.add_argument("--text", action="store_true", help="split the text, not the tokens")
    options = parser.parse_args()
    torch.set_num_threads(1)
    extractor = Extractor.from_pretrained(options.model)
    posts = list(read_posts(options.posts))
    texts = [Passage(post_words(post).words, *gold_of(post, post_words(post))) for post in posts]
    single = f1(extractor, posts, text=options.text)
    print(json.dumps({"name": "crowded", "posts": 1, **single}))
    for count in options.counts:
        for separator in options.separators:
            found = f1(extractor, stacked(texts, count, [separator]), text=options.text)
            share = found["jmere"] / max(single["jmere"], 1e-9)
            place = {"name": "crowded", "posts": count, "separator": separator}
            print(json.dumps({**place, **found, "share": round(share, 3)}), flush=True)


def f1(extractor: Extractor, posts: list[Post], *, text: bool) -> dict[str, float]:
    """Return precision, recall and F1 of JMERE, and F1 of MNER, in per cent."""
    asked = [Post(text=post.text, alt_text=post.alt_text) if text else post for post in posts]
    scores = score(posts, list(extractor.stream(asked)), "undirected")
    values = {
        "precision": scores.jmere.precision,
        "recall": scores.jmere.recall,
        "jmere": scores.jmere.f1,
        "mner": scores.mner.f1,
    }
    return {name: round(100 * value, 2) for name, value in values.items()}


if __name__ == "__main__":
    main()
