"""Model folders: search, checks and identity by content."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Collection
from pathlib import Path
from typing import Any, Literal

from jmere.files.bundled import bundled
from jmere.files.json_values import read_json
from jmere.files.schema import check_version
from jmere.files.whole import sha256_of
from jmere.pretrained.hub import local_only

FORMAT = 1
"""Version of the folder's form; ``jmere.files.schema`` has the rule for changes."""

CONFIG, WEIGHTS, TAGS = "config.json", "model.safetensors", "tags.json"
COOCCURRENCE = "cooccurrence.safetensors"
GRAPH = "model.onnx"
"""The graph that ONNX Runtime runs; its weights are those of ``WEIGHTS``."""

Precision = Literal["float32", "float16", "int8"]
"""Storage of weights."""

_READ = ("*.json", "*.safetensors", "*.txt", "*.model", "*.onnx")
_LEGAL = ("LICENSE*", "NOTICE*")


def find_folder(name: str | Path) -> Path:
    """The folder of a model: the bundled one, one on disk, or one fetched from the hub.

    Raises:
        FileNotFoundError: If there is none of that name.
    """
    if str(name) == "default":
        return bundled("model")
    folder = Path(name)
    if folder.is_dir():
        return folder
    if isinstance(name, Path) or str(name).count("/") != 1 or str(name).startswith((".", "/", "~")):
        raise FileNotFoundError(f"{name}: no such model folder; expected a folder, id or 'default'")
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(
            snapshot_download(
                str(name),
                allow_patterns=["*.json", "*.safetensors", "*.txt", "*.onnx"],
                local_files_only=local_only(name),
            )
        )
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        reason = str(error).strip().splitlines()[0]
        raise FileNotFoundError(
            f"{name}: no such folder and not found on the Hub ({reason})"
        ) from None


def read_config(folder: Path) -> dict[str, Any]:
    """The config of a model folder all of whose files are there.

    Raises:
        FileNotFoundError: If one of its files is missing.
        ValueError: If the config is damaged, foreign, or of another form.
    """
    path = folder / CONFIG
    for name in (CONFIG, WEIGHTS, TAGS, COOCCURRENCE):
        if not (folder / name).is_file():
            raise FileNotFoundError(f"{folder}: no {name}; expected a model folder made by jmere")
    values = read_json(path)
    if not isinstance(values, dict) or not {"schema_version", "format"} & values.keys():
        raise ValueError(f"{path}: not a jmere model's config; expected a key 'schema_version'")
    check_version(values.get("schema_version", values.get("format")), FORMAT, where=path)
    return values


def folder_files(folder: Path) -> list[Path]:
    """The files of a model folder that are read."""
    return sorted(path for end in _READ for path in folder.glob(end) if path.name[0] != ".")


def legal_files(folder: Path) -> list[Path]:
    """The licences and notices of a model folder, which go with every copy of it."""
    return sorted(path for form in _LEGAL for path in folder.glob(form) if path.is_file())


def files_of_a_copy(folder: Path) -> list[Path]:
    """The files of a model folder that a copy has: those that are read, and the legal ones."""
    return list(dict.fromkeys([*folder_files(folder), *legal_files(folder)]))


def copy_model(model: Path, folder: Path, *, without: Collection[str]) -> None:
    """Copy the files of a model into a folder, but for those of these names."""
    for path in files_of_a_copy(model):
        if path.name not in without:
            shutil.copyfile(path, folder / path.name)


def folder_digest(folder: Path) -> str:
    """A checksum of what a model is: the content of all its files, wherever it lies."""
    digest = hashlib.sha256()
    for path in folder_files(folder):
        digest.update(f"{path.name} {sha256_of(path)}\n".encode())
    return digest.hexdigest()
