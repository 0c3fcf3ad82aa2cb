"""Reader of scene-graph files of many images, in any supported format."""

from __future__ import annotations

from pathlib import Path

from jmere.errors import OnProblem, refuse
from jmere.records import SceneGraph
from jmere.scenes.combine import DEFAULT_OBJECTS
from jmere.scenes.files.features import read_features
from jmere.scenes.files.release import release_scenes
from jmere.scenes.files.toolkit import toolkit_scenes

TOOLKIT_PREDICTIONS, INFO = "custom_prediction.json", "custom_data_info.json"
"""File names of the scene-graph toolkit."""


def read_scenes(
    path: str | Path,
    *,
    features: str | Path | None = None,
    objects: int = DEFAULT_OBJECTS,
    on_problem: OnProblem = refuse,
) -> dict[str, SceneGraph]:
    """Read the scene graph of each image, by image file name.

    Args:
        path: A folder with the toolkit's two files, or a JSON file in the form of the
            authors' release, or one of boxes alone, keyed by the images' names without suffix.
        features: Appearance vectors that go with a release file.
        objects: Maximum number of objects per image.
        on_problem: Told of each image that cannot be read, which is then left out.

    Raises:
        FileNotFoundError: If a file is missing.
        DataError: If a file is in another form.

    Example:
        >>> read_scenes("gone.json")
        Traceback (most recent call last):
        FileNotFoundError: gone.json: no such file or folder of scene graphs
    """
    path = Path(path)
    if path.is_dir():
        for name in (TOOLKIT_PREDICTIONS, INFO):
            if not (path / name).is_file():
                raise FileNotFoundError(f"{path}: no {name}; expected the toolkit's two files")
        return dict(
            toolkit_scenes(
                path / TOOLKIT_PREDICTIONS, path / INFO, objects=objects, on_problem=on_problem
            )
        )
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file or folder of scene graphs")
    vectors = None if features is None else read_features(features)
    return dict(release_scenes(path, features=vectors, on_problem=on_problem))
