"""Predictions for gold posts, with their pictures, without, or with shuffled pictures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from jmere.data.jsonl import read_posts
from jmere.errors import nearest
from jmere.evaluation.readings import Reading, as_reading
from jmere.evaluation.scores import Scores, score
from jmere.extract import Extractor
from jmere.records import Extraction, Post, SceneGraph
from jmere.scenes.control import VISUALS, Visual, apply_visual_control


def evaluate(
    model: Extractor | str | Path,
    posts: Iterable[Post] | str | Path,
    *,
    reading: Reading = "directed",
    visual: Visual = "real",
    seed: int = 0,
    batch_size: int = 64,
) -> Scores:
    """Score a model on gold posts: P/R/F1 of quintuples (JMERE) and of entities (MNER).

    Args:
        model: An extractor, a model folder, a hub id, or ``default`` for the bundled model.
        posts: Gold posts, or a file of them.
        reading: Which quintuples are equal: ``directed``, ``undirected`` or ``surface``.
        visual: ``real`` visual graphs, ``none``, or ``shuffled`` among the posts.
        seed: Seed of the shuffling.
        batch_size: Posts computed together.

    Raises:
        ValueError: If no post is annotated, a label is not the model's, or a name is unknown.
        FileNotFoundError: If there is no such model or file.

    Example:
        >>> from jmere import Entity, Extractor, Post, Quintuple
        >>> text = "Stephen Curry leads the Golden State Warriors"
        >>> head, tail = Entity("Stephen Curry", "per", 0, 13), Entity("", "org", 24, 45)
        >>> gold = Post(id="1", text=text, quintuples=[Quintuple(head, tail, "member_of")])
        >>> evaluate(Extractor.from_pretrained(), [gold]).jmere.f1
        1.0
    """
    kind = as_reading(reading)
    if visual not in VISUALS:
        raise ValueError(f"unknown visual {visual!r}; {nearest(str(visual), VISUALS)}")
    extractor = model if isinstance(model, Extractor) else Extractor.from_pretrained(model)
    if isinstance(posts, str | Path):
        posts = read_posts(posts, tags=extractor.tagger.tags)
    gold = list(posts)
    if not any(post.quintuples or post.entities for post in gold):
        raise ValueError(
            f"none of the {len(gold)} posts has quintuples or entities to compare with"
        )
    found = extract_gold(extractor, gold, visual=visual, seed=seed, batch_size=batch_size)
    return score(gold, found, kind)


def extract_gold(
    extractor: Extractor,
    posts: Sequence[Post],
    *,
    visual: Visual = "real",
    seed: int = 0,
    batch_size: int = 64,
) -> list[Extraction]:
    """Predict gold posts, whose annotation the model does not see.

    Args:
        extractor: The model.
        posts: Gold posts.
        visual: ``real`` visual graphs; ``none``; or ``shuffled`` among the posts that have
            one, which tests whether the model uses them.
        seed: Seed of the shuffling.
        batch_size: Posts computed together.
    """
    if visual == "real":
        return list(extractor.stream(posts, batch_size=batch_size))
    own = [] if visual == "none" else extractor.tagger.prepare.scenes.scenes(posts)
    scenes = apply_visual_control(own or [SceneGraph()] * len(posts), visual, seed=seed)
    return extractor.extract_with(posts, scenes, batch_size=batch_size)
