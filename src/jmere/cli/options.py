"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from jmere.records import SceneGraph

ScenesOption = Annotated[
    Path | None,
    typer.Option(help="Visual graphs by image: the scene-graph toolkit's folder or a file."),
]
FeaturesOption = Annotated[
    Path | None, typer.Option(help="Appearance vectors that go with --scenes.")
]
ImagesOption = Annotated[
    Path | None, typer.Option(help="Folder of the posts' pictures, which are then looked at.")
]
DetectorOption = Annotated[
    str, typer.Option(help="What sees objects in pictures: yolox, detr or maskrcnn.")
]
WeightsOption = Annotated[
    str | None,
    typer.Option(help="The detector's weights: a file, a folder, a known name or a hub id."),
]
DeviceOption = Annotated[str, typer.Option(help="Where to compute: cpu, cuda, ...")]


def graphs_of(scenes: Path | None, features: Path | None) -> Mapping[str, SceneGraph] | None:
    """The visual graphs that ``--scenes`` and ``--features`` name.

    Raises:
        ValueError: If there are features without scenes.
    """
    if scenes is None:
        if features is not None:
            raise ValueError("--features needs --scenes, the graphs the vectors go with")
        return None
    from jmere.scenes.files.scene_files import read_scenes

    return read_scenes(scenes, features=features)


def inputs_of(model: str | None, scenes: Path | None = None) -> list[Path]:
    """The files that the names of a model and of visual graphs stand for, where they are here."""
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
