"""Files that come with the package but are no code: run files, tables, recipes."""

from __future__ import annotations

from pathlib import Path

from jmere.errors import nearest

PACKAGE = Path(__file__).parents[1]


def packaged_file(name: str) -> Path:
    """Find a file that comes with the package, such as ``configs/runs/base.yaml``.

    An installed package has it inside, a checkout of the project beside ``src``.

    Raises:
        FileNotFoundError: If there is none of that name.
    """
    for folder in _homes():
        if (path := folder / name).is_file():
            return path
    raise FileNotFoundError(f"{name}: not among the files of this installation of jmere")


def find_config(name: str | Path, kind: str) -> Path:
    """Find a config by its path, or by the name of one that comes with the package.

    Args:
        name: A path, or where there is no such file a bare name, such as ``table1``.
        kind: Folder of ``configs`` to look in: ``runs`` or ``compare``.

    Raises:
        FileNotFoundError: If there is neither, with the nearest known name.
    """
    path = Path(name)
    if path.exists():
        return path
    known = {each.stem: each for each in _packaged_configs(kind)}
    if str(name) in known:
        return known[str(name)]
    expected = f"; {nearest(str(name), known)}" if path.parts == (path.name,) and known else ""
    raise FileNotFoundError(f"{name}: no such file{expected}")


def _homes() -> tuple[Path, Path]:
    return PACKAGE, PACKAGE.parents[1]


def _packaged_configs(kind: str) -> list[Path]:
    for folder in _homes():
        if found := sorted((folder / "configs" / kind).glob("*.yaml")):
            return found
    return []
