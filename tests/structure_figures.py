"""Print figures of the package's structure: python tests/structure_figures.py [FOLDER].

FOLDER is a package, by default this one; a second folder holds its tests.
"""

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
TENSOR = re.compile(r"\b(Tensor|NDArray|ndarray|\w*Array|Float|Int|Bool|Float32s|Pixels)\b")
SHAPED = re.compile(r"(Float|Int|Bool|UInt8|Shaped)\w*\[[^\[\]]*, *[\"']")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def p90(values: list[int]) -> int:
    return sorted(values)[int(0.9 * (len(values) - 1))]


class Package:
    """The files of a package as text and as syntax trees."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.text = {p: p.read_text(encoding="utf-8") for p in sorted(folder.rglob("*.py"))}
        self.tree = {path: ast.parse(text) for path, text in self.text.items()}

    def functions(self) -> Iterator[Function]:
        for tree in self.tree.values():
            yield from (node for node in ast.walk(tree) if isinstance(node, Function))

    def public(self) -> list[Function | ast.ClassDef]:
        """Return the public functions, methods and classes, those inside functions aside."""
        found: list[Function | ast.ClassDef] = []
        for tree in self.tree.values():
            todo: list[ast.AST] = [tree]
            while todo:
                for node in ast.iter_child_nodes(todo.pop()):
                    if isinstance(node, Function | ast.ClassDef) and node.name[0] != "_":
                        found.append(node)
                        todo += [node] * isinstance(node, ast.ClassDef)
        return found

    def names(self, path: Path) -> list[str]:
        """Return the public functions and classes at the top of a file."""
        top = (n for n in self.tree[path].body if isinstance(n, Function | ast.ClassDef))
        return [node.name for node in top if node.name[0] != "_"]

    def chain(self) -> int:
        """Return the length in files of the longest chain of imports, type checking aside."""
        at = {
            ".".join(path.relative_to(self.folder.parent).with_suffix("").parts).removesuffix(
                ".__init__"
            ): path
            for path in self.tree
        }

        def imports(module: str) -> set[str]:
            found: set[str] = set()
            for node in self.tree[at[module]].body:
                if isinstance(node, ast.ImportFrom) and node.module:
                    inner = [f"{node.module}.{alias.name}" for alias in node.names]
                    found |= {name if name in at else node.module for name in inner}
                elif isinstance(node, ast.Import):
                    found |= {alias.name for alias in node.names}
            return found & at.keys() - {module}

        @cache
        def depth(module: str) -> int:
            return 1 + max(map(depth, imports(module)), default=0)

        return max(map(depth, at))


def body_lines(function: Function) -> int:
    """Lines of a function from ``def`` to its end, without its docstring."""
    count = (function.end_lineno or 0) - function.lineno + 1
    if ast.get_docstring(function) is not None:
        first = function.body[0]
        count -= (first.end_lineno or 0) - first.lineno + 1
    return count


def parameters(function: Function) -> list[ast.arg]:
    given = function.args
    found = [*given.posonlyargs, *given.args, *given.kwonlyargs]
    return [each for each in found if each.arg not in {"self", "cls"}]


def is_typed(function: Function) -> bool:
    returns = function.returns is not None or function.name == "__init__"
    return returns and all(each.annotation for each in parameters(function))


def signature(function: Function) -> str:
    hints = [each.annotation for each in parameters(function)] + [function.returns]
    return " ; ".join(ast.unparse(hint) for hint in hints if hint is not None)


def raises(function: Function) -> bool:
    return any(isinstance(node, ast.Raise) and node.exc for node in ast.walk(function))


def share(part: list[object], whole: list[object]) -> str:
    return f"{len(part) / max(len(whole), 1):.0%} ({len(part)} of {len(whole)})"


def figures(package: Package, tests: Path) -> dict[str, str]:
    """Return the rows of the table: what is counted, and its value."""
    lines = [len(text.splitlines()) for text in package.text.values()]
    functions, public = list(package.functions()), package.public()
    lengths = [body_lines(each) for each in functions]
    names = [package.names(path) for path in package.tree]
    homes = Counter(name for each in names for name in set(each))
    stems = Counter(path.stem for path in package.tree if path.stem not in {"__init__"})
    called = [each for each in public if isinstance(each, Function)]
    docs = {each: ast.get_docstring(each) or "" for each in public}
    tensors = [each for each in called if TENSOR.search(signature(each))]
    raising = [each for each in called if raises(each)]
    many = [len(parameters(each)) for each in functions]
    tested = sum(len(p.read_text("utf-8").splitlines()) for p in tests.rglob("*.py"))
    comments = sum(
        line.lstrip().startswith("#") for text in package.text.values() for line in text.split("\n")
    )
    longest = max(functions, key=body_lines)
    return {
        "files / lines": f"{len(lines)} / {sum(lines)}",
        "lines per file: median / max": f"{median(lines):.0f} / {max(lines)}",
        "files under 50 lines": f"{sum(each < 50 for each in lines) / len(lines):.0%}",
        "function lines, docstring apart: median / p90 / max": (
            f"{median(lengths):.0f} / {p90(lengths)} / {max(lengths)} ({longest.name})"
        ),
        "public names per file: median / p90": (
            f"{median(map(len, names)):.0f} / {p90([len(each) for each in names])}"
        ),
        "same public name in two files or more": str(sum(n > 1 for n in homes.values())),
        "same file name twice or more": str(sum(n > 1 for n in stems.values())),
        "longest import chain, in files": str(package.chain()),
        "public functions documented": share([e for e in called if docs[e]], [*called]),
        "tensor functions whose shapes are told": share(
            [e for e in tensors if SHAPED.search(signature(e)) or "FloatArray" in signature(e)],
            [*tensors],
        ),
        "raising functions that document it": share(
            [e for e in raising if "Raises:" in docs[e]], [*raising]
        ),
        "docstrings with an example": share(
            [e for e in public if ">>>" in docs[e]], [e for e in public if docs[e]]
        ),
        "fully typed functions": share([e for e in functions if is_typed(e)], [*functions]),
        "tests : code, lines": f"{tested / sum(lines):.2f}",
        "comments per 100 lines": f"{100 * comments / sum(lines):.1f}",
        "functions of more than 8 parameters / most": f"{sum(n > 8 for n in many)} / {max(many)}",
    }


def main(arguments: list[str]) -> None:
    folder = Path(arguments[0]) if arguments else ROOT / "src" / "jmere"
    tests = Path(arguments[1]) if len(arguments) > 1 else ROOT / "tests"
    for name, value in figures(Package(folder), tests).items():
        sys.stdout.write(f"{name:54} {value}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
