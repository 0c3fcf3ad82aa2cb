"""Posts with marked entities, made ready to train a head for ``visible``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from jmere.inputs.prepare import gold_of
from jmere.records import Post, SceneGraph
from jmere.scenes.sources.from_caption import FromCaption
from jmere.tagger.visible.description import description_of
from jmere.tagger.visible.pair_arrays import describe
from jmere.text.parser import Parser
from jmere.text.pieces import PieceTokenizer
from jmere.text.words import post_words
from jmere.training.visible.fit_visible import MarkedPost


def prepare_marked(
    posts: Sequence[Post], tokenizer: PieceTokenizer, *, longest: int, parser: Parser | None = None
) -> list[MarkedPost]:
    """Prepare posts whose entities say whether they are visible.

    Args:
        posts: Posts with entities; their alternative text describes the picture.
        tokenizer: The encoder's.
        longest: Maximum number of pieces that the encoder takes.
        parser: Finds the objects of descriptions; without it a list of objects is left blank.

    Returns:
        Those that leave room for a description.
    """
    scenes = [None] * len(posts) if parser is None else FromCaption(parser).find(posts)
    words = [post_words(post) for post in posts]
    pieces = tokenizer.split([each.words for each in words])
    mentions = [gold_of(post, own)[0] for post, own in zip(posts, words, strict=True)]
    texts = (
        [description_of(post, SceneGraph()) for post in posts],
        [
            description_of(replace(post, alt_text=None), scene or SceneGraph())
            for post, scene in zip(posts, scenes, strict=True)
        ],
        [""] * len(posts),
    )
    described, listed, bare = (
        describe([each.words for each in words], pieces, text, mentions, tokenizer, longest=longest)
        for text in texts
    )
    found = []
    for post, own, *forms in zip(posts, words, described, listed, bare, strict=True):
        whole, objects, nothing = forms
        if whole is not None and objects is not None and nothing is not None:
            shown = {own.mention(entity): bool(entity.visible) for entity in post.entities}
            marks = tuple(shown[mention] for mention in whole.mentions)
            found.append(MarkedPost(whole, objects, nothing, marks))
    return found
