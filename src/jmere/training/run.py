"""From a run file to a trained model."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from accelerate.utils import set_seed

from jmere.data.jsonl import read_posts
from jmere.data.transforms import distinct, outside
from jmere.evaluation.scores import Scores
from jmere.grid.signatures import named_signatures
from jmere.inputs.prepare import PreparedPost, windows_of
from jmere.models.pipeline import Pipeline, PipelineConfig
from jmere.records import Post, SceneGraph
from jmere.scenes.control import apply_visual_control, shown_posts
from jmere.tagger.model_encoder import encoder_of
from jmere.tagger.storage import create_tagger
from jmere.tagger.tagger import Tagger, TaggerConfig
from jmere.tags import TagSet, Vocabulary
from jmere.text.cooccurrence import CooccurrenceTable
from jmere.text.dependency import SELF
from jmere.text.parser import Parser
from jmere.text.words import post_words
from jmere.training.after import finish
from jmere.training.begin_tagger import begin_tagger
from jmere.training.claim import check_output
from jmere.training.crowds.draws import DrawnTexts
from jmere.training.crowds.stacks import stacked_sets
from jmere.training.distill import teacher_probabilities
from jmere.training.epoch_posts import EpochPosts
from jmere.training.loop import Trainer
from jmere.training.read import read_splits
from jmere.training.report import (
    tell_pictures_without_graph,
    tell_what_is_long,
    tell_what_is_lost,
    tell_what_is_unseen,
)
from jmere.training.resume import check_resumable
from jmere.training.run_config import RunConfig
from jmere.training.views import DrawnViews, Views, further_views
from jmere.vision.pixels import PixelScenes

log = logging.getLogger(__name__)


def train(config: RunConfig, *, resume: bool = False) -> Scores:
    """Train as ``config`` says; scores of the kept model on dev.

    Raises:
        ValueError: If a file of posts is not in order, or the output folder cannot be used.
        FileNotFoundError: If a file is missing.
        DivergedError: If the loss or the weights are no longer finite.
    """
    check_output(config)
    check_resumable(config, resume=resume)  # before hours of preparation, not after
    set_seed(config.training.seed)
    tags = TagSet.load(config.data.tags)
    train, dev = read_splits(config, tags)
    learned = train if config.data.keep_overlap else list(outside(train, dev))
    if not learned:
        raise ValueError("data.train: every post is in dev too; data.keep_overlap keeps them")
    if len(learned) < len(train):
        log.warning("%d training posts are left out: dev has them", len(train) - len(learned))
    more = _unlabelled(config, [*learned, *dev])
    tagger, views = _prepare(config, tags, [*learned, *more])
    scenes = [first for first, *_ in views]
    train_posts = tagger.prepare(learned, scenes[: len(learned)])
    dev_posts = tagger.prepare(dev, _shown(config, tagger.prepare.scenes.scenes(dev)))
    log.info("%d posts to train on, %d to select on", len(learned), len(dev))
    tell_what_is_long(train_posts, "training", tagger.prepare.longest)
    tell_what_is_long(dev_posts, "dev", tagger.prepare.longest)
    tell_what_is_lost(tagger, train_posts)
    to_learn = [
        replace(window, views=tuple(others))
        for each, (_, *others) in zip(train_posts, views, strict=False)
        for window in each.windows
    ]
    if config.teachers:
        others = tagger.prepare(more, scenes[len(learned) :], on_long="drop")
        to_learn = _with_teachers(config, tagger, to_learn, windows_of(others))
    if config.training.signatures:
        links = (link for window in to_learn for link in window.links)
        tagger.decoder = replace(tagger.decoder, signatures=named_signatures(links))
    dev_sets = [dev_posts, *stacked_sets(tagger.prepare, dev_posts, config.data.join)]
    Trainer(config, tagger).run(_epoch_posts(config, tagger, to_learn), dev_sets, resume=resume)
    return finish(config, dev_sets, to_learn)


def _epoch_posts(config: RunConfig, tagger: Tagger, posts: Sequence[PreparedPost]) -> EpochPosts:
    """The posts of every epoch, or what draws them where they are varied or joined."""
    data, seed = config.data, config.training.seed
    if data.join.share or data.vary.texts():
        texts = DrawnTexts(posts, tagger.prepare, join=data.join, vary=data.vary, seed=seed)
        return EpochPosts(draw=texts)
    blind = data.vary.no_picture
    if blind or any(post.views for post in posts):
        return EpochPosts(draw=DrawnViews(posts, tagger.prepare, blind=blind, seed=seed))
    return EpochPosts(posts)


def prepare_tagger(
    config: RunConfig, tags: TagSet, train: Sequence[Post]
) -> tuple[Tagger, list[SceneGraph]]:
    """A tagger whose vocabularies and co-occurrence table are counted on the training posts.

    One that goes on from a trained model has that model's.

    Returns:
        The tagger, and the visual graphs of the training posts, which were needed to count.
    """
    tagger, views = _prepare(config, tags, train)
    return tagger, [first for first, *_ in views]


def _prepare(config: RunConfig, tags: TagSet, train: Sequence[Post]) -> tuple[Tagger, list[Views]]:
    """A tagger as by ``prepare_tagger``, and the views of the training posts' pictures."""
    pixels, seen = _pixels(config), config.visual.within_folder()
    graphs = config.visual.graphs()
    begun = None if config.begin is None else begin_tagger(config, tags)
    parser = Parser.load(config.graphs.parser) if begun is None else begun.prepare.parser
    sources = config.visual.sources(
        parser,
        objects=config.graph_config().objects,
        graphs=graphs,
        pixels=pixels,
        words=seen.words(),
        captions=seen.captions(),
    )
    sights = sources.look(train)
    tell_what_is_unseen(sights)
    if config.visual.shown != "none":
        tell_pictures_without_graph(sources, train)
    views = _shown_views(config, [sight.scene for sight in sights], further_views(sources, train))
    scenes = [scene for each in views for scene in each]
    _check_pictures(config, scenes)
    tagger = begun or create_tagger(
        TaggerConfig(config.model, config.graph_config()),
        decoding=config.decoding,
        encoder=encoder_of(config.encoder),
        parser=parser,
        tags=tags,
        cooccurrence=CooccurrenceTable.count(
            (post_words(post).words for post in train), window=config.data.window
        ),
        predicates=count_predicates(scenes, config.data.predicate_count),
    )
    if begun is None:
        _take_relations(config, tagger)
    tagger.use_scenes(sources)
    return tagger, views


