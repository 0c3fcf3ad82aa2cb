"""What is fuzzed: for each reader its valid inputs, how they are damaged, and what reads them."""

import contextlib
import io
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from fuzz import seeds
from fuzz.mutate import (
    VALUES,
    damaged_bytes,
    damaged_header,
    damaged_json,
    damaged_lines,
    damaged_value,
)
from fuzz.service_targets import (
    answered,
    exported_model,
    http_seeds,
    store_readers,
    store_seeds,
)
from fuzz.tool_targets import tool_readers, tool_seeds

Damage = Callable[..., bytes]


@dataclass(frozen=True)
class Target:
    """A reader, and what it is fed with."""

    name: str
    seeds: list[bytes]
    read: Callable[[Path], object]
    """Reads a damaged file."""
    damage: Damage = damaged_bytes
    suffix: str = ""


def all_targets(folder: Path) -> list[Target]:
    """Every target; what they need beside their input is made in ``folder``."""
    return [*record_targets(), *config_targets(), *array_targets(folder), *model_targets(folder),
            *graph_targets(folder), *tool_targets(folder), *service_targets(folder),
            command_target(folder)]  # fmt: skip


def record_targets() -> list[Target]:
    """Readers of posts, predictions and scene graphs."""
    from jmere.data.jsonl import read_posts
    from jmere.data.predictions import read_predictions
    from jmere.data.readers.conll import read_conll
    from jmere.data.readers.jmere import read_release
    from jmere.data.readers.mnre import read_mnre
    from jmere.data.transforms import read_captions
    from jmere.data.validate import Checks, problems
    from jmere.scenes.files.release import release_scenes
    from jmere.scenes.files.toolkit import read_info, toolkit_scenes
    from jmere.tags import TagSet
    from jmere.training.parser.conllu import read_conllu
    from jmere.training.relations.vrd import read_vrd

    tags, lines, json_of = TagSet.load(), seeds.lines_of, seeds.json_of
    info = json_of(seeds.SCENES_INFO)

    def all_of(reader, **options):
        return lambda path: list(reader(path, on_problem=str, **options))

    def predicted_scenes(path):
        named = path.with_name("info.json")
        named.write_bytes(info)
        return list(toolkit_scenes(path, named, on_problem=str))

    def checked(path):
        return list(problems(path, checks=Checks(tags=tags, images=path.parent)))

    def trees(path):
        return list(read_conllu(path))

    return [
        Target("posts", [lines(seeds.POSTS)], all_of(read_posts), damaged_lines),
        Target("posts-tags", [lines(seeds.POSTS)], all_of(read_posts, tags=tags), damaged_lines),
        Target("validate", [lines(seeds.POSTS)], checked, damaged_lines),
        Target("predictions", [lines(seeds.PREDICTIONS)], all_of(read_predictions), damaged_lines),
        Target("mnre", [seeds.MNRE], all_of(read_mnre, merge="v1")),
        Target("mnre-v2", [seeds.MNRE], all_of(read_mnre, merge="v2", unrelated=True)),
        Target("conll", [seeds.CONLL], all_of(read_conll)),
        Target("release", [json_of(seeds.RELEASE)], all_of(read_release), damaged_json),
        Target("captions", [seeds.CAPTIONS], lambda path: read_captions(path, on_problem=str)),
        Target("scenes", [json_of(seeds.SCENES)], all_of(release_scenes), damaged_json, ".json"),
        Target("toolkit", [json_of(seeds.PREDICTED_SCENES)], predicted_scenes, damaged_json),
        Target("toolkit-info", [info], read_info, damaged_json),
        Target("vrd", [json_of(seeds.VRD)], read_vrd, damaged_json),
        Target("conllu", [seeds.CONLLU], trees),
        Target("conllu-xz", [seeds.conllu_xz()], trees, suffix=".xz"),
    ]  # fmt: skip


def tool_targets(folder: Path) -> list[Target]:
    """Files of annotation tools, and tables."""
    damages = {".json": damaged_json, ".jsonl": damaged_lines}
    readers = tool_readers()
    return [
        Target(name, [content], readers[name], damages.get(Path(name).suffix, damaged_bytes))
        for name, content in tool_seeds(folder).items()
    ]


