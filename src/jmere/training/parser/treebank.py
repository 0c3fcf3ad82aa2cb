"""Train the bundled parser on a treebank, and measure any parser on one.

jmere build parser train TREEBANK_DIR OUT --seconds 3600
jmere build parser evaluate FILE.conllu.xz
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from jmere.files.packaged import packaged_file
from jmere.pretrained.encoders import find_encoder
from jmere.records import TextGraph
from jmere.text.parser import Parser
from jmere.text.words import join
from jmere.training.parser.conllu import read_conllu
from jmere.training.parser.train_parser import split_file, train_parser

CONFIG = "recipes/bundled/parser.cfg"
"""The bundled parser's training config."""

app = typer.Typer(add_completion=False, help=__doc__)


@dataclass(frozen=True)
class Accuracy:
    """Scores of a parser on a file of trees, as shares of its words, punctuation included."""

    file: str
    pipeline: str
    one_tree: bool
    """Whether each text was parsed as one tree."""
    sentences: int
    words: int
    upos: float
    """Right part of speech."""
    uas: float
    """Right head."""
    las: float
    """Right head and label."""
    words_per_second: float


def evaluate_parser(
    trees: Sequence[TextGraph], parser: Parser, *, one_tree: bool = False, file: str = ""
) -> Accuracy:
    """Parse the words of gold trees, rules for tweets included, and compare.

    Raises:
        ValueError: If there is no tree.
    """
    if not trees:
        raise ValueError(f"{file}: no sentence to measure on")
    texts = [join(tree.words) for tree in trees]
    start = time.perf_counter()
    found = parser.parse(texts, one_tree=one_tree)
    seconds = time.perf_counter() - start
    words = upos = uas = las = 0
    for gold, tree in zip(trees, found, strict=True):
        heads = [a == b for a, b in zip(gold.heads, tree.heads, strict=True)]
        labels = [a == b for a, b in zip(gold.labels, tree.labels, strict=True)]
        words += len(heads)
        upos += sum(a == b for a, b in zip(gold.pos, tree.pos, strict=True))
        uas += sum(heads)
        las += sum(head and label for head, label in zip(heads, labels, strict=True))
    return Accuracy(
        file=file,
        pipeline=parser.name,
        one_tree=one_tree,
        sentences=len(trees),
        words=words,
        upos=upos / words,
        uas=uas / words,
        las=las / words,
        words_per_second=words / seconds,
    )


@app.command("train")
def _train(
    treebank: Annotated[Path, typer.Argument(help="Folder with *-train and *-dev.conllu[.xz].")],
    out: Annotated[Path, typer.Argument(help="Folder for the pipeline; must not exist.")],
    config: Annotated[
        Path | None, typer.Option(help="spaCy's training config, if not the bundled parser's.")
    ] = None,
    encoder: Annotated[
        str, typer.Option(help="Sentence encoder, by name or folder, that gives word vectors.")
    ] = "all-MiniLM-L6-v2",
    seconds: Annotated[float, typer.Option(help="Stop after this time at the latest.")] = 3600,
) -> None:
    """Train a pipeline and print how it does on the dev split."""
    config = config or packaged_file(CONFIG)
    train_parser(treebank, out, config=config, encoder=find_encoder(encoder), seconds=seconds)
    _report(split_file(treebank, "dev"), out, one_tree=True)


@app.command("evaluate")
def _evaluate(
    file: Annotated[Path, typer.Argument(help="CoNLL-U, plain or packed as .xz.")],
    pipeline: Annotated[
        str | None, typer.Option(help="A spaCy model's name or folder, if not the bundled one.")
    ] = None,
    one_tree: Annotated[bool, typer.Option(help="Make each text one tree.")] = False,
) -> None:
    """Print how a parser does on a file of trees, as one line of JSON."""
    _report(file, pipeline, one_tree=one_tree)


def _report(file: Path, pipeline: str | Path | None, *, one_tree: bool) -> None:
    trees = list(read_conllu(file))
    accuracy = evaluate_parser(trees, Parser.load(pipeline), one_tree=one_tree, file=file.name)
    typer.echo(json.dumps(asdict(accuracy)))
