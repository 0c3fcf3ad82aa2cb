"""Options shared by several commands."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jmere.cli.option_checks import share

if TYPE_CHECKING:
    from jmere.scenes.visual_config import VisualConfig

# The visual options, each as the field of ``VisualConfig`` with its name.
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
DetectorOption = Annotated[
    str,
    typer.Option(
        help="Object detector: picodet, yolox, detr, maskrcnn; auto: PicoDet, or what --weights is."
    ),
]
WeightsOption = Annotated[
    str | None,
    typer.Option(help="Detector weights: a file, a folder, a known name or a Hub id."),
]
OcrOption = Annotated[
    bool,
    typer.Option("--ocr", help="Read the words in pictures; the tallest lines become objects."),
]
CaptionerOption = Annotated[
    str | None,
    typer.Option(
        metavar="HUB_ID",
        help="Describe pictures of posts without alt_text by this captioner (or a folder).",
    ),
]


class Shown(str, Enum):
    """Scene graphs that a model is shown."""

    REAL = "real"
    NONE = "none"
    SHUFFLED = "shuffled"


ShownOption = Annotated[
    Shown, typer.Option(help="Visual graphs: real, none, or shuffled between posts.")
]
NamesOption = Annotated[
    float | None,
    typer.Option(
        metavar="SCORE",
        help="Give all names of at least this score, too, in a quintuple or not (JSON).",
        callback=share,
    ),
]
DeviceOption = Annotated[
    str, typer.Option(help="Device of the torch engine: cpu, cuda, ..., or auto.")
]


class BackendOption(str, Enum):
    """Engines of a model."""

    AUTO = "auto"
    ONNX = "onnx"
    TORCH = "torch"


EngineOption = Annotated[
    BackendOption,
    typer.Option(
        "--backend",
        help="Engine: onnx, torch, or auto: ONNX Runtime where the model has a graph, else torch.",
    ),
]


def visual_of(
    scenes: Path | None = None,
    features: Path | None = None,
    *,
    images: Path | None = None,
    detector: str | None = None,
    weights: str | None = None,
    ocr: bool = False,
    captioner: str | None = None,
) -> VisualConfig:
    """Return what the options above say; without a detector no picture is read.

    Raises:
        ValueError: If there are features without scenes.
    """
    if features is not None and scenes is None:
        raise ValueError("--features requires --scenes")
    from jmere.scenes.visual_config import VisualConfig

    return VisualConfig(
        scenes=scenes,
        features=features,
        images=images,
        detector=detector,
        weights=weights,
        ocr=ocr,
        captioner=captioner,
    )


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
