"""Plain values from YAML of others: no object of any class, bounded in size, depth and aliases."""

from __future__ import annotations

from typing import Any

import yaml

from jmere.files.json_values import DEEPEST, check_plain

LARGEST = 1 << 16
"""Bytes that a YAML text may have."""

_MOST_NODES = 20_000
"""Values that a text may stand for, those of an alias counted wherever it is used."""

_KNOWN = ("null", "bool", "int", "float", "str", "seq", "map", "merge")
_TAG = "tag:yaml.org,2002:"


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader without dates, sets and bytes, which no setting is made of."""

    depth = nodes = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """A node with its parts, in ``DEEPEST`` others at most."""
        if self.depth > DEEPEST:
            raise ValueError(f"nested deeper than {DEEPEST} levels")
        self.depth, self.nodes = self.depth + 1, self.nodes + 1
        if self.nodes > _MOST_NODES:
            raise ValueError(f"holds more than {_MOST_NODES} values")
        node: yaml.Node | None = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def get_single_node(self) -> yaml.Node | None:
        """The root, counted before anything is made of it."""
        node: yaml.Node | None = super().get_single_node()
        if node is not None:
            _count(node, {})
        return node


_Loader.yaml_constructors = {
    tag: make
    for tag, make in yaml.SafeLoader.yaml_constructors.items()
    if tag is None or tag.removeprefix(_TAG) in _KNOWN
}
_Loader.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in forms if tag.removeprefix(_TAG) in _KNOWN]
    for first, forms in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def parse_yaml(text: str) -> Any:
    """The value of a YAML text: numbers, text, truth values, null, lists and mappings.

    Every alias becomes a copy, so that changing one value changes no other.

    Raises:
        ValueError: If it is no YAML, too long, too deep, or its aliases stand for too much.
    """
    if len(text) > LARGEST:
        raise ValueError(f"longer than {LARGEST} characters")
    try:
        value = _copied(yaml.load(text, _Loader))
    except yaml.MarkedYAMLError as error:
        raise ValueError(f"not YAML: {_told(error)}") from None
    except yaml.YAMLError as error:
        raise ValueError(f"not YAML: {' '.join(str(error).split())[:200]}") from None
    except RecursionError:
        raise ValueError(f"nested deeper than {DEEPEST} levels") from None
    # A tag may force text into a type that it is not of, and PyYAML says so in many ways.
    except (KeyError, IndexError, AttributeError, TypeError, OverflowError) as error:
        raise ValueError(f"not YAML: a value is not of its tag's type ({error!r:.100})") from None
    check_plain(value)
    return value


def _told(error: yaml.MarkedYAMLError) -> str:
    problem = " ".join(str(error.problem or error.context or "cannot be read").split())[:120]
    mark = error.problem_mark or error.context_mark
    return (
        problem if mark is None else f"{problem} at line {mark.line + 1} column {mark.column + 1}"
    )


def _count(node: yaml.Node, sizes: dict[int, int]) -> int:
    """How many values a node stands for, each node looked at once."""
    if isinstance(node, yaml.ScalarNode):
        return 1
    if id(node) not in sizes:
        sizes[id(node)] = _MOST_NODES  # should the node be met within itself
        parts = node.value
        if isinstance(node, yaml.MappingNode):
            parts = [part for pair in parts for part in pair]
        sizes[id(node)] = 1 + sum(_count(part, sizes) for part in parts)
    if sizes[id(node)] > _MOST_NODES:
        raise ValueError(f"its aliases stand for more than {_MOST_NODES} values")
    return sizes[id(node)]


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_copied(item) for item in value]
    return value
