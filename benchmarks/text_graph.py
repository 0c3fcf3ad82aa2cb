"""Cost of a text graph's matrices on top of parsing, on one thread.

``ratio`` is the time of parser, parts of speech, edge types, hop distances and
co-occurrence bins over that of the parser alone, the two in turn in one process;
the times are the best of their rounds. The posts are put together from a few
sentences, or read from a file.
"""

import os

os.environ["OMP_NUM_THREADS"] = "1"

import argparse
import json
import random
import time
from collections.abc import Sequence
from pathlib import Path

from jmere.records import TextGraph
from jmere.tags import Vocabulary
from jmere.text.cooccurrence import CooccurrenceTable
from jmere.text.dependency import dependency_types, dependency_vocabulary, hop_distances, pos_ids
from jmere.text.parser import Parser
from jmere.text.words import Words, join, split
from jmere.training.parser.conllu import read_conllu

SENTENCES = (
    "Lionel Messi scores twice as Argentina beat France in the final",
    "The mayor of London opened the new bridge with her daughter this morning",
    "Our band plays at the Royal Albert Hall on Friday, tickets are still available!",
    "I can't believe that she won the award for best actress again",
    "President Obama speaks to students at the University of Chicago",
    "Who else is watching the game tonight?",
    "My grandfather, who fought in the war, turns ninety today",
    "A storm is moving towards the coast of Florida",
    "They signed a contract with Apple and moved from Berlin to California",
    "Best burger in town",
)
OPENINGS = ("", "", "RT @news : ", "@anna @ben ")
CLOSINGS = ("", "", " #news", " #live #music https://t.co/abc", " 😂😂")
BATCH = 64


def made_posts(count: int) -> list[Words]:
    """Posts of one or two sentences with the marks of tweets."""
    rng = random.Random(0)
    posts = []
    for _ in range(count):
        sentences = rng.sample(SENTENCES, rng.choice((1, 1, 2)))
        text = rng.choice(OPENINGS) + ". ".join(sentences) + rng.choice(CLOSINGS)
        posts.append(split(text))
    return posts


def read_posts(path: Path) -> list[Words]:
    """The posts of a file of JSON lines with ``tokens`` or ``text``, or of CoNLL-U."""
    if ".conllu" in path.name:
        return [join(tree.words) for tree in read_conllu(path)]
    with path.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [join(row["tokens"]) if "tokens" in row else split(row["text"]) for row in rows]


def number(
    graphs: Sequence[TextGraph], pos: Vocabulary, edges: Vocabulary, table: CooccurrenceTable
) -> None:
    """All matrices of the text graphs that a model takes, a batch at a time."""
    for start in range(0, len(graphs), BATCH):
        batch = graphs[start : start + BATCH]
        pos_ids(batch, pos)
        dependency_types(batch, edges)
        hop_distances(batch)
        table.bins([graph.words for graph in batch])


def main() -> None:
    """Measure and print one line of JSON."""
    options = arguments()
    parser = Parser.load()
    pos, edges = Vocabulary(parser.pos_names), dependency_vocabulary(parser.dependency_names)
    posts = read_posts(options.file) if options.file else made_posts(options.posts)
    table = CooccurrenceTable.count([post.words for post in posts])
    graphs = parser.parse(posts)
    number(graphs, pos, edges, table)
    parsing, numbering = [], []
    for _ in range(options.rounds):
        start = time.perf_counter()
        graphs = parser.parse(posts)
        middle = time.perf_counter()
        number(graphs, pos, edges, table)
        parsing.append(middle - start)
        numbering.append(time.perf_counter() - middle)
    words = sum(map(len, posts))
    result = {
        "name": "text_graph",
        "ratio": 1 + min(numbering) / min(parsing),
        "parser_seconds": min(parsing),
        "seconds": min(parsing) + min(numbering),
        "words_per_second": words / min(parsing),
        "posts": len(posts),
        "words": words,
    }
    print(json.dumps(result) if options.json else "\n".join(f"{k}: {v}" for k, v in result.items()))


def arguments() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    parser.add_argument("--file", type=Path, help="posts as .jsonl, .conllu or .conllu.xz")
    parser.add_argument("--posts", type=int, default=256, help="how many posts to make")
    parser.add_argument("--rounds", type=int, default=15)
    return parser.parse_args()


if __name__ == "__main__":
    main()
