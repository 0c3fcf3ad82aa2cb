"""YAML from untrusted files: plain values only, bounded in size, depth and aliases."""

from __future__ import annotations

from typing import Any

import yaml

from jmere.files.json_values import DEEPEST, check_plain

MAX_BYTES = 1 << 16
"""Maximum size of a YAML text."""

_MAX_NODES = 20_000
"""Maximum number of values, with each alias counted where it is used."""

_KNOWN = ("null", "bool", "int", "float", "str", "seq", "map", "merge")
_TAG = "tag:yaml.org,2002:"


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader without dates, sets and bytes."""

    depth = nodes = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Compose a node nested at most ``DEEPEST`` deep."""
        if self.depth > DEEPEST:
            raise ValueError(f"nested deeper than {DEEPEST} levels")
        self.depth, self.nodes = self.depth + 1, self.nodes + 1
        if self.nodes > _MAX_NODES:
            raise ValueError(f"holds more than {_MAX_NODES} values")
        node: yaml.Node | None = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def get_single_node(self) -> yaml.Node | None:
        """Return the root after counting its values."""
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
    """Parse a YAML text of numbers, strings, booleans, null, lists and mappings.

    Every alias becomes a copy, so changing one value changes no other.

    Raises:
        ValueError: If it is no YAML, too long, too deep, or its aliases stand for too much.

    Example:
        >>> parse_yaml("epochs: 3")
        {'epochs': 3}
    """
    if len(text) > MAX_BYTES:
        raise ValueError(f"longer than {MAX_BYTES} characters")
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
    """Count the values of a node, visiting each node once."""
    if isinstance(node, yaml.ScalarNode):
        return 1
    if id(node) not in sizes:
        sizes[id(node)] = _MAX_NODES  # should the node be met within itself
        parts = node.value
        if isinstance(node, yaml.MappingNode):
            parts = [part for pair in parts for part in pair]
        sizes[id(node)] = 1 + sum(_count(part, sizes) for part in parts)
    if sizes[id(node)] > _MAX_NODES:
        raise ValueError(f"its aliases stand for more than {_MAX_NODES} values")
    return sizes[id(node)]


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_copied(item) for item in value]
    return value