def _check_pictures(config: RunConfig, scenes: Sequence[SceneGraph]) -> None:
    """Check that there are pictures where the run file says so.

    Raises:
        ValueError: If no training post has a visual graph in the file that it names, or none
            has the appearance vectors that the model takes.
    """
    if config.visual.shown == "none":
        return
    if config.visual.scenes is not None and not any(scene.objects for scene in scenes):
        raise ValueError(f"visual.scenes: {config.visual.scenes} has no picture of a training post")
    if config.graphs.appearance and all(scene.appearance is None for scene in scenes):
        raise ValueError(
            f"graphs.appearance is {config.graphs.appearance}, but no training post has appearance "
            "vectors: give visual.scenes and visual.features, or visual.images, or "
            "set graphs.appearance=0"
        )


def _take_relations(config: RunConfig, tagger: Tagger) -> None:
    """Put the relation half of a trained pipeline into a new one that names its folder.

    Raises:
        ValueError: If the folder holds no pipeline, or one with other choices.
    """
    choices = config.model.choices
    if not isinstance(choices, PipelineConfig) or choices.relations.trained is None:
        return
    where = f"model.relations.trained: {choices.relations.trained}"
    other = Tagger.from_pretrained(choices.relations.trained)
    theirs = other.config.model.choices
    if not isinstance(theirs, PipelineConfig):
        raise ValueError(f"{where}: expected a pipeline, found {other.config.model.name!r}")
    mine, its = (replace(each.relations, trained=None) for each in (choices, theirs))
    for name, ours, found in (
        ("relations", mine, its),
        ("graphs", config.graph_config(), other.config.graphs),
        ("tags", tagger.tags, other.tags),
    ):
        if ours != found:
            raise ValueError(f"{where}: its {name} differ from this run's")
    network, trained = tagger.network, other.network
    assert isinstance(network, Pipeline)
    assert isinstance(trained, Pipeline)
    try:
        network.take_relations(trained.relations.state_dict())
    except RuntimeError:
        raise ValueError(f"{where}: its encoder differs from this run's") from None


def _unlabelled(config: RunConfig, known: Sequence[Post]) -> list[Post]:
    """The posts to learn from the teachers alone: each text once, none that is known."""
    read = (post for path in config.data.unlabelled for post in read_posts(path))
    bare = (replace(post, quintuples=(), entities=()) for post in read)
    return list(outside(distinct(bare), known))


def _with_teachers(
    config: RunConfig,
    tagger: Tagger,
    annotated: Sequence[PreparedPost],
    others: Sequence[PreparedPost],
) -> list[PreparedPost]:
    """Return the windows of all posts with the tag probabilities of the teachers."""
    log.info("%d unlabelled posts, with targets of %d teachers", len(others), len(config.teachers))
    ready = [*annotated, *(replace(each, annotated=False) for each in others)]
    opinions = teacher_probabilities(
        config.teachers, ready, tags=tagger.tags, symmetric=tagger.batch.symmetric
    )
    return [replace(each, taught=opinion) for each, opinion in zip(ready, opinions, strict=True)]


def _shown(config: RunConfig, scenes: Sequence[SceneGraph]) -> list[SceneGraph]:
    return apply_visual_control(scenes, config.visual.shown, seed=config.training.seed)


def _shown_views(
    config: RunConfig, scenes: Sequence[SceneGraph], others: Sequence[Views]
) -> list[Views]:
    """The views of the picture that each post is shown, at least one."""
    own = [(scene, *more) for scene, more in zip(scenes, others, strict=True)]
    sources = shown_posts(scenes, config.visual.shown, seed=config.training.seed)
    return [(SceneGraph(),) if source is None else own[source] for source in sources]


def _pixels(config: RunConfig) -> PixelScenes | None:
    """What looks at the pictures, where their folder is given; all it needs is there."""
    pixels = config.visual.within_folder().pixels()
    if pixels is not None and config.visual.shown != "none":
        pixels.load()  # what is missing ends the run now, not the pictures' part in it
    return pixels


def count_predicates(scenes: Iterable[SceneGraph], least: int) -> Vocabulary:
    """The predicates with ``least`` relations or more, the most frequent first."""
    counts = Counter(relation.predicate for scene in scenes for relation in scene.relations)
    common = sorted((n for n, c in counts.items() if c >= least), key=lambda n: (-counts[n], n))
    return Vocabulary([SELF, *common][:254])
