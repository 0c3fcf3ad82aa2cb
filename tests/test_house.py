"""The house stands: a file imports from the rooms above its own, never from those below."""

import ast
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src" / "jmere"

ROOMS = [
    *("values", "yaml_values", "checks", "records", "locks", "outputs", "files", "replacing"),
    *("resumable", "tags", "vocabulary", "configs", "extras", "terminal", "progress", "tensors"),
    *("encoders", "folder", "grid", "text", "data", "vision", "prepare", "batch", "align"),
    *("layers", "models", "tagger", "grounding", "predict", "extract", "continuation"),
    *("evaluation", "training", "bench", "knowledge", "show", "cli"),
]


def imports(path):
    """The rooms that a file imports from when it is read, type checking aside."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module] if node.module != "jmere" else [
                f"jmere.{alias.name}" for alias in node.names
            ]  # fmt: skip
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            root, _, rest = name.partition(".")
            if root == "jmere" and rest:
                yield rest.split(".")[0]


def test_no_file_imports_from_below():
    wrong = []
    for path in SOURCE.rglob("*.py"):
        room = path.relative_to(SOURCE).with_suffix("").parts[0]
        if room in ROOMS:
            wrong += [
                f"{path.relative_to(SOURCE)} imports {other}"
                for other in imports(path)
                if other in ROOMS and ROOMS.index(other) > ROOMS.index(room)
            ]
    assert wrong == []


def test_every_room_is_in_the_list():
    found = {path.stem for path in SOURCE.iterdir() if path.name[0] not in "_." and
             (path.suffix == ".py" or (path / "__init__.py").exists())}  # fmt: skip
    assert found == set(ROOMS)


def test_importing_the_package_is_cheap():
    code = "import jmere, sys; assert not {'torch', 'spacy', 'transformers'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
