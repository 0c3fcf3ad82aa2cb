"""The text encoder out of a model folder, as a folder that ``load_encoder`` reads."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from jmere.files.whole import cache_folder, write_json
from jmere.layers.word_shapes import SHAPE_EMBEDDINGS
from jmere.pretrained.encoders import find_encoder
from jmere.tagger.encoder_folder import SHAPE_WEIGHTS
from jmere.tagger.folder import CONFIG, WEIGHTS, find_folder, folder_digest, read_config
from jmere.tagger.weights import load_weights, write_tensors

OWN_NAME = "default"
"""Name of the bundled model, and in a run file of its encoder."""

_PREFIX = "encoder.transformer."
_TOKENIZER = ("tokenizer.json", "tokenizer_config.json")


def encoder_of(name: str) -> str:
    """Find an encoder by name; ``default`` is that of the bundled model.

    Returns:
        The folder or hub id of the encoder.

    Raises:
        MissingExtraError: As ``find_encoder``.
        ValueError: As ``find_encoder``, or if the bundled model is damaged.
    """
    return str(unpack_encoder(find_folder(OWN_NAME))) if name == OWN_NAME else find_encoder(name)


def unpack_encoder(model: Path) -> Path:
    """Write the encoder of a model folder to the cache, unless it is there, and return its folder.

    Weights stored as integers become numbers of single precision.

    Raises:
        FileNotFoundError: If the folder is not a model's.
        ValueError: If the model is damaged.
    """
    values = read_config(model)
    home = cache_folder("encoders")
    target = home / folder_digest(model)[:16]
    if target.is_dir():
        return target
    home.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=home))
    try:
        _write_encoder(model, values["encoder"], part)
        part.rename(target)
    except OSError:
        if not target.is_dir():  # else another process was faster
            raise
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return target


def _write_encoder(model: Path, config: object, folder: Path) -> None:
    weights = {
        name.removeprefix(_PREFIX): tensor
        for name, tensor in load_weights(model / WEIGHTS).items()
        if name.startswith(_PREFIX)
    }
    shapes = {name for name in weights if f"{SHAPE_EMBEDDINGS}." in name}
    if shapes:
        own = {name.rpartition(".")[2]: weights.pop(name) for name in sorted(shapes)}
        write_tensors(own, folder / SHAPE_WEIGHTS)
    write_tensors(weights, folder / WEIGHTS)
    write_json(folder / CONFIG, config)
    for name in _TOKENIZER:
        shutil.copyfile(model / name, folder / name)
