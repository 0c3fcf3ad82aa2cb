"""The probability that the picture of a post shows an entity."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from importlib.util import find_spec
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from jmere.errors import require
from jmere.grid.calibration import probabilities
from jmere.tagger.engine_threads import MAX_POSTS, EngineThreads
from jmere.tagger.grounding import Shown
from jmere.tagger.scorer import Backend
from jmere.tagger.visible.described_window import DescribedWindow
from jmere.tagger.visible.head_files import (
    VISIBLE_GRAPH,
    HeadConfig,
    has_head,
    read_head_config,
)
from jmere.tagger.visible.pair_arrays import DescribedPost, pair_posts
from jmere.text.pieces import PieceTokenizer

LogOdds = NDArray[np.float32]
Engine = Callable[[Sequence[DescribedPost]], list[LogOdds]]
"""Returns the log-odds of the entities of each post."""


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
        self.pool: EngineThreads | None = None
        """Threads on which the engine is called; without, it is called on the own thread."""
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

                return OnnxVisible.load(folder, config.types)
            require("torch", "torch", f"{folder}: the head for visible, without {VISIBLE_GRAPH}")
            from jmere.tagger.visible.torch_visible import load_visible

            return load_visible(folder, config)

        return cls(config, load, tokenizer)

    def __call__(self, windows: Sequence[DescribedWindow]) -> list[Shown]:
        """Return the probability of each mention of each window; see ``start``."""
        return self.start(windows)()

    def start(self, windows: Sequence[DescribedWindow]) -> Callable[[], list[Shown]]:
        """Begin to judge the mentions of windows, on the engine's threads if it has some.

        Returns:
            What waits for the probability of each mention. A window that is not to be judged, or
            that leaves no room for a description, has ``None``.
        """
        shown: list[Shown] = [None if window.mentions else [] for window in windows]
        posts = dict(self._posts(windows))
        order = sorted(posts, key=lambda index: posts[index].length)
        calls = [order[start : start + MAX_POSTS] for start in range(0, len(order), MAX_POSTS)]
        begun = [self._call([posts[index] for index in call]) for call in calls]

        def finish() -> list[Shown]:
            for call, wait in zip(calls, begun, strict=True):
                for index, odds in zip(call, wait(), strict=True):
                    shares = self.config.calibration(probabilities(odds.astype(np.float64)))
                    shown[index] = [float(each) for each in shares]
            return shown

        return finish

    def _posts(self, windows: Sequence[DescribedWindow]) -> Iterator[tuple[int, DescribedPost]]:
        """Yield number and input of each window that can be judged."""
        chosen = [
            (number, window, window.description)
            for number, window in enumerate(windows)
            if window.mentions and window.description is not None
        ]
        posts = pair_posts(
            [window.words.words for _, window, _ in chosen],
            [window.pieces for _, window, _ in chosen],
            [description for *_, description in chosen],
            [window.mentions for _, window, _ in chosen],
            self._tokenizer,
            longest=self.config.longest,
        )
        for (number, *_), post in zip(chosen, posts, strict=True):
            if post is not None:
                yield number, post

    def _call(self, posts: Sequence[DescribedPost]) -> Callable[[], list[LogOdds]]:
        """Begin to compute some posts; return what waits for them."""
        if self.pool is None:
            found = self._compute(posts)
            return lambda: found
        begun: Future[list[LogOdds]] = self.pool.submit(self._compute, posts)
        return begun.result

    def _compute(self, posts: Sequence[DescribedPost]) -> list[LogOdds]:
        return self._scorer()(posts)

    def _scorer(self) -> Engine:
        with self._lock:
            if self._engine is None:
                self._engine = self._load()
            return self._engine
