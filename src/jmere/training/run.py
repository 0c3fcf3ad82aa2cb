"""From a run file to a trained model."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import islice

from accelerate.utils import set_seed

from jmere.data.jsonl import read_posts
from jmere.data.transforms import distinct, outside
from jmere.evaluation.scores import Scores
from jmere.grid.decode import Decoder
from jmere.grid.signatures import named_signatures
from jmere.inputs.prepare import Dev, PreparedPost
from jmere.models.pipeline import Pipeline, PipelineConfig
from jmere.records import Post, SceneGraph
from jmere.scenes.files.scene_files import read_scenes
from jmere.scenes.sources import SceneSources, apply_visual_control
from jmere.tagger.model_encoder import encoder_of
from jmere.tagger.storage import create_tagger
from jmere.tagger.tagger import Tagger, TaggerConfig
from jmere.tags import TagSet, Vocabulary
from jmere.text.cooccurrence import CooccurrenceTable
from jmere.text.dependency import SELF
from jmere.text.parser import Parser
from jmere.text.words import post_words
from jmere.training.after import finish
from jmere.training.claim import check_output
from jmere.training.crowds.draws import DrawnTexts
from jmere.training.crowds.stacks import stacked
from jmere.training.crowds.texts import Text
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
from jmere.vision.pixels import PixelScenes

log = logging.getLogger(__name__)

_CHUNK = 256
"""Posts prepared at a time."""


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
        raise ValueError("data.train: dev has every post of it; data.keep_overlap learns them")
    if len(learned) < len(train):
        log.warning("%d training posts are left out: dev has them", len(train) - len(learned))
    more = _unlabelled(config, [*learned, *dev])
    tagger, scenes = prepare_tagger(config, tags, [*learned, *more])
    prepared_train = prepare(tagger, learned, scenes[: len(learned)])
    prepared_dev = prepare(tagger, dev, _shown(config, tagger.prepare.scenes.scenes(dev)))
    log.info("%d posts to train on, %d to select on", len(learned), len(dev))
    tell_what_is_long(prepared_train, "training", tagger.prepare.longest)
    tell_what_is_long(prepared_dev, "dev", tagger.prepare.longest)
    tell_what_is_lost(tagger, learned, prepared_train)
    to_learn = [window for windows in prepared_train for window in windows]
    if config.teachers:
        owners = [index for index, windows in enumerate(prepared_train) for _ in windows]
        order = [*owners, *range(len(learned), len(learned) + len(more))]
        to_learn = _with_teachers(
            config,
            tagger,
            [[*learned, *more][index] for index in order],
            [scenes[index] for index in order],
            to_learn,
        )
    if config.training.signatures:
        links = (link for window in to_learn for link in window.links)
        tagger.decoder = replace(tagger.decoder, signatures=named_signatures(links))
    dev_sets = _dev_sets(config, tagger, list(zip(dev, prepared_dev, strict=True)))
    Trainer(config, tagger).run(_epoch_posts(config, tagger, to_learn), dev_sets, resume=resume)
    return finish(config, dev_sets)


def _epoch_posts(config: RunConfig, tagger: Tagger, posts: Sequence[PreparedPost]) -> EpochPosts:
    """The posts of every epoch, or what draws them where they are varied or joined."""
    data = config.data
    if not data.join.share and not data.vary.any():
        return EpochPosts(posts)
    draw = DrawnTexts(
        posts, tagger.prepare, join=data.join, vary=data.vary, seed=config.training.seed
    )
    return EpochPosts(draw=draw)


def _dev_sets(config: RunConfig, tagger: Tagger, dev: Dev) -> list[Dev]:
    """The dev posts, and each stacked dev set that the run file asks for."""
    sets, texts = [dev], [Text.of(*windows) for _, windows in dev if len(windows) == 1]
    for count in config.data.join.dev:
        posts = stacked(texts, count, config.data.join.separators)
        scenes = [post.scene_graph or SceneGraph() for post in posts]
        sets.append(list(zip(posts, prepare(tagger, posts, scenes), strict=True)))
    return sets


def prepare_tagger(
    config: RunConfig, tags: TagSet, train: Sequence[Post]
) -> tuple[Tagger, list[SceneGraph]]:
    """A tagger whose vocabularies and co-occurrence table are counted on the training posts.

    One that goes on from a trained model has that model's.

    Returns:
        The tagger, and the visual graphs of the training posts, which were needed to count.
    """
    files = None
    if config.data.scenes is not None:
        files = read_scenes(
            config.data.scenes, features=config.data.features, objects=config.graphs.objects
        )
    pixels = _pixels(config)
    begun = None if config.begin is None else _trained(config, tags)
    parser = Parser.load(config.graphs.parser) if begun is None else begun.prepare.parser
    sources = SceneSources(parser, files=files, pixels=pixels, objects=config.graphs.objects)
    sights = sources.look(train)
    tell_what_is_unseen(sights)
    if config.data.visual != "none":
        tell_pictures_without_graph(sources, train)
    scenes = _shown(config, [sight.scene for sight in sights])
    _check_pictures(config, scenes)
    tagger = begun or create_tagger(
        TaggerConfig(config.model, config.graphs),
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
    tagger.use_scenes(files, pixels=pixels)
    return tagger, scenes


def _check_pictures(config: RunConfig, scenes: Sequence[SceneGraph]) -> None:
    """Check that there are pictures where the run file says so.

    Raises:
        ValueError: If no training post has a visual graph in the file that it names, or none
            has the appearance vectors that the model takes.
    """
    if config.data.visual == "none":
        return
    if config.data.scenes is not None and not any(scene.objects for scene in scenes):
        raise ValueError(f"data.scenes: {config.data.scenes} has no picture of a training post")
    if config.graphs.appearance and all(scene.appearance is None for scene in scenes):
        raise ValueError(
            f"graphs.appearance is {config.graphs.appearance}, but no training post has appearance "
            "vectors: give data.scenes and data.features, or data.images, or set "
            "graphs.appearance=0"
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
        ("graphs", config.graphs, other.config.graphs),
        ("tags", tagger.tags, other.tags),
    ):
        if ours != found:
            raise ValueError(f"{where}: its {name} are not this run's")
    network, trained = tagger.network, other.network
    assert isinstance(network, Pipeline)
    assert isinstance(trained, Pipeline)
    try:
        network.take_relations(trained.relations.state_dict())
    except RuntimeError:
        raise ValueError(f"{where}: its encoder is another than this run's") from None


def _unlabelled(config: RunConfig, known: Sequence[Post]) -> list[Post]:
    """The posts to learn from the teachers alone: each text once, none that is known."""
    read = (post for path in config.data.unlabelled for post in read_posts(path))
    bare = (replace(post, quintuples=(), entities=()) for post in read)
    return list(outside(distinct(bare), known))


def _with_teachers(
    config: RunConfig,
    tagger: Tagger,
    posts: Sequence[Post],
    scenes: Sequence[SceneGraph],
    annotated: Sequence[PreparedPost],
) -> list[PreparedPost]:
    """What the teachers hold of every post; those after the annotated are prepared as well.

    The annotated are windows, and so are ``posts`` and ``scenes``: one of each per window.
    """
    count, longest = len(annotated), tagger.prepare.longest
    sizes = tagger.prepare.pieces.split([post_words(post).words for post in posts[count:]])
    fitting = [index for index, split in enumerate(sizes, count) if len(split.ids) <= longest]
    posts = [*posts[:count], *(posts[index] for index in fitting)]
    scenes = [*scenes[:count], *(scenes[index] for index in fitting)]
    others = [each for (each,) in prepare(tagger, posts[count:], scenes[count:])]
    words = [each.words for each in (*annotated, *others)]
    log.info("%d posts beside them, to learn from %d teachers", len(others), len(config.teachers))
    opinions = teacher_probabilities(
        config.teachers,
        posts,
        scenes,
        words=words,
        tags=tagger.tags,
        symmetric=tagger.batch.symmetric,
    )
    ready = [*annotated, *(replace(each, annotated=False) for each in others)]
    return [replace(each, taught=opinion) for each, opinion in zip(ready, opinions, strict=True)]


def _shown(config: RunConfig, scenes: Sequence[SceneGraph]) -> list[SceneGraph]:
    return apply_visual_control(scenes, config.data.visual, seed=config.training.seed)


def _pixels(config: RunConfig) -> PixelScenes | None:
    """What looks at the pictures, where their folder is given; all it needs is there."""
    vision = config.data.vision()
    if vision is None:
        return None
    pixels = PixelScenes(vision, folder=config.data.images)
    pixels.load()  # what is missing ends the run now, not the pictures' part in it
    return pixels


def _trained(config: RunConfig, tags: TagSet) -> Tagger:
    """The trained model to go on from, to be read as the config says."""
    tagger = Tagger.from_pretrained(str(config.begin))
    for name, mine, its in (
        ("model", config.model, tagger.config.model),
        ("graphs", config.graphs, tagger.config.graphs),
        ("data.tags", tags, tagger.tags),
        ("decoding.symmetric", config.decoding.symmetric, tagger.batch.symmetric),
    ):
        if mine != its:
            raise ValueError(f"{name}: the model to go on from, {config.begin}, has another")
    tagger.config = TaggerConfig(config.model, config.graphs)
    tagger.decoder = Decoder(tags, config.decoding)
    return tagger


def count_predicates(scenes: Iterable[SceneGraph], least: int) -> Vocabulary:
    """The predicates that stand ``least`` times or more between objects, the commonest first."""
    counts = Counter(relation.predicate for scene in scenes for relation in scene.relations)
    common = sorted((n for n, c in counts.items() if c >= least), key=lambda n: (-counts[n], n))
    return Vocabulary([SELF, *common][:254])


def prepare(
    tagger: Tagger, posts: Sequence[Post], scenes: Sequence[SceneGraph] | None = None
) -> list[list[PreparedPost]]:
    """Prepare posts, some hundred at a time; one longer than the encoder takes in windows."""
    ready: list[list[PreparedPost]] = []
    for train in range(0, len(posts), _CHUNK):
        chunk = posts[train : train + _CHUNK]
        texts = [tagger.prepare.windows(post_words(post)) for post in chunk]
        owners = [index for index, windows in enumerate(texts) for _ in windows]
        windows = iter(
            tagger.prepare(
                [chunk[index] for index in owners],
                words=[window for windows in texts for window in windows],
                scenes=None if scenes is None else [scenes[train + index] for index in owners],
            )
        )
        ready += [list(islice(windows, len(each))) for each in texts]
    return ready
