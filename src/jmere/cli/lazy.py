"""Command groups that import a command only when it runs."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, ClassVar

import typer
from typer.core import TyperGroup

from jmere.errors import nearest

# Contexts, formatters and commands are of click's classes or of typer's own copies of them,
# after typer's version: hence `Any`.


class LazyGroup(TyperGroup):
    """Command group from a table; help and command lookup import nothing."""

    table: ClassVar[Mapping[str, tuple[str, str]]] = {}
    """``module:name`` and one line of help for each command."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the command names, in the order of the table."""
        return list(self.table)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import a command; an unknown name is an error."""
        if cmd_name not in self.table:
            ctx.fail(f"unknown command {cmd_name!r}; {nearest(cmd_name, self.table)}")
        return _load(self.table[cmd_name][0], cmd_name)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the table to the help."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in self.table.items()])


def _load(target: str, name: str) -> Any:
    module, _, attribute = target.partition(":")
    found = getattr(import_module(module), attribute)
    if isinstance(found, typer.Typer):
        found.rich_markup_mode = None
        group = typer.main.get_group(found)
        group.name = name
        return group
    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    alone.command(name)(found)
    return typer.main.get_command(alone)
