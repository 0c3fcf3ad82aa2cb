"""The probability that the picture of a post shows an entity."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from jmere.errors import require
from jmere.grid.calibration import probabilities
from jmere.records import Mention
from jmere.tagger.scorer import Backend
from jmere.tagger.visible.head_files import (
    VISIBLE_GRAPH,
    HeadConfig,
    has_head,
    read_head_config,
)
from jmere.tagger.visible.pair_arrays import PairArrays, pair_arrays, pair_posts
from jmere.text.pieces import Pieces, PieceTokenizer
from jmere.text.words import Words

Engine = Callable[[PairArrays], NDArray[np.float32]]


class Visibility:
    """Judges by post and description whether the picture shows the post's entities.

    The engine is loaded when the first post with a description comes.
    """

    def __init__(
        self,
        config: HeadConfig,
        load: Callable[[], Engine],
        tokenizer: PieceTokenizer,
    ) -> None:
        self.config = config
        self._load, self._tokenizer = load, tokenizer
        self._engine: Engine | None = None
        self._lock = Lock()

    @classmethod
    def find(
        cls, folder: Path, tokenizer: PieceTokenizer, *, backend: Backend = "auto"
    ) -> Visibility | None:
        """Return the head of a model folder, if it has one.

        Raises:
            FileNotFoundError: If a file of the head is missing.
            ValueError: If its config is damaged.
        """
        if not has_head(folder):
            return None
        config = read_head_config(folder)

        def load() -> Engine:
            has_graph = (folder / VISIBLE_GRAPH).is_file() and find_spec("onnxruntime") is not None
            if has_graph and backend != "torch":
                from jmere.tagger.visible.onnx_visible import OnnxVisible

                return OnnxVisible.load(folder)
            require("torch", "torch", f"{folder}: the head for visible, without {VISIBLE_GRAPH}")
            from jmere.tagger.visible.torch_visible import load_visible

            return load_visible(folder, config)

        return cls(config, load, tokenizer)

    def __call__(
        self, words: Words, pieces: Pieces, mentions: Sequence[Mention], description: str
    ) -> list[float] | None:
        """Return the probability of each mention.

        Args:
            words: The words of the post.
            pieces: Their pieces.
            mentions: Entities of the post.
            description: What is known of the picture; the head was shown some posts without.

        Returns:
            ``None`` where the post leaves no room for a description.
        """
        if not mentions:
            return []
        (post,) = pair_posts(
            [words.words], [pieces], [description], [mentions], self._tokenizer,
            longest=self.config.longest,
        )  # fmt: skip
        if post is None:
            return None
        odds = self._scorer()(pair_arrays([post], self.config.types)).astype(np.float64)
        found = self.config.calibration(probabilities(odds))
        return [float(each) for each in found]

    def _scorer(self) -> Engine:
        with self._lock:
            if self._engine is None:
                self._engine = self._load()
            return self._engine
