"""Word co-occurrence: binned pointwise mutual information (PMI)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save
from spacy.lang.en.stop_words import STOP_WORDS

from jmere.errors import DataError, Problem, one_line
from jmere.files.json_values import parse_json
from jmere.files.whole import written_whole

UNKNOWN_WORD = 0
"""Bin of uncounted pairs, excluded words and padding."""

_FORMAT = "jmere co-occurrence table 1"
"""Format name in a table's file."""

_DROPPED = -1
_Ints = NDArray[np.int64]


class CooccurrenceTable:
    """Table of binned pointwise mutual information (PMI) for pairs of words.

    Bin 0 is an unknown pair, bin 1 a pair whose PMI is not positive, and ``ceil(PMI / 2) + 1``
    any other pair, with the PMI in bits. Words are compared in lower case; stop words and
    punctuation are excluded.
    """

    def __init__(self, words: Sequence[str], keys: _Ints, bins: NDArray[np.uint8]) -> None:
        """Create a table from its arrays; use ``count`` or ``load`` instead.

        Args:
            words: Distinct words.
            keys: ``i * len(words) + j`` for each pair of words with ``i <= j``, rising.
            bins: Bin of each pair.

        Raises:
            ValueError: If the three do not fit together.
        """
        if len(set(words)) < len(words):
            raise ValueError("the table has a duplicate word")
        if keys.dtype != np.int64 or bins.dtype != np.uint8 or keys.ndim != 1:
            raise ValueError("expected a 64-bit key and an 8-bit bin per pair")
        if keys.shape != bins.shape:
            raise ValueError(f"{keys.size} pairs, but {bins.size} bins")
        if (keys[1:] <= keys[:-1]).any():
            raise ValueError("the pair keys are not in ascending order")
        if len(keys) and not 0 <= keys[0] <= keys[-1] < len(words) ** 2:
            raise ValueError(f"a pair names a word beyond the {len(words)} words")
        self._keys, self._bins = keys, bins
        self._ids = {word: index for index, word in enumerate(words)}

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self._keys)

    @property
    def bin_count(self) -> int:
        """Return the number of bins, including the unknown and the negative one."""
        return max(2, int(self._bins.max(initial=0)) + 1)

    @classmethod
    def count(
        cls, posts: Iterable[Sequence[str]], *, window: int = 8, minimum_count: int = 2
    ) -> CooccurrenceTable:
        """Count the pairs of a training split.

        ``PMI(a, b) = log2 p(a, b) / (p(a) p(b))``, with probabilities estimated over all ordered
        pairs of counted words within a window.

        Args:
            posts: The words of each post.
            window: Window size in words: paired words are at most ``window - 1`` positions apart.
            minimum_count: Pairs seen less often stay unknown. At 1 every near pair of a
                training post would be known, unlike those of the posts to come.

        Raises:
            ValueError: If ``window`` is below 2 or ``minimum_count`` below 1.

        Example:
            >>> posts = [["red", "car"], ["red", "car"], ["blue", "sky"], ["blue", "sky"]]
            >>> table = CooccurrenceTable.count(posts, window=2, minimum_count=1)
            >>> table.bins([["red", "car"]])[0].tolist()
            [[0, 2], [2, 0]]
        """
        if window < 2:
            raise ValueError(f"the window must span at least 2 words, got {window}")
        if minimum_count < 1:
            raise ValueError(f"the minimum count must be at least 1, got {minimum_count}")
        posts = [[_kept(word) for word in post] for post in posts]
        words = sorted({word for post in posts for word in post if word})
        ids = _numbers(posts, {word: index for index, word in enumerate(words)})
        first, second = _pairs(_posts(posts), window - 1)
        near = (ids[first] != _DROPPED) & (ids[second] != _DROPPED)
        first, second = ids[first[near]], ids[second[near]]
        keys, counts = np.unique(_keys(first, second, len(words)), return_counts=True)

        low, high = np.divmod(keys, max(1, len(words)))
        ordered = np.where(low == high, 2, 1) * counts
        totals = np.bincount(np.concatenate([first, second]), minlength=len(words))
        pmi = np.log2(ordered / totals[low] * (2 * len(first)) / totals[high])
        bins = np.clip(np.ceil(pmi / 2), 0, 254).astype(np.uint8) + np.uint8(1)
        often = counts >= minimum_count
        return cls._compact(words, low[often], high[often], bins[often])

    @classmethod
    def _compact(
        cls, words: Sequence[str], low: _Ints, high: _Ints, bins: NDArray[np.uint8]
    ) -> CooccurrenceTable:
        """Return a table of the words that occur in a pair, renumbered."""
        used, ends = np.unique(np.concatenate([low, high]), return_inverse=True)
        keys = _keys(ends[: len(low)], ends[len(low) :], len(used))
        return cls([words[index] for index in used], keys, bins)

    def bins(self, posts: Sequence[Sequence[str]]) -> NDArray[np.uint8]:
        """Look up the bin of every pair of words of each post.

        Returns:
            Bins, posts x words x words, symmetric; ``UNKNOWN_WORD`` on the diagonal and on padding.
        """
        width = max(map(len, posts), default=0)
        found = np.full((len(posts), width, width), UNKNOWN_WORD, np.uint8)
        if not len(self):
            return found
        ids = _numbers([[word.lower() for word in post] for post in posts], self._ids)
        known = ids != _DROPPED
        post, word = (index[known] for index in (_posts(posts), _word_indices(posts)))
        ids = ids[known]
        first, second = _pairs(post, int(np.bincount(post).max(initial=1)) - 1)
        keys = _keys(ids[first], ids[second], len(self._ids))
        at = np.searchsorted(self._keys, keys).clip(max=len(self) - 1)
        bins = np.where(self._keys[at] == keys, self._bins[at], np.uint8(UNKNOWN_WORD))
        found[post[first], word[first], word[second]] = bins
        found[post[first], word[second], word[first]] = bins
        return found

    def save(self, path: str | Path) -> None:
        """Write the table to one safetensors file."""
        words = json.dumps(list(self._ids), ensure_ascii=False).encode()
        tensors: dict[str, NDArray[Any]] = {
            "words": np.frombuffer(words, np.uint8),
            "keys": self._keys,
            "bins": self._bins,
        }
        with written_whole(path, binary=True) as stream:
            stream.write(save(tensors, metadata={"format": _FORMAT}))

    @classmethod
    def load(cls, path: str | Path) -> CooccurrenceTable:
        """Read a table.

        Raises:
            FileNotFoundError: If the file does not exist.
            DataError: If the file is damaged or holds anything else.
        """
        path = Path(path)
        if not path.is_file():
            raise FileNotFoundError(f"{path}: no such file; expected a co-occurrence table")
        try:
            with safe_open(path, framework="numpy") as file:
                if (file.metadata() or {}).get("format") != _FORMAT:
                    raise ValueError(f"expected the format {_FORMAT!r}")
                words, keys, bins = (file.get_tensor(name) for name in ("words", "keys", "bins"))
            names = parse_json(words.tobytes())
            if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
                raise ValueError("expected a list of words")
            return cls(names, keys, bins)
        except (SafetensorError, ValueError, TypeError, KeyError, AttributeError) as error:
            message = f"not a co-occurrence table ({one_line(error)})"
            raise DataError(Problem(str(path), None, message)) from None


