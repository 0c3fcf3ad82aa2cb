"""Extraction beside other systems: the same posts, threads and processors, in one process.

Ours finds quintuples (entities and relations) by the default engine. The peers find entities of
the same four types, and read the text of the post without the description of its picture:

* ``gliner``: GLiNER of small size, by torch in float32: an encoder of the size of
  DeBERTa-v3-small (6 layers, 768 wide), an LSTM 512 wide, spans of up to 12 words.
* ``gliner_int8``: the same, exported to ONNX and quantized by GLiNER's own exporter.
* ``spacy_ner``: spaCy's NER of default size over the tok2vec of the bundled parser.

Nothing is downloaded, so this compares speed, never accuracy. All weights of GLiNER are random
(encoder, LSTM, span and label layers), and so are those of spaCy's tok2vec and NER, of which spaCy
sets the last layer to zero. Not random are GLiNER's tokenizer, the WordPiece tokenizer of the
bundled model (30,522 pieces; that of DeBERTa-v3 has 128,000), and the word vectors below the
tok2vec, those of the bundled parser.

Each peer runs as fast as we know how. Random scores would let GLiNER decode hundreds of spans, so
its threshold is 1, which no span passes; its posts are sorted by length. spaCy computes on one
thread, because more make it slower.

``ratio`` is our median time over that of the fastest peer, ``ratios`` that over each peer; below 1,
ours is faster.
"""

import argparse
import contextlib
import json
import logging
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import onnxruntime as ort
import spacy
import torch
from extract import SAMPLES, drawn
from spacy.language import Language
from spacy.training import Example
from thinc.api import fix_random_seed, use_ops
from threadpoolctl import ThreadpoolController

from jmere import Extractor, Post
from jmere.data.jsonl import read_posts
from jmere.files.bundled import bundled
from jmere.tagger.onnx_scorer import OnnxScorer
from jmere.text.words import post_words

DEBERTA_V3_SMALL = {
    "model_type": "deberta-v2",
    "hidden_size": 768,
    "num_hidden_layers": 6,
    "num_attention_heads": 12,
    "intermediate_size": 3072,
    "max_position_embeddings": 512,
    "relative_attention": True,
    "max_relative_positions": -1,
    "position_buckets": 256,
    "norm_rel_ebd": "layer_norm",
    "share_att_key": True,
    "pos_att_type": ["p2c", "c2p"],
    "position_biased_input": False,
    "type_vocab_size": 0,
    "layer_norm_eps": 1e-7,
}
"""Values of the encoder's published config, but for its vocabulary."""

GLINER_BATCH = 16
"""Posts per batch: the fastest of 4, 8, 16, 32 and 64 on one thread."""


def main() -> None:
    """Measure and print one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON, as always")
    parser.add_argument("--posts", type=Path, default=SAMPLES, help="JSON Lines of posts")
    parser.add_argument("--count", type=int, default=512, help="posts, drawn with repetition")
    parser.add_argument("--model", default="default")
    parser.add_argument("--batch", type=int, default=64, help="posts per batch of ours and spaCy")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    os.environ["HF_HUB_OFFLINE"] = "1"
    try:
        import_module("gliner")
    except ImportError as error:
        print(json.dumps({"name": "peers", "skipped": f"needs the extra peers: {error}"}))
        return
    logging.disable(logging.WARNING)  # the quantizer warns of each tensor it leaves alone
    hold_to(options.threads)
    torch.manual_seed(0)
    fix_random_seed(0)
    posts = drawn(list(read_posts(options.posts)), options.count)
    texts = [post.text for post in posts]
    with contextlib.redirect_stdout(sys.stderr), tempfile.TemporaryDirectory() as folder:
        extractor = Extractor.from_pretrained(options.model)
        labels = list(extractor.tagger.tags.entity_types)
        steps = {"ours": by_ours(extractor, posts, options.batch, options.threads)}
        model = random_gliner(Path(folder))
        steps["gliner"] = by_gliner(model, texts, labels)
        quantized, reason = quantized_gliner(model, Path(folder), labels, options.threads)
        if quantized is not None:
            steps["gliner_int8"] = by_gliner(quantized, texts, labels)
        steps["spacy_ner"] = by_spacy(random_ner(labels), texts, options.batch)
        seconds = medians(steps, options.repeats)
    ours = seconds.pop("ours")
    speeds: dict[str, Any] = {name: len(posts) / each for name, each in seconds.items()}
    if reason:
        speeds["gliner_int8"] = reason
    result = {
        "name": "peers",
        "ratio": ours / min(seconds.values()),
        "ratios": {name: ours / each for name, each in seconds.items()},
        "posts_per_second": len(posts) / ours,
        "peers_posts_per_second": speeds,
        "posts": len(posts),
        "words_per_post": sum(len(post_words(post)) for post in posts) / len(posts),
        "threads": options.threads,
        "repeats": options.repeats,
    }
    print(json.dumps(result))


def hold_to(threads: int) -> None:
    """Restrict the process to as many processors as threads: ours prepares posts on one more."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    os.environ["RAYON_NUM_THREADS"] = str(threads)  # of the tokenizers
    torch.set_num_threads(threads)


