"""Generate the reference pages from the code: the command line and the run file.

MkDocs calls ``on_page_markdown`` for each page. A page that contains the marker of a generator gets
its text there. The tests call the generators too.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import textwrap
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Replace the marker of a page by what its generator writes."""
    for marker, generate in GENERATORS.items():
        if marker in markdown:
            markdown = markdown.replace(marker, generate())
    return markdown


def commands() -> Iterator[tuple[str, Any, Any]]:
    """Every command that does something: its path, the command and its context."""
    import typer

    from jmere.cli import app

    root: Any = typer.main.get_command(app)
    yield from _commands(root, root.make_context("jmere", [], resilient_parsing=True))


def _commands(command: Any, context: Any) -> Iterator[tuple[str, Any, Any]]:
    if not hasattr(command, "list_commands"):
        yield context.command_path, command, context
        return
    for name in command.list_commands(context):
        inner = command.get_command(context, name)
        made = inner.make_context(name, [], parent=context, resilient_parsing=True)
        yield from _commands(inner, made)


def cli_reference() -> str:
    """Write a section for each command, with its arguments and options."""
    parts = []
    for path, command, context in commands():
        parts.append(f"## `{path}`\n\n{command.help or ''}\n")
        rows = [row for each in command.params if (row := _option_row(each, context))]
        parts.append("| argument or option | meaning |\n| --- | --- |\n" + "\n".join(rows) + "\n")
    return "\n".join(parts)


def _option_row(parameter: Any, context: Any) -> str | None:
    record = parameter.get_help_record(context)
    if record is None:
        return None
    names, text = (str(part).replace("|", "\\|").replace("\n", " ") for part in record)
    return f"| `{names}` | {text} |"


def run_file_reference() -> str:
    """Write a table for each part of a run file, with type, default and sentence of each field."""
    return "\n".join(_section(key, kind) for key, kind in config_classes().items())


@cache
def config_classes() -> Mapping[str, type[Any]]:
    """The dataclass of each part of a run file, by the keys that lead to it."""
    from jmere.models.registry import RECIPES
    from jmere.training.run_config import RunConfig

    found: dict[str, type[Any]] = {"": RunConfig}
    _nested("", RunConfig, found)
    for name, recipe in RECIPES.items():
        key = f"model (name: {name})"
        found[key] = recipe.config
        _nested(key, recipe.config, found)
    return found


def _nested(prefix: str, kind: type[Any], found: dict[str, type[Any]]) -> None:
    hints = typing.get_type_hints(kind)
    for field in dataclasses.fields(kind):
        for hint in (hints[field.name], *typing.get_args(hints[field.name])):
            if dataclasses.is_dataclass(hint) and field.name != "model":
                key = f"{prefix}.{field.name}".removeprefix(".")
                found[key] = typing.cast("type[Any]", hint)
                _nested(key, found[key], found)


def _section(key: str, kind: type[Any]) -> str:
    sentences, hints = field_sentences(kind), typing.get_type_hints(kind)
    head = f"## `{key}`" if key else "## Top level"
    about = (inspect.getdoc(kind) or "").partition("\nExample:")[0].rstrip()
    rows = [
        f"| `{field.name}` | {_cell(type_name(hints[field.name]))} | {_cell(_default(field))} "
        f"| {_cell(sentences.get(field.name, ''), code=False)} |"
        for field in dataclasses.fields(kind)
    ]
    table = "| key | type | default | meaning |\n| --- | --- | --- | --- |\n" + "\n".join(rows)
    return f"{head}\n\n{about}\n\n{table}\n"


def _cell(text: str, *, code: bool = True) -> str:
    text = " ".join(text.split()).replace("``", "`").replace("|", "\\|")
    return f"`{text}`" if code and text else text


def _default(field: Any) -> str:
    if field.default is not dataclasses.MISSING:
        return "" if field.default is None else str(field.default)
    if field.default_factory is dataclasses.MISSING:
        return "required"
    made = field.default_factory()
    return "see below" if dataclasses.is_dataclass(made) else str(made)


def type_name(hint: Any) -> str:
    """A type as a reader of YAML sees it: ``text``, ``number``, or the allowed values."""
    names = {str: "text", Path: "text", int: "whole number", float: "number", bool: "true or false"}
    if hint in names:
        return names[hint]
    if hint is type(None):
        return "null"
    origin, inside = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        return " | ".join(map(str, inside))
    if origin in (types.UnionType, typing.Union):
        return " | ".join(dict.fromkeys(map(type_name, inside)))
    if origin in (list, tuple):
        return f"list of {type_name(inside[0])}"
    return str(getattr(hint, "__name__", hint))


@cache
def field_sentences(kind: type[Any]) -> Mapping[str, str]:
    """The docstring below each field of a dataclass, or that of the config that a field holds."""
    hints = typing.get_type_hints(kind)
    sentences = {
        field.name: (inspect.getdoc(hints[field.name]) or "").partition("\n")[0]
        for field in dataclasses.fields(kind)
        if dataclasses.is_dataclass(hints[field.name])
    }
    for base in reversed(kind.__mro__):
        if dataclasses.is_dataclass(base):
            tree = ast.parse(textwrap.dedent(inspect.getsource(base)))
            sentences |= dict(_sentences(typing.cast("ast.ClassDef", tree.body[0])))
    return sentences


def _sentences(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for field, below in zip(node.body, node.body[1:], strict=False):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(below, ast.Expr)
            and isinstance(below.value, ast.Constant)
        ):
            yield field.target.id, inspect.cleandoc(str(below.value.value))


def public_names() -> str:
    """Write a line for mkdocstrings for each name that ``jmere`` exports."""
    import jmere

    found = {name: getattr(jmere, name) for name in sorted(jmere.__all__)}
    return "\n".join(f"::: {each.__module__}.{each.__qualname__}" for each in found.values())


def _columns(name: str) -> str:
    """Write the columns of a table of the graph's schema."""
    from jmere.knowledge import schema

    columns = getattr(schema, name)
    rows = [f"| `{column.name}` | {column.type} | {column.meaning} |" for column in columns]
    return "\n".join(["| column | type | meaning |", "| --- | --- | --- |", *rows])


GENERATORS: Mapping[str, Callable[[], str]] = {
    "<!-- generated: command line -->": cli_reference,
    "<!-- generated: run file -->": run_file_reference,
    "<!-- generated: public names -->": public_names,
    "<!-- node columns -->": lambda: _columns("NODE_COLUMNS"),
    "<!-- edge columns -->": lambda: _columns("EDGE_COLUMNS"),
    "<!-- evidence columns -->": lambda: _columns("EVIDENCE_COLUMNS"),
}
"""What replaces a marker in a page."""