def service_targets(folder: Path) -> list[Target]:
    """Files and queries of graphs, and requests of HTTP."""
    readers, damages = store_readers(folder), {"rdf-jsonld": damaged_json}
    found = [
        Target(name, given, readers[name], damages.get(name, damaged_bytes))
        for name, given in store_seeds(folder).items()
    ]
    return [*found, Target("http", http_seeds(), partial(answered, folder / "store"))]


def config_targets() -> list[Target]:
    """Run files, settings and tag sets."""
    from jmere.bench.comparison import read_comparison
    from jmere.config import load_yaml, override
    from jmere.data.transforms import read_names
    from jmere.tags import TagSet
    from jmere.training.run_config import RunConfig

    def settings(path):
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        return RunConfig.parse(override(json.loads(json.dumps(seeds.RUN)), lines))

    def run(path):
        return RunConfig.parse(load_yaml(path))

    runs = [seeds.yaml_of(seeds.RUN), seeds.yaml_of(seeds.PIPELINE), seeds.SHARED]
    values = [seeds.json_of(seeds.RUN), seeds.json_of(seeds.PIPELINE)]
    return [
        Target("run-yaml", runs, run),
        Target("run-values", values, run, damaged_json),
        Target("settings", [seeds.SETTINGS], settings),
        Target("rows", [seeds.json_of(seeds.ROWS)], read_comparison, damaged_json),
        Target("names", [b"peer: couple\nmember_of: part_of\n"], read_names),
        Target("tags", [seeds.json_of(seeds.TAGS)], TagSet.load, damaged_json),
    ]


def array_targets(folder: Path) -> list[Target]:
    """Features and pictures."""
    from jmere.scenes.files.features import read_features
    from jmere.vision.images import read_picture

    arrays = [seeds.npy(), seeds.npy("<f8", (2, 2, 3)), seeds.npy(">i2"), seeds.npy("|b1")]
    packed = [seeds.npz(packed=True), seeds.npz(packed=False)]
    hdf5 = [seeds.hdf5(folder, packed=True), seeds.hdf5(folder, packed=False)]
    return [
        Target("npy", arrays, read_features, damaged_header_line, ".npy"),
        Target("npz", packed, read_features, suffix=".npz"),
        Target("hdf5", hdf5, read_features, suffix=".h5"),
        Target("pictures", seeds.pictures(), read_picture),
    ]


def damaged_header_line(draw, data, others):
    """Edits of an array's header more often than of its numbers."""
    if draw.random() < 0.5:
        return damaged_bytes(draw, data, others)
    shape = draw.choice(["(2, 3)", "(1000000000, 3)", "(-1, 3)", "()", "(1,)*9", "(2, 3", "(0, 0)"])
    kind = draw.choice(["'<f4'", "'|O'", "'<f16'", "[('a', '<f4')]", "'\\d'", "1", "'<c8'", "'f'"])
    order = draw.choice(["False", "True", "1", "not", "False or 1"])
    text = f"{{'descr': {kind}, 'fortran_order': {order}, 'shape': {shape}, }}".encode()
    if draw.random() < 0.5:
        text = damaged_bytes(draw, text, [text])
    length = len(text).to_bytes(4, "little")[: draw.choice([2, 4])]
    return b"\x93NUMPY" + bytes([draw.choice([1, 2, 3, 4]), 0]) + length + text + bytes(24)


def model_targets(folder: Path) -> list[Target]:
    """Every file of a model's folder; what can be loaded then reads a post."""
    from jmere.tagger.folder import CONFIG, COOCCURRENCE, TAGS, WEIGHTS
    from jmere.vision.relate.classifier import Classifier

    model = folder / "model"
    write_model(model)
    relations = folder / "relations"
    write_relations(relations)
    kinds = {
        CONFIG: damaged_json, TAGS: damaged_json, "tokenizer.json": damaged_json,
        "tokenizer_config.json": damaged_json, WEIGHTS: damaged_header,
        COOCCURRENCE: damaged_header,
    }  # fmt: skip
    targets = []
    for name, damage in kinds.items():
        read = partial(_with_file, model / name, lambda: _extract(model))
        targets.append(Target(f"model-{name}", [(model / name).read_bytes()], read, damage))
    from jmere.tagger.folder import GRAPH

    exported = folder / "exported"
    exported_model(model, exported)
    for name, damage in {GRAPH: damaged_bytes, WEIGHTS: damaged_header}.items():
        read = partial(_with_file, exported / name, lambda: _extract(exported, "onnx"))
        targets.append(Target(f"exported-{name}", [(exported / name).read_bytes()], read, damage))
    for name, damage in {"config.json": damaged_json, "model.safetensors": damaged_header}.items():
        read = partial(_with_file, relations / name, lambda: Classifier.load(relations))
        targets.append(Target(f"relations-{name}", [(relations / name).read_bytes()], read, damage))
    return targets


