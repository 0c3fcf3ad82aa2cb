"""Public names of a package, imported from their modules when first used."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from types import ModuleType
from typing import Any

from jmere.errors import missing_extra


def exports(
    package: str, names: Mapping[str, tuple[str, ...]]
) -> tuple[Callable[[str], Any], list[str]]:
    """Make the ``__getattr__`` and the ``__all__`` of a package.

    Importing the package then stays cheap: a module is loaded when one of its names is first
    used. Where a name is spelled like its module (``jmere.knowledge.merge``), the package has the
    name, and ``from jmere.knowledge.merge import ...`` still reaches the module. If a module needs
    a library that an extra installs, the error says which (``MissingExtraError``).

    Args:
        package: ``__name__`` of the package.
        names: The public names of each module, by the module's name within the package.

    Example:
        >>> getter, listed = exports("jmere.grid", {"decode": ("DecodeOptions", "decode")})
        >>> listed, getter("DecodeOptions").__name__
        (['DecodeOptions', 'decode'], 'DecodeOptions')
    """
    homes = {name: module for module, inside in names.items() for name in inside}

    def getter(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        try:
            module = import_module(f"{package}.{homes[name]}")
        except ModuleNotFoundError as error:
            raise missing_extra(error, f"{package}.{name}") or error from None
        return getattr(module, name)

    if homes.keys() & names.keys():
        sys.modules[package].__class__ = _Package
    return getter, sorted(homes)


class _Package(ModuleType):
    """A package whose public names are not hidden by modules of the same name."""

    def __setattr__(self, name: str, value: object) -> None:
        # The import system sets an attribute for every module of a package that it loads.
        if not (isinstance(value, ModuleType) and name in self.__dict__.get("__all__", ())):
            super().__setattr__(name, value)