def _kept(word: str) -> str:
    """Return the word as counted; the empty string for stop words and punctuation."""
    word = word.lower()
    return word if word not in STOP_WORDS and any(map(str.isalnum, word)) else ""


def _numbers(posts: Sequence[Sequence[str]], ids: Mapping[str, int]) -> _Ints:
    """Return the number of every word, post after post; ``_DROPPED`` for excluded words."""
    return np.array([ids.get(word, _DROPPED) for post in posts for word in post], np.int64)


def _posts(posts: Sequence[Sequence[str]]) -> _Ints:
    """Return the post index of every word."""
    return np.repeat(np.arange(len(posts)), [len(post) for post in posts])


def _word_indices(posts: Sequence[Sequence[str]]) -> _Ints:
    """Return the index of every word in its post."""
    return np.array([word for post in posts for word in range(len(post))], np.int64)


def _pairs(post: _Ints, reach: int) -> tuple[_Ints, _Ints]:
    """Return all index pairs of words of one post that are at most ``reach`` apart."""
    index = np.arange(len(post))
    pairs = [
        (near, near + apart)
        for apart in range(1, min(reach, len(post) - 1) + 1)
        if (near := index[:-apart][post[:-apart] == post[apart:]]).size
    ]
    if not pairs:
        return index[:0], index[:0]
    return np.concatenate([a for a, _ in pairs]), np.concatenate([b for _, b in pairs])


def _keys(first: _Ints, second: _Ints, size: int) -> _Ints:
    """Return one key per unordered pair of word numbers below ``size``."""
    return np.minimum(first, second) * size + np.maximum(first, second)
