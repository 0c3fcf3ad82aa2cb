"""Train the bundled parser on a treebank, and measure any parser on one.

python -m jmere.text.treebank train TREEBANK_DIR OUT --seconds 3600
python -m jmere.text.treebank evaluate FILE.conllu.xz
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import spacy
import typer
from spacy.language import Language
from spacy.tokens import Doc, DocBin
from spacy.training.initialize import init_nlp
from spacy.training.loop import train as run_training
from spacy.util import load_config, registry
from spacy.vocab import Vocab
from thinc.api import use_ops

from jmere.records import TextGraph
from jmere.text.augment import like_posts
from jmere.text.conllu import read_conllu
from jmere.text.parser import Parser
from jmere.text.spelling import normalise
from jmere.text.words import join

CONFIG = Path("configs/parser.cfg")
"""The bundled parser's training config, in the project's own folder."""

_META = {
    "name": "jmere_parser",
    "version": "1.0.0",
    "description": "Parts of speech and dependencies of English posts",
    "license": "CC BY-SA 4.0",
    "sources": [
        {
            "name": "UD English-EWT 2.16",
            "url": "https://github.com/UniversalDependencies/UD_English-EWT",
            "license": "CC BY-SA 4.0",
        }
    ],
    "spacy_version": ">=3.8,<4.0",
    "given_sentences": True,
}

app = typer.Typer(add_completion=False, help=__doc__)


@dataclass(frozen=True)
class Accuracy:
    """How well a parser does on a file of trees, as shares of its words, punctuation included."""

    file: str
    pipeline: str
    one_tree: bool
    """Whether each text was made one tree."""
    sentences: int
    words: int
    upos: float
    """Right part of speech."""
    uas: float
    """Right head."""
    las: float
    """Right head and label."""
    words_per_second: float


def evaluate(
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


def train(treebank: Path, out: Path, *, config: Path, seconds: float) -> None:
    """Train a pipeline with spaCy's training system, and keep the best on the dev split.

    Args:
        treebank: Folder with one ``*-train.conllu`` and one ``*-dev.conllu``, or ``.xz`` of them.
        out: Folder for the pipeline; must not exist.
        config: spaCy's training config.
        seconds: Time after which to stop, if training has not ended before.

    Raises:
        FileNotFoundError: If a split is missing.
        FileExistsError: If ``out`` exists.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    splits = {name: _split(treebank, name) for name in ("train", "dev")}
    out.mkdir()
    with tempfile.TemporaryDirectory() as name, use_ops("numpy", use_blis=False):
        work = Path(name)
        trees = {split: list(read_conllu(file)) for split, file in splits.items()}
        trees["train"] = list(like_posts(trees["train"], seed=0))
        for split in splits:
            _bin(trees[split]).to_disk(work / f"{split}.spacy")
        settings = load_config(
            config,
            overrides={
                **{f"paths.{split}": str(work / f"{split}.spacy") for split in splits},
                "training.before_update.seconds": seconds,
            },
        )
        with suppress(_TimeIsUpError):
            run_training(init_nlp(settings), work, stdout=sys.stderr)
        _ship(work / "model-best", out)


def _split(treebank: Path, name: str) -> Path:
    files = sorted(treebank.glob(f"*-{name}.conllu*"))
    if len(files) != 1:
        raise FileNotFoundError(
            f"{treebank}: {len(files)} files *-{name}.conllu or .conllu.xz; expected one"
        )
    return files[0]


def _bin(trees: Iterable[TextGraph]) -> DocBin:
    vocab = Vocab()
    return DocBin(
        attrs=["POS", "MORPH", "HEAD", "DEP", "SENT_START"],
        docs=[_doc(vocab, tree) for tree in trees],
    )


def _doc(vocab: Vocab, tree: TextGraph) -> Doc:
    """A tree as spaCy trains on it; without features the morphologizer tags parts of speech."""
    return Doc(
        vocab,
        words=[normalise(word) for word in tree.words],
        pos=list(tree.pos),
        morphs=["_"] * len(tree.words),
        heads=list(tree.heads),
        deps=["ROOT" if label == "root" else label for label in tree.labels],
        sent_starts=[place == 0 for place in range(len(tree.words))],
    )


def _ship(trained: Path, out: Path) -> None:
    """Copy a trained pipeline without what training alone needs, or tells of this machine."""
    nlp = spacy.load(trained)
    settings = nlp.config
    for section in ("paths", "system", "corpora", "training", "pretraining", "initialize"):
        settings.pop(section, None)
    nlp.config = settings
    nlp.meta.update(_META)
    # The vocabulary's strings are words of the treebank; the labels bring their own.
    nlp.to_disk(out, exclude=["vocab"])


class _TimeIsUpError(Exception):
    """Ends spaCy's training loop, which ends by itself after a number of steps alone."""


@registry.callbacks("jmere.stop_after.v1")  # type: ignore[untyped-decorator]
def _stop_after(seconds: float) -> Callable[[Language, dict[str, Any]], None]:
    end = time.monotonic() + seconds

    def before_update(nlp: Language, info: dict[str, Any]) -> None:
        if info["step"] and time.monotonic() > end:
            raise _TimeIsUpError

    return before_update


@app.command("train")
def _train(
    treebank: Annotated[Path, typer.Argument(help="Folder with *-train and *-dev.conllu[.xz].")],
    out: Annotated[Path, typer.Argument(help="Folder for the pipeline; must not exist.")],
    config: Annotated[Path, typer.Option(help="spaCy's training config.")] = CONFIG,
    seconds: Annotated[float, typer.Option(help="Stop after this time at the latest.")] = 3600,
) -> None:
    """Train a pipeline and print how it does on the dev split."""
    train(treebank, out, config=config, seconds=seconds)
    _report(_split(treebank, "dev"), out, one_tree=True)


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
    accuracy = evaluate(trees, Parser.load(pipeline), one_tree=one_tree, file=file.name)
    typer.echo(json.dumps(asdict(accuracy)))


if __name__ == "__main__":
    app()
