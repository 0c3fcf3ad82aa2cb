"""Names of one thing, as a person has accepted them: the aliases file.

A CSV file with the columns ``name``, ``type``, ``canonical`` and, optional, ``same_as``: an IRI of
the thing elsewhere, or an id of Wikidata. Other columns are passed over.
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from jmere.errors import DataError, Problem, short_repr
from jmere.files.inputs import read_input_text
from jmere.knowledge.matching import normalised
from jmere.knowledge.names import clean, is_visible, surface
from jmere.knowledge.unify import NodeKey

_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "name": ("name", "alias"),
    "type": ("type", "entity type"),
    "canonical": ("canonical", "canonical name"),
    "same_as": ("same as", "sameas", "owl:sameas", "external id", "id"),
}
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")
_WIKIDATA = re.compile(r"(?:wd:)?(Q[1-9]\d*)")
_MAX_CELL = 10_000


@dataclass(frozen=True, slots=True)
class Alias:
    """A row: ``name`` is another name of ``canonical``; both are of ``type``."""

    name: str
    type: str
    canonical: str
    same_as: str = ""


@dataclass(frozen=True)
class Aliases:
    """The accepted names, by their matching keys.

    Example:
        >>> aliases = Aliases([Alias("UN", "org", "United Nations")])
        >>> aliases.labels[aliases.target[("org", "un")]]
        'United Nations'
    """

    rows: tuple[Alias, ...]
    target: dict[NodeKey, NodeKey] = field(default_factory=dict, compare=False)
    """Canonical key of each key, its own included."""
    labels: dict[NodeKey, str] = field(default_factory=dict, compare=False)
    """Canonical name of each canonical key."""
    same_as: dict[NodeKey, tuple[str, ...]] = field(default_factory=dict, compare=False)
    """IRIs of each canonical key."""

    def __init__(self, rows: Iterable[Alias] = ()) -> None:
        found = sorted(set(rows), key=lambda row: (row.type, row.canonical, row.name, row.same_as))
        object.__setattr__(self, "rows", tuple(found))
        target, labels = _resolved(found)
        iris: dict[NodeKey, set[str]] = defaultdict(set)
        for row in found:
            if row.same_as:
                iris[target[_key(row.type, row.canonical)]].add(row.same_as)
        object.__setattr__(self, "target", target)
        object.__setattr__(self, "labels", labels)
        object.__setattr__(
            self, "same_as", {key: tuple(sorted(all_)) for key, all_ in iris.items()}
        )

    def __bool__(self) -> bool:
        return bool(self.rows)


def read_aliases(path: str | Path) -> Aliases:
    """Read an aliases file; the first line may name the columns.

    Raises:
        FileNotFoundError: If the file does not exist.
        DataError: At the first bad row, or if a name is given two canonical names.
    """
    known: dict[NodeKey, tuple[int, NodeKey]] = {}
    rows = []
    for line, row in _rows(path):
        key, canonical = _key(row.type, row.name), _key(row.type, row.canonical)
        if key != canonical:
            first, other = known.setdefault(key, (line, canonical))
            if other != canonical:
                raise _fault(
                    path,
                    line,
                    f"{short_repr(row.name)} has another canonical name on line {first}",
                )
        rows.append(row)
    for key, (line, _) in known.items():
        seen, at = {key}, key
        while at in known:
            at = known[at][1]
            if at in seen:
                raise _fault(path, line, f"{short_repr(key[1])} is an alias of itself")
            seen.add(at)
    return Aliases(rows)


def _rows(path: str | Path) -> Iterator[tuple[int, Alias]]:
    text = read_input_text(path)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    columns: dict[str, int] | None = None
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if columns is None:
                columns = _header(path, reader.line_num, cells)
                if columns is not None:
                    continue
                columns = {name: index for index, name in enumerate(_COLUMNS)}
            yield reader.line_num, _row(path, reader.line_num, cells, columns)
    except csv.Error as error:
        raise _fault(path, reader.line_num, f"not CSV: {error}") from None


def _header(path: str | Path, line: int, cells: list[str]) -> dict[str, int] | None:
    names = [clean(cell).casefold().replace("_", " ") for cell in cells]
    if names[0] not in _COLUMNS["name"] and "canonical" not in " ".join(names):
        return None
    found = {
        column: names.index(spelling)
        for column, spellings in _COLUMNS.items()
        for spelling in spellings
        if spelling in names
    }
    if missing := {"name", "type", "canonical"} - found.keys():
        raise _fault(path, line, f"missing column {min(missing)!r}; expected name,type,canonical")
    return found


def _row(path: str | Path, line: int, cells: list[str], columns: Mapping[str, int]) -> Alias:
    values = {}
    for column, index in columns.items():
        cell = cells[index] if index < len(cells) else ""
        if len(cell) > _MAX_CELL:
            raise _fault(path, line, f"{column}: longer than {_MAX_CELL:,} characters")
        values[column] = surface(cell)
    for column in ("name", "type", "canonical"):
        if not is_visible(values[column]):
            raise _fault(path, line, f"{column}: expected a name, got {short_repr(values[column])}")
    same_as = values.get("same_as", "")
    if wikidata := _WIKIDATA.fullmatch(same_as):
        same_as = f"http://www.wikidata.org/entity/{wikidata[1]}"
    if same_as and not _IRI.fullmatch(same_as):
        raise _fault(
            path, line, f"same_as: expected an IRI or a Wikidata id, got {short_repr(same_as)}"
        )
    return Alias(values["name"], clean(values["type"]), values["canonical"], same_as)


def _resolved(rows: Iterable[Alias]) -> tuple[dict[NodeKey, NodeKey], dict[NodeKey, str]]:
    direct: dict[NodeKey, NodeKey] = {}
    labels: dict[NodeKey, str] = {}
    for row in rows:
        canonical = _key(row.type, row.canonical)
        labels.setdefault(canonical, row.canonical)
        if (key := _key(row.type, row.name)) != canonical:
            direct.setdefault(key, canonical)
    target = {}
    for key in (*direct, *labels):
        at, steps = key, 0
        while at in direct and steps <= len(direct):
            at, steps = direct[at], steps + 1
        target[key] = at
    return target, {key: labels[key] for key in dict.fromkeys(target.values())}


def _key(kind: str, name: str) -> NodeKey:
    return clean(kind), normalised(surface(name) or clean(name))


def _fault(path: str | Path, line: int, message: str) -> DataError:
    return DataError(Problem(str(path), line, message))
