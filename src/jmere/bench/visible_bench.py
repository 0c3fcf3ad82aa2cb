"""``jmere bench visible``: which entities of posts are to be seen in their pictures."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from jmere.evaluation.visible_scores import VisibleScores, score_visible
from jmere.inputs.prepare import gold_of
from jmere.records import Post
from jmere.tagger.folder import find_folder, read_config
from jmere.tagger.visible.described_window import DescribedWindow
from jmere.tagger.visible.visibility import Visibility
from jmere.text.pieces import PieceTokenizer
from jmere.text.words import post_words

_CHUNK = 256
"""Posts that are split into pieces at a time."""


def load_visibility(model: str | Path) -> tuple[Visibility, PieceTokenizer]:
    """Load the head for ``visible`` of a model, and its tokenizer.

    Raises:
        FileNotFoundError: If there is no such model.
        ValueError: If the model has no head, or is damaged.
    """
    folder = find_folder(model)
    read_config(folder)
    tokenizer = PieceTokenizer.load(folder)
    visibility = Visibility.find(folder, tokenizer)
    if visibility is None:
        raise ValueError(
            f"{model}: this model has no head for visible; expected one that "
            "'jmere build visible' has given one, such as 'default'"
        )
    return visibility, tokenizer


def judge_visible(
    posts: Iterable[Post], visibility: Visibility, tokenizer: PieceTokenizer
) -> VisibleScores:
    """Judge the gold entities of posts by text and alternative text, at the head's threshold.

    An entity of a post that leaves no room for a description counts as not visible.
    """
    gold: list[bool] = []
    found: list[bool] = []
    count = 0
    for chunk in _chunks(posts):
        words = [post_words(post) for post in chunk]
        pieces = tokenizer.split([each.words for each in words])
        windows = [
            DescribedWindow(own, split, gold_of(post, own)[0], post.alt_text or "")
            for post, own, split in zip(chunk, words, pieces, strict=True)
        ]
        count += len(chunk)
        for post, window, shares in zip(chunk, windows, visibility(windows), strict=True):
            marks = {window.words.mention(each): bool(each.visible) for each in post.entities}
            gold += [marks[mention] for mention in window.mentions]
            found += [
                share >= visibility.config.threshold
                for share in shares or [0.0] * len(window.mentions)
            ]
    return score_visible(gold, found, posts=count)


def _chunks(posts: Iterable[Post]) -> Iterable[list[Post]]:
    chunk: list[Post] = []
    for post in posts:
        chunk.append(post)
        if len(chunk) == _CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