def by_ours(
    extractor: Extractor, posts: list[Post], batch_size: int, threads: int
) -> Callable[[], object]:
    """Return the extraction of quintuples by our engine."""
    if isinstance(extractor.tagger.scorer, OnnxScorer):
        extractor.tagger.scorer.pool.count = threads
    return lambda: list(extractor.stream(posts, batch_size=batch_size))


def by_gliner(model: Any, texts: list[str], labels: list[str]) -> Callable[[], object]:
    """Return the extraction of entities by GLiNER."""
    ordered = sorted(texts, key=len)
    return torch.inference_mode()(
        lambda: model.inference(ordered, labels, threshold=1.0, batch_size=GLINER_BATCH)
    )


def by_spacy(nlp: Language, texts: list[str], batch_size: int) -> Callable[[], object]:
    """Return the extraction of entities by spaCy."""
    libraries = ThreadpoolController()

    def step() -> object:
        with libraries.limit(limits=1, user_api="blas"):
            return [doc.ents for doc in nlp.pipe(texts, batch_size=batch_size)]

    return step


def random_gliner(folder: Path) -> Any:
    """Build GLiNER of small size from its config, with random weights."""
    from gliner import GLiNER, GLiNERConfig
    from transformers import PreTrainedTokenizerFast

    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=str(bundled("model", "tokenizer.json")),
        model_max_length=512,
        **{f"{name}_token": f"[{name.upper()}]" for name in ("unk", "pad", "cls", "sep", "mask")},
    )
    tokenizer.save_pretrained(folder)
    config = GLiNERConfig(
        model_name=str(folder), encoder_config={**DEBERTA_V3_SMALL, "vocab_size": len(tokenizer)}
    )
    return GLiNER.from_config(config, backbone_from_pretrained=False).eval()


def quantized_gliner(
    model: Any, folder: Path, labels: list[str], threads: int
) -> tuple[Any | None, str]:
    """Export a GLiNER to ONNX in int8, or return why it cannot be."""
    from gliner import GLiNER

    options = ort.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    try:
        paths = model.export_to_onnx(folder, quantize=True, labels=labels)
        if paths["quantized_path"] is None:
            return None, "GLiNER could not quantize its ONNX graph"
        quantized = GLiNER.from_pretrained(
            str(folder),
            runtime="onnxruntime",
            runtime_model_file=Path(paths["quantized_path"]).name,
            runtime_options={"session_options": options},
            local_files_only=True,
        )
        quantized.inference(["One post.", "And a longer one."], labels)
    except Exception as error:  # of torch's exporter, ONNX, ONNX Runtime or GLiNER
        return None, f"{type(error).__name__}: {error}".splitlines()[0]
    return quantized, ""


def random_ner(labels: Sequence[str]) -> Language:
    """Build spaCy's NER over the architecture of the bundled parser, with random weights."""
    folder = bundled("parser")
    tok2vec = spacy.util.load_config(folder / "config.cfg")["components"]["tok2vec"]["model"]
    listener = {
        "@architectures": "spacy.Tok2VecListener.v1",
        "width": tok2vec["encode"]["width"],
        "upstream": "*",
    }
    with use_ops("numpy", use_blis=False):  # faster than BLIS, as for our parser
        nlp = spacy.blank("en")
        nlp.vocab.from_disk(folder / "vocab")
        nlp.add_pipe("tok2vec", config={"model": tok2vec})
        nlp.add_pipe("ner", config={"model": {"tok2vec": listener}})
        text = " ".join(f"Name{number}" for number in range(len(labels)))
        spans = [(6 * number, 6 * number + 5, label) for number, label in enumerate(labels)]
        example = Example.from_dict(nlp.make_doc(text), {"entities": spans})
        nlp.initialize(lambda: [example])
    return nlp


def medians(steps: dict[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """Return the median seconds of each step, all in turn."""
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for repeat in range(repeats + 1):
        for name, step in steps.items():
            started = time.perf_counter()
            step()
            if repeat:  # the first is a warm-up
                seconds[name].append(time.perf_counter() - started)
    return {name: statistics.median(each) for name, each in seconds.items()}


if __name__ == "__main__":
    main()
