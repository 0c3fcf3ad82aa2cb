"""Trains the bundled parser, with spaCy's own training system."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import spacy
from spacy.language import Language
from spacy.tokens import Doc, DocBin
from spacy.training.initialize import init_nlp
from spacy.training.loop import train as run_training
from spacy.util import load_config, registry
from spacy.vocab import Vocab
from thinc.api import use_ops

from jmere.records import TextGraph
from jmere.text.spelling import normalise
from jmere.training.parser.augment import like_posts
from jmere.training.parser.conllu import read_conllu
from jmere.training.parser.word_vectors import word_vectors

VECTORS, VECTOR_WIDTH = 15_000, 48
"""Number and width of the bundled parser's word vectors."""

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
        },
        {
            "name": "all-MiniLM-L6-v2 (word vectors)",
            "url": "https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2",
            "license": "Apache-2.0",
        },
    ],
    "spacy_version": ">=3.8,<4.0",
    "given_sentences": True,
}


def train_parser(
    treebank: Path, out: Path, *, config: Path, encoder: str | Path, seconds: float
) -> None:
    """Train a pipeline with spaCy's training system, and keep the best on the dev split.

    Args:
        treebank: Folder with one ``*-train.conllu`` and one ``*-dev.conllu``, or ``.xz`` of them.
        out: Folder for the pipeline; must not exist.
        config: spaCy's training config.
        encoder: Folder of the sentence encoder whose word vectors the pipeline starts from.
        seconds: Time after which to stop, if training has not ended before.

    Raises:
        FileNotFoundError: If a split is missing.
        FileExistsError: If ``out`` exists.
    """
    if out.exists():
        raise FileExistsError(f"{out}: exists already; expected a new folder")
    splits = {name: split_file(treebank, name) for name in ("train", "dev")}
    with tempfile.TemporaryDirectory() as name, use_ops("numpy", use_blis=False):
        work = Path(name)
        trees = {split: list(read_conllu(file)) for split, file in splits.items()}
        trees["train"] = list(like_posts(trees["train"], seed=0))
        for split in splits:
            _bin(trees[split]).to_disk(work / f"{split}.spacy")
        vectors = spacy.blank("en")
        vectors.vocab.vectors = word_vectors(encoder, words=VECTORS, width=VECTOR_WIDTH)
        vectors.to_disk(work / "vectors")
        settings = load_config(
            config,
            overrides={
                "paths.vectors": str(work / "vectors"),
                **{f"paths.{split}": str(work / f"{split}.spacy") for split in splits},
                "training.before_update.seconds": seconds,
            },
        )
        with suppress(_TimeIsUpError):
            run_training(init_nlp(settings), work, stdout=sys.stderr)
        _ship(work / "model-best", out)


def split_file(treebank: Path, name: str) -> Path:
    """The file of a treebank's split.

    Raises:
        FileNotFoundError: If there is not exactly one.
    """
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
        sent_starts=[index == 0 for index in range(len(tree.words))],
    )


def _ship(trained: Path, out: Path) -> None:
    """Copy a trained pipeline without what training alone needs, or tells of this machine."""
    nlp = spacy.load(trained)
    settings = nlp.config
    for section in ("paths", "system", "corpora", "training", "pretraining", "initialize"):
        settings.pop(section, None)
    nlp.config = settings
    nlp.meta.update(_META)
    out.parent.mkdir(parents=True, exist_ok=True)
    # The vocabulary's strings are words of the treebank; the labels bring their own.
    nlp.to_disk(out, exclude=["vocab"])
    nlp.vocab.to_disk(out / "vocab", exclude=["strings", "lookups"])
    (out / "vocab" / "strings.json").write_text("[]\n", encoding="utf-8")


class _TimeIsUpError(Exception):
    """Raised to end spaCy's training loop, which otherwise runs a fixed number of steps."""


@registry.callbacks("jmere.stop_after.v1")  # type: ignore[untyped-decorator]
def _stop_after(seconds: float) -> Callable[[Language, dict[str, Any]], None]:
    end = time.monotonic() + seconds

    def before_update(nlp: Language, info: dict[str, Any]) -> None:
        if info["step"] and time.monotonic() > end:
            raise _TimeIsUpError

    return before_update
