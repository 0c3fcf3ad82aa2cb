"""CoNLL-U files: words with parts of speech, heads and labels."""

from __future__ import annotations

import lzma
from collections.abc import Iterator, Sequence
from pathlib import Path

from jmere.errors import DataError, Problem, one_line
from jmere.records import TextGraph

_COLUMNS = 10
_WORD, _POS, _HEAD, _LABEL = 1, 3, 6, 7


def read_conllu(path: str | Path) -> Iterator[TextGraph]:
    """Read the trees of a treebank, one per sentence; ``.xz`` files are unpacked.

    Labels are cut at the colon. Multiword tokens, empty nodes, lemmas and
    features are left out.

    Raises:
        FileNotFoundError: If there is no such file.
        DataError: If a line is not CoNLL-U.
    """
    path = Path(path)
    try:
        yield from _trees(path)
    except (lzma.LZMAError, EOFError, UnicodeDecodeError) as error:
        raise DataError(Problem(str(path), None, f"damaged ({one_line(error)})")) from None


def _trees(path: Path) -> Iterator[TextGraph]:
    rows: list[list[str]] = []
    with (
        lzma.open(path, "rt", encoding="utf-8")
        if path.suffix == ".xz"
        else path.open(encoding="utf-8") as lines
    ):
        number = 0
        for number, line in enumerate(lines, 1):
            row = line.rstrip("\r\n").split("\t")
            if row[0].isdecimal():
                _check(path, number, row, len(rows) + 1)
                rows.append(row)
            elif row == [""] and rows:
                yield _tree(path, number, rows)
                rows = []
    if rows:
        yield _tree(path, number, rows)


def _tree(path: Path, number: int, rows: Sequence[Sequence[str]]) -> TextGraph:
    heads = [int(row[_HEAD]) - 1 for row in rows]
    if max(heads) >= len(rows):
        message = f"a word hangs on word {max(heads) + 1}, but the sentence has {len(rows)} words"
        raise DataError(Problem(str(path), number, message))
    return TextGraph(
        words=tuple(row[_WORD] for row in rows),
        pos=tuple(row[_POS] for row in rows),
        heads=tuple(index if head < 0 else head for index, head in enumerate(heads)),
        labels=tuple(row[_LABEL].split(":")[0] for row in rows),
    )


def _check(path: Path, number: int, row: Sequence[str], expected: int) -> None:
    if len(row) != _COLUMNS:
        message = f"{len(row)} columns; expected {_COLUMNS}, with tabs between them"
    elif row[0] != str(expected):
        message = f"word number {row[0]}; expected {expected}"
    elif not row[_HEAD].isdecimal():
        message = f"head {row[_HEAD]!r}; expected a word's number, or 0"
    else:
        return
    raise DataError(Problem(str(path), number, message))
