"""Names by the labels of words: outside, first word of a name, later word of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

from jmere.records import Mention

OUTSIDE = 0
"""Label of a word in no name; type number n, from 1, has the labels 2n - 1 and 2n."""

_NEVER = -1e9


class ScoredMention(NamedTuple):
    """A name with the probability that the model gives it."""

    mention: Mention
    score: float
    """Product of the probabilities of its words' labels, in (0, 1]."""


def labels_of_words(mentions: Sequence[Mention], words: int, types: Sequence[str]) -> list[int]:
    """Return the label of each word; the inverse of ``decode_labels``.

    Args:
        mentions: Names without overlap; those of other types are passed over.
        words: Number of words.
        types: The types, by number from 1.

    Example:
        >>> labels_of_words([Mention(1, 3, "loc")], 4, ["per", "loc"])
        [0, 3, 4, 0]
    """
    labels = [OUTSIDE] * words
    for mention in mentions:
        if mention.type in types:
            later = 2 * (types.index(mention.type) + 1)
            labels[mention.start] = later - 1
            labels[mention.start + 1 : mention.end] = [later] * (mention.end - mention.start - 1)
    return labels


def decode_labels(
    scores: Float[np.ndarray, "posts words labels"],
    lengths: Int[np.ndarray, " posts"],
    types: Sequence[str],
) -> list[tuple[ScoredMention, ...]]:
    """Decode the most probable labels of each post in which a later word follows its own name.

    Args:
        scores: Finite logits or log-probabilities; padding may contain any value.
        lengths: Number of words of each post.
        types: The types, by number from 1.

    Returns:
        The names of each post, in text order.

    Example:
        >>> scores = 9 * np.eye(5, dtype=np.float32)[[[0, 3, 4, 0]]]
        >>> ((found,),) = decode_labels(scores, np.array([4]), ["per", "loc"])
        >>> found.mention
        Mention(start=1, end=3, type='loc')
    """
    found = []
    for own, length in zip(scores, lengths.tolist(), strict=True):
        logs = _log_shares(own[:length])
        labels = logs.argmax(axis=1)
        if not _is_legal(labels):
            labels = _best_legal(logs)
        found.append(tuple(_names(labels.tolist(), logs, types)))
    return found


def _log_shares(scores: NDArray[np.float32]) -> NDArray[np.float64]:
    logs = scores.astype(np.float64)
    logs -= logs.max(axis=1, keepdims=True)
    logs -= np.log(np.exp(logs).sum(axis=1, keepdims=True))
    return logs


def _is_legal(labels: NDArray[np.intp]) -> bool:
    before = np.concatenate([[OUTSIDE], labels[:-1]])
    later = (labels != OUTSIDE) & (labels % 2 == 0)
    return not bool((later & (before != labels) & (before != labels - 1)).any())


def _best_legal(logs: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the most probable legal labels of a post (Viterbi)."""
    count = logs.shape[1]
    number = np.arange(count)
    follows = (number % 2 == 1) | (number == OUTSIDE)  # a label that may follow any other
    may = follows | (number[:, None] == number) | (number[:, None] == number - 1)
    steps = np.where(may, 0.0, _NEVER)
    total = np.where(follows, logs[0], _NEVER)
    before = np.zeros(logs.shape, np.intp)
    for word in range(1, len(logs)):
        longer = total[:, None] + steps
        before[word] = longer.argmax(axis=0)
        total = longer.max(axis=0) + logs[word]
    labels = np.zeros(len(logs), np.intp)
    labels[-1] = total.argmax()
    for word in range(len(logs) - 1, 0, -1):
        labels[word - 1] = before[word, labels[word]]
    return labels


def _names(
    labels: Sequence[int], logs: NDArray[np.float64], types: Sequence[str]
) -> list[ScoredMention]:
    found: list[ScoredMention] = []
    start = 0
    for end in range(1, len(labels) + 1):
        label = labels[start]
        later = label + label % 2
        if end < len(labels) and label != OUTSIDE and labels[end] == later:
            continue
        if label != OUTSIDE:
            places = np.arange(start, end)
            score = float(np.exp(logs[places, list(labels[start:end])].sum()))
            found.append(ScoredMention(Mention(start, end, types[later // 2 - 1]), score))
        start = end
    return found