def _with_file(place: Path, read: Callable[[], object], path: Path) -> object:
    """What ``read`` does while a damaged file stands in the place of a good one."""
    good = place.with_name(f".{place.name}.good")
    if not good.exists():
        shutil.copyfile(place, good)
    shutil.copyfile(path, place)
    try:
        return read()
    finally:
        shutil.copyfile(good, place)


def _extract(model: Path, backend: str = "auto") -> object:
    from jmere.extract import Extractor
    from jmere.records import Post

    extractor = Extractor.from_pretrained(model, vision=None, backend=backend)
    return extractor.extract(Post("Ada lives in London"))


def write_model(folder: Path) -> None:
    """A tiny model with random weights."""
    import torch

    from builders import TINY_MODEL, save_tiny_encoder
    from jmere.models.registry import ModelConfig
    from jmere.tagger.storage import create_tagger
    from jmere.tagger.tagger import TaggerConfig
    from jmere.tags import TagSet, Vocabulary
    from jmere.text.cooccurrence import CooccurrenceTable
    from jmere.text.parser import Parser

    torch.manual_seed(0)
    tagger = create_tagger(
        TaggerConfig(ModelConfig.parse(TINY_MODEL)),
        encoder=save_tiny_encoder(folder.with_name("encoder"), hidden=16),
        parser=Parser.load(),
        tags=TagSet(["per", "loc"], ["peer"]),
        cooccurrence=CooccurrenceTable.count([["ada", "london"]] * 3),
        predicates=Vocabulary(["on"]),
    )
    tagger.save_pretrained(folder)


def write_relations(folder: Path) -> None:
    """A tiny classifier of relations with random weights."""
    import numpy as np

    from jmere.vision.relate.classifier import Classifier, RelateConfig, network_sizes
    from jmere.vision.relate.label_vectors import WordTable
    from jmere.vision.relate.network import PairNetwork, weight_shapes
    from jmere.vision.relate.prior import FrequencyPrior

    config = RelateConfig(labels=("man", "hat"), predicates=("on", "has"), hidden=4)
    table = WordTable.of({"man": np.ones(3, np.float32), "hat": np.ones(3, np.float32) / 2})
    sizes, draw = network_sizes(config, table.width), np.random.default_rng(0)
    weights = {
        name: draw.random(shape or 1, np.float32) for name, shape in weight_shapes(sizes).items()
    }
    prior = FrequencyPrior(np.ones((2, 2, 2), np.float32))
    Classifier(config, words=table, prior=prior, network=PairNetwork(sizes, weights)).save(folder)


def graph_targets(folder: Path) -> list[Target]:
    """Knowledge graphs of damaged predictions, in every form."""
    from jmere.data.predictions import read_predictions
    from jmere.knowledge.merge import Merger
    from jmere.knowledge.write import write_graph

    def built(ending, form, path):
        merger = Merger()
        for post in read_predictions(path, on_problem=str):
            merger.add(post)
        output = folder / f"graph{ending}"
        write_graph(merger.graph(), output, form)

    forms = {
        "ttl": ".ttl",
        "nt": ".nt",
        "jsonld": ".jsonld",
        "graphml": ".graphml",
        "neo4j": "-n4j",
    }
    lines = [seeds.lines_of(seeds.PREDICTIONS)]
    return [
        Target(f"graph-{form}", lines, partial(built, ending, form), damaged_lines)
        for form, ending in forms.items()
    ]


