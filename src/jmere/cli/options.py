"""Options shared by several commands."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from jmere.records import SceneGraph

ScenesOption = Annotated[
    Path | None,
    typer.Option(help="Visual graphs by image: folder of the scene-graph toolkit, or a file."),
]
FeaturesOption = Annotated[
    Path | None, typer.Option(help="Appearance vectors that go with --scenes.")
]
ImagesOption = Annotated[
    Path | None, typer.Option(help="Look up each post's image in this folder.")
]
DetectorOption = Annotated[str, typer.Option(help="Object detector: yolox, detr or maskrcnn.")]
WeightsOption = Annotated[
    str | None,
    typer.Option(help="Detector weights: a file, a folder, a known name or a Hub id."),
]
DeviceOption = Annotated[str, typer.Option(help="Device: cpu, cuda, ...")]


def graphs_of(scenes: Path | None, features: Path | None) -> Mapping[str, SceneGraph] | None:
    """Read the visual graphs named by ``--scenes`` and ``--features``.

    Raises:
        ValueError: If there are features without scenes.
    """
    if scenes is None:
        if features is not None:
            raise ValueError("--features requires --scenes")
        return None
    from jmere.scenes.files.scene_files import read_scenes

    return read_scenes(scenes, features=features)


def inputs_of(model: str | None, scenes: Path | None = None) -> list[Path]:
    """Return the local files behind the names of a model and of visual graphs."""
    from jmere.tagger.folder import find_folder, folder_files

    found = []
    if model is not None and (model == "default" or Path(model).is_dir()):
        found += folder_files(find_folder(model))
    if scenes is not None and scenes.is_dir():
        from jmere.scenes.files.scene_files import INFO, TOOLKIT_PREDICTIONS

        found += [scenes / TOOLKIT_PREDICTIONS, scenes / INFO]
    elif scenes is not None:
        found.append(scenes)
    return found
