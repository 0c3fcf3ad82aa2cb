"""Whether scores are probabilities: calibration error on posts that the calibration has not seen.

The annotated posts are cut into parts; those of a part are also joined with each other, several in
a text. Each part is judged by a calibration that was fitted on the others. ``error`` is the
expected calibration error, ``debiased`` the root mean square error less what chance adds (Kumar et
al., 2019), ``as_shipped`` both for the calibration that the model has. The last line is for the
posts of ``--check``: the precision of the quintuples that ``--precision`` keeps there, and its 95 %
interval (Wilson).
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from jmere.data.jsonl import read_posts
from jmere.evaluation.reliability import calibration_error, debiased_error, reliability, scored
from jmere.extract import Extractor
from jmere.grid.calibration import Calibration, fit_calibration
from jmere.inputs.prepare import gold_of
from jmere.records import Post
from jmere.text.words import post_words
from jmere.training.crowds.stacks import stacked
from jmere.training.crowds.texts import Passage

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "src" / "jmere" / "bundled" / "samples" / "posts.jsonl"
PRECISION = 0.8
Judged = tuple[NDArray[np.float64], NDArray[np.bool_]]


def main() -> None:
    """Measure and print a line of JSON for each number of posts in a text, all, and the check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON, as always")
    parser.add_argument("--posts", type=Path, default=SAMPLES, help="annotated posts")
    parser.add_argument("--model", default="default")
    parser.add_argument("--parts", type=int, default=5)
    parser.add_argument("--counts", type=int, nargs="+", default=[1, 2, 3, 4])
    parser.add_argument("--separators", nargs="+", default=[".", "", "|"])
    parser.add_argument("--check", type=Path, nargs="+", default=[])
    options = parser.parse_args()
    torch.set_num_threads(1)
    extractor = Extractor.from_pretrained(options.model, alignment=False)
    shipped = extractor.tagger.decoder.calibration
    extractor.tagger.decoder = replace(extractor.tagger.decoder, calibration=None)
    posts = list(read_posts(options.posts))
    parts = [posts[part :: options.parts] for part in range(options.parts)]
    judged = {
        count: [judge(extractor, list(texts(part, count, options.separators))) for part in parts]
        for count in options.counts
    }
    for count in options.counts:
        print(json.dumps({"name": "calibration", "posts": count, **cross_fitted(judged, [count])}))
    every = cross_fitted(judged, options.counts)
    if shipped is not None:
        raw, right = joined([each for own in judged.values() for each in own])
        every["as_shipped"] = errors(shipped(raw), right)
    print(json.dumps({"name": "calibration", "posts": "all", **every}), flush=True)
    if options.check and shipped is not None:
        checked = [post for path in options.check for post in read_posts(path)]
        print(json.dumps({"name": "precision", **kept(judge(extractor, checked), shipped)}))


def texts(posts: Sequence[Post], count: int, separators: Sequence[str]) -> Iterator[Post]:
    """Yield the posts themselves, or joined by each separator."""
    if count == 1:
        yield from posts
        return
    passages = [Passage(post_words(post).words, *gold_of(post, post_words(post))) for post in posts]
    for number, separator in enumerate(separators):
        for post in stacked(passages, count, [separator]):
            yield replace(post, id=f"{number}-{post.id}")


def judge(extractor: Extractor, posts: Sequence[Post]) -> Judged:
    """Return the raw confidence of each quintuple found, and whether it is right (directed)."""
    return scored(posts, list(extractor.stream(posts)), "directed")


def cross_fitted(judged: dict[int, list[Judged]], counts: Sequence[int]) -> dict[str, object]:
    """Return the errors of some texts, each part by a fit on all texts of the others."""
    scores, truths = [], []
    for part in range(len(judged[counts[0]])):
        others = [own for each in judged.values() for n, own in enumerate(each) if n != part]
        fitted = fit_calibration(*joined(others))
        for count in counts:
            confidence, right = judged[count][part]
            scores.append(fitted(confidence))
            truths.append(right)
    return errors(np.concatenate(scores), np.concatenate(truths))


def joined(judged: Sequence[Judged]) -> Judged:
    """Return several lists as one."""
    confidence, right = (np.concatenate(side) for side in zip(*judged, strict=True))
    return confidence, right


def errors(scores: NDArray[np.float64], right: NDArray[np.bool_]) -> dict[str, object]:
    """Return the number of quintuples, their precision and mean score, and the errors."""
    bins = reliability(scores, right)
    return {
        "quintuples": len(scores),
        "precision": round(float(right.mean()), 4),
        "score": round(float(scores.mean()), 4),
        "error": round(calibration_error(bins), 4),
        "debiased": round(debiased_error(bins), 4),
    }


def kept(judged: Judged, calibration: Calibration) -> dict[str, object]:
    """Return the precision from the score on that reached ``PRECISION``, and its interval."""
    least = calibration.threshold(PRECISION)
    right = judged[1][calibration(judged[0]) >= least]
    count, share = len(right), float(right.mean()) if len(right) else 0.0
    z = 1.96
    middle = (share + z * z / (2 * count)) / (1 + z * z / count) if count else 0.5
    half = z * np.sqrt(share * (1 - share) / count + z * z / (4 * count**2)) if count else 0.5
    half = half / (1 + z * z / count) if count else half
    return {
        "asked": PRECISION,
        "score": least,
        "quintuples": count,
        "of": len(judged[1]),
        "precision": round(share, 4),
        "low": round(float(middle - half), 4),
        "high": round(float(middle + half), 4),
    }


if __name__ == "__main__":
    main()