FILES = {
    "posts.jsonl": seeds.lines_of(seeds.POSTS),
    "found.jsonl": seeds.lines_of(seeds.PREDICTIONS),
    "mnre.txt": seeds.MNRE,
    "ner.txt": seeds.CONLL,
    "release.json": seeds.json_of(seeds.RELEASE),
    "captions.txt": seeds.CAPTIONS,
    "tags.json": seeds.json_of(seeds.TAGS),
    "scenes.json": seeds.json_of(seeds.SCENES),
    "a.npz": seeds.npz(packed=True),
    "rows.yaml": seeds.yaml_of(seeds.ROWS),
    "run.yaml": seeds.yaml_of(seeds.RUN),
    "names.yaml": b"peer: couple\n",
    "vrd.json": seeds.json_of(seeds.VRD),
}
COMMANDS = [
    *("data validate posts.jsonl", "data stats posts.jsonl --json"),
    "data overlap posts.jsonl posts.jsonl",
    *("data convert mnre mnre.txt out.jsonl --merge v1", "data convert conll ner.txt out.jsonl"),
    *("data convert jmere release.json out.jsonl --tags tags.json --names names.yaml",),
    *("data convert jmere release.json out.jsonl --captions captions.txt --skip-bad",),
    *("score posts.jsonl found.jsonl --json", "score posts.jsonl found.jsonl --reading surface"),
    *("graph build found.jsonl -o out.ttl", "graph build found.jsonl -o out.nt --json"),
    *("graph build found.jsonl -o out --format neo4j --min-score 0.5",),
    *("bench compare rows.yaml --finished -o runs", "bench compare rows.yaml --finished --set a=1"),
    *("weights list", "weights path yolox-nano", "--help", "data --help", "parse a --json"),
    *("extract posts.jsonl -m model --scenes scenes.json --features a.npz --json", "scene a.png"),
]  # fmt: skip
OPTIONS = [
    *("--json", "--reading", "--min-score", "--merge", "--strict", "--skip-bad", "--tags", "-o"),
    *("--output", "--format", "--base", "--set", "--seed", "--row", "--batch-size", "--names"),
    *("--captions", "--images", "--scenes", "--features", "--device", "--precision", "--nosuch"),
    *("--alternate-names", "--unrelated", "--stray", "--resume", "--picture"),
]


def command_target(folder: Path) -> Target:
    """Command lines with random options, over files some of which are damaged."""
    home = folder / "home"

    def read(path):
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir()
        given = json.loads(path.read_bytes())
        for name, text in given["files"].items():
            (home / name).write_bytes(text.encode("latin1"))
        return _run_command(home, given["arguments"])

    return Target("command", [b"{}"], read, damaged_command)


def damaged_command(draw, data, others):
    """A command line and its files."""
    arguments = draw.choice(COMMANDS).split()
    for _ in range(int(draw.expovariate(0.7))):
        place = draw.randrange(len(arguments) + 1)
        texts = [v for v in VALUES if isinstance(v, str) and "/" not in v and "\0" not in v]
        words = [*OPTIONS, *FILES, *texts, "1", "-1", "nan", "1e999", "out.xml"]
        arguments[place:place] = [draw.choice(words)]
    if draw.random() < 0.2:
        del arguments[draw.randrange(len(arguments))]
    files = dict(FILES)
    for name in FILES.keys() & {*arguments}:
        if draw.random() < 0.5:
            damage = damaged_lines if name.endswith((".jsonl", ".json")) else damaged_bytes
            files[name] = damage(draw, files[name], [*FILES.values()])
    used = {name: files[name].decode("latin1") for name in files if draw.random() < 0.97}
    return json.dumps({"arguments": arguments, "files": used}).encode()


def _run_command(home: Path, arguments: list[str]) -> None:
    """Run a command line in ``home``, which must end as ours do."""
    from jmere.cli import main

    before = Path.cwd()
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    os.chdir(home)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main(arguments)
    finally:
        os.chdir(before)
    told = err.buffer.getvalue().decode().splitlines()
    assert code in (0, 1, 2), f"code {code}"
    found = "validate" in arguments and out.buffer.getvalue()  # what it finds is its result
    named = told and told[-1].startswith("jmere: ")
    assert code != 2 or named or found, f"code 2, told {told[-1:]}"


__all__ = ["Target", "all_targets", "damaged_value"]
