"""How much of what the words of an EEGA model take from a picture is the same for every picture.

``same`` is the share of the mean square of the vectors that words take from the objects which is
that of their mean: 1 if every word of every post takes one vector, which can say no more than that
there is a picture. ``between`` is the share that is left of the mean vectors of posts, that is,
what differs from picture to picture. ``size`` is the length of what is taken over that of the word
it is added to.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn

from jmere.data.jsonl import read_posts
from jmere.extract import Extractor
from jmere.models.eega import Eega

SAMPLES = Path(__file__).parents[1] / "src" / "jmere" / "bundled" / "samples" / "posts.jsonl"


def main() -> None:
    """Measure and print one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON, as always")
    parser.add_argument("--posts", type=Path, default=SAMPLES, help="with what pictures show")
    parser.add_argument("--model", default="default")
    options = parser.parse_args()
    torch.set_num_threads(1)
    extractor = Extractor.from_pretrained(options.model, backend="torch")
    network = extractor.tagger.network
    if not isinstance(network, Eega):
        raise SystemExit(f"{options.model}: expected a model of the kind eega")
    posts = [replace(post, quintuples=(), entities=()) for post in read_posts(options.posts)]
    seen: list[Tensor] = []  # what was taken, where the next sum is of a text with a picture
    pairs: list[tuple[Tensor, Tensor]] = []

    def take(_: nn.Module, given: tuple[Tensor], __: Tensor) -> None:
        seen.append(given[0][0])

    def add(_: nn.Module, given: tuple[Tensor], __: Tensor) -> None:
        if seen:
            rows = seen.pop()
            pairs.append((rows, given[0][0] - rows))

    network.cross.dropout.register_forward_hook(take)
    network.cross.norm.register_forward_hook(add)
    for post in posts:
        extractor.extract(post)
    print(json.dumps({"name": "taken", "model": options.model, **figures(pairs)}))


def figures(pairs: list[tuple[Tensor, Tensor]]) -> dict[str, float | int]:
    """Return the shares of what is taken, words x hidden and post by post, beside the words."""
    rows = torch.cat([taken for taken, _ in pairs])
    own = torch.cat([taken.mean(0).expand_as(taken) for taken, _ in pairs])
    square = float(rows.square().sum(1).mean())
    same = rows.mean(0)
    sizes = rows.norm(dim=1) / torch.cat([words for _, words in pairs]).norm(dim=1)
    return {
        "texts": len(pairs),
        "same": round(float(same.square().sum()) / square, 4),
        "between": round(float((own - same).square().sum(1).mean()) / square, 4),
        "size": round(float(sizes.mean()), 4),
    }


if __name__ == "__main__":
    main()
