"""The structure of the package: layers, names and sizes that every change has to keep."""

import ast
import subprocess
import sys
from collections import Counter, defaultdict
from functools import cache
from importlib import import_module
from pathlib import Path
from types import FunctionType, ModuleType

import pytest

from structure_figures import main

SOURCE = Path(__file__).parents[1] / "src" / "jmere"

LAYERS = [
    *(
        "errors",
        "exports",
        "checks",
        "files",
        "records",
        "tags",
        "config",
        "terminal",
        "pretrained",
        "grid",
    ),
    *(
        "text",
        "data",
        "vision",
        "scenes",
        "inputs",
        "align",
        "layers",
        "models",
        "tagger",
        "export",
    ),
    *("extract", "continuation", "ray", "evaluation", "training", "bench", "knowledge", "show"),
    "serve",
    *("integrations", "cli"),
]
"""Top-level packages and files in the order of the data's path; imports go backwards only."""

SAME_NAME = {"T", "app", "build", "fuse", "log", "main", "train"}
"""Names that may stand in several files: type variables, loggers, the same part of a protocol, and
``train``, from a run file and from its config."""

SAME_FILE = {"extract", "graph", "schema", "spans", "weights"}
"""File names that may occur twice: ``cli`` names its files after the commands."""

SHIMS = {
    *("jmere.bench.world_run", "jmere.text.treebank", "jmere.training.adapt"),
    "jmere.vision.relate.training",
}
"""Old names of ``jmere build``'s commands, kept until 0.3."""

APART = ("data", "pretrained", "scenes", "vision", "text.parser", "text.tweets")
"""What neither ``models`` nor ``layers`` may reach, not even through other files."""

TORCH = {
    "jmere.tagger.names.torch_names",
    *("jmere.tagger.tensors", "jmere.tagger.torch_scorer", "jmere.tagger.weights"),
    "jmere.tagger.visible.torch_visible",
}
"""The torch engine of ``tagger``: everything else there runs without torch."""

MAX_BODY = 70
"""Lines of a function between its signature and docstring and its end."""

MAX_CHAIN = 16
MAX_SHARE = 0.15
MAX_TOP_FILES = 9


def module_of(path: Path) -> str:
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> dict[str, Path]:
    return {module_of(path): path for path in sorted(SOURCE.rglob("*.py"))}


@cache
def tree_of(module: str) -> ast.Module:
    return ast.parse(modules()[module].read_text(encoding="utf-8"))


@cache
def imports_of(module: str) -> frozenset[str]:
    """Modules of ours that a module imports when it is read, type checking aside."""
    found = set()
    for node in tree_of(module).body:
        if isinstance(node, ast.ImportFrom) and node.module:
            inner = (f"{node.module}.{alias.name}" for alias in node.names)
            found |= {name if name in modules() else node.module for name in inner}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return frozenset(found & modules().keys() - {module})


def layer_of(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def reached(module: str) -> set[str]:
    seen, todo = set(), [module]
    while todo:
        for name in imports_of(todo.pop()) - seen:
            seen.add(name)
            todo.append(name)
    return seen


def test_imports_go_backwards_along_the_path_of_the_data():
    wrong = [
        f"{module} imports {other}"
        for module in modules()
        for other in imports_of(module)
        if layer_of(module) in LAYERS and layer_of(other) in LAYERS
        if LAYERS.index(layer_of(other)) > LAYERS.index(layer_of(module))
    ]
    assert wrong == []


def test_every_package_has_a_layer():
    found = {layer_of(module) for module in modules()} - {"", "__main__"}
    assert found == set(LAYERS)


def test_few_files_stand_at_the_top():
    files = [path.name for path in SOURCE.glob("*.py") if path.stem[0] != "_"]
    assert len(files) <= MAX_TOP_FILES


def test_no_import_chain_is_long():
    @cache
    def depth(module: str) -> int:
        return 1 + max((depth(other) for other in imports_of(module)), default=0)

    longest = max(modules(), key=depth)
    assert depth(longest) <= MAX_CHAIN, longest


@pytest.mark.parametrize("package", ["models", "layers"])
def test_networks_reach_nothing_that_reads_posts(package):
    wrong = {
        f"{module} reaches {other}"
        for module in modules()
        if layer_of(module) == package
        for other in reached(module)
        if other.removeprefix("jmere.").startswith(APART)
    }
    assert wrong == set()


def public_names(module: str):
    for node in tree_of(module).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id


def test_no_public_name_has_two_homes():
    homes = defaultdict(set)
    for module in modules():
        for name in public_names(module):
            if name[0] != "_" and layer_of(module) != "cli":
                homes[name].add(module)
    twice = {n: sorted(at) for n, at in homes.items() if len(at) > 1 and n not in SAME_NAME}
    assert twice == {}


def test_no_file_name_occurs_twice():
    files = defaultdict(list)
    for module, path in modules().items():
        if module not in SHIMS and path.stem not in {"__init__", *SAME_FILE}:
            files[path.stem].append(str(path.relative_to(SOURCE)))
    assert {name: paths for name, paths in files.items() if len(paths) > 1} == {}


PACKAGES = [m for m, path in modules().items() if path.name == "__init__.py"]


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_lists_its_names(package):
    module = import_module(package)
    assert module.__all__
    for name in module.__all__:
        value = getattr(module, name)
        assert not isinstance(value, ModuleType), name
        if isinstance(value, type | FunctionType):  # listed where it is, not where it is used
            assert value.__module__.startswith(package), name
    with pytest.raises(AttributeError, match="no_such_name"):
        module.no_such_name  # noqa: B018


def test_no_package_is_most_of_the_code():
    lines = Counter()
    for module, path in modules().items():
        lines[layer_of(module)] += len(path.read_text(encoding="utf-8").splitlines())
    largest, count = lines.most_common(1)[0]
    assert count <= MAX_SHARE * lines.total(), largest


def test_torch_stays_in_its_engine():
    found = {
        module
        for module in modules()
        if module.startswith("jmere.tagger.")
        for node in tree_of(module).body
        if any(
            name.split(".")[0] == "torch"
            for name in (
                [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else []
            )
        )
    }
    assert found == TORCH


def test_functions_are_short():
    long = {}
    for module in modules():
        for node in ast.walk(tree_of(module)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                documented = ast.get_docstring(node) is not None and len(node.body) > 1
                lines = node.end_lineno - node.body[documented].lineno + 1
                if lines > MAX_BODY:
                    long[f"{module}.{node.name}"] = lines
    assert long == {}


def test_the_figures_of_the_structure_are_printed(capsys):
    main([])
    printed = capsys.readouterr().out
    assert "longest import chain, in files                         16" in printed
    assert "fully typed functions                                  100%" in printed


def test_importing_the_package_is_cheap():
    heavy = "{'torch', 'spacy', 'transformers', 'onnxruntime', 'numpy'}"
    code = f"import jmere, sys; assert not {heavy} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
