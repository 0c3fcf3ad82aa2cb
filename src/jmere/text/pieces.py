"""Word pieces: what the text encoder reads, and which word each piece belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer
from transformers import AutoTokenizer

from jmere.errors import one_line, short_repr
from jmere.files.json_values import read_json
from jmere.pretrained.hub import local_only

SHORTEST = 3
"""Pieces that the shortest post takes: one, between two special ones."""

SETTINGS, PIECES = "tokenizer_config.json", "tokenizer.json"
_LARGEST = 1 << 28
"""Bytes that the file of a tokenizer's pieces may have."""

LONGEST_WORD = 32
"""Pieces of one word that are read; the rest of, say, a very long address is not."""

SPECIAL = -1
"""Word of a piece that belongs to none, such as ``[CLS]``."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """The pieces of one text and the word of each, ``SPECIAL`` where it has none."""

    ids: tuple[int, ...]
    words: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PieceVocabulary:
    """How many pieces there are, and which one stands for a hidden one."""

    size: int
    mask: int


class PieceTokenizer:
    """Splits words into the encoder's pieces; every word gets at least one."""

    def __init__(self, tokenizer: Any) -> None:
        if not tokenizer.is_fast:
            raise ValueError("the encoder's tokenizer must be a fast one: word ids come from it")
        if not isinstance(tokenizer.unk_token, str):
            raise ValueError("the encoder's tokenizer must have a piece for the unknown, unk_token")
        longest = tokenizer.model_max_length
        if isinstance(longest, bool) or not isinstance(longest, int) or longest < SHORTEST:
            raise ValueError(
                f"the tokenizer's model_max_length must be a whole number from {SHORTEST}, "
                f"got {short_repr(longest)}"
            )
        self._tokenizer = tokenizer
        self.longest: int = longest
        """Most pieces of a text that the tokenizer's encoder takes, by its own word."""

    @classmethod
    def load(cls, folder: str | Path) -> PieceTokenizer:
        """Read the tokenizer of a model folder or hub id, and no code but ``transformers``'s.

        Raises:
            FileNotFoundError: If there is none.
            ValueError: If a file of it is damaged, or it cannot tell words apart.
        """
        if Path(folder).is_dir():
            _check_files(Path(folder))
        try:
            tokenizer = AutoTokenizer.from_pretrained(
                str(folder),
                use_fast=True,
                trust_remote_code=False,
                local_files_only=local_only(folder),
            )
        # What reads the files raises errors of its own, and bare exceptions.
        except Exception as error:
            kind = FileNotFoundError if isinstance(error, OSError) else ValueError
            reason = one_line(error)
            if "custom code" in reason:
                reason = "it needs code that its folder brings, which is not run"
            raise kind(f"{_at_fault(Path(folder))}: not a tokenizer ({reason})") from error
        try:
            return cls(tokenizer)
        except ValueError as error:
            raise ValueError(f"{folder}: {error}") from None

    def check_fits(self, vocabulary: int) -> None:
        """Check that an encoder of so many pieces knows every piece of the tokenizer.

        Raises:
            ValueError: If one is beyond them.
        """
        piece, number = max(self._tokenizer.get_vocab().items(), key=lambda item: item[1])
        if number >= vocabulary:
            raise ValueError(
                f"tokenizer.json: piece {short_repr(piece)} is number {number}, "
                f"but the encoder knows {vocabulary} pieces"
            )

    def save(self, folder: str | Path) -> None:
        """Write the tokenizer's files into ``folder``."""
        self._tokenizer.save_pretrained(str(folder))

    @property
    def vocabulary(self) -> PieceVocabulary:
        """What masking needs to know."""
        return PieceVocabulary(len(self._tokenizer), self._tokenizer.mask_token_id)

    def split(self, texts: Sequence[Sequence[str]]) -> list[Pieces]:
        """The pieces of each text, which is a sequence of words, special pieces included."""
        if not texts:
            return []
        encoded = self._encode(texts)
        incomplete = [
            index
            for index, (words, pieces) in enumerate(zip(texts, encoded, strict=True))
            if len({*pieces.words} - {SPECIAL}) < len(words)
        ]
        # A word of which the tokenizer keeps nothing, such as a zero-width space, is unknown.
        for index in incomplete:
            present = set(encoded[index].words)
            unknown = self._tokenizer.unk_token
            words = [w if i in present else unknown for i, w in enumerate(texts[index])]
            encoded[index] = self._encode([words])[0]
        return encoded

    def labels(self, names: Sequence[str]) -> list[tuple[int, ...]]:
        """The pieces of each name without special pieces, for looking up what its words mean."""
        if not names:
            return []
        return [
            tuple(ids)
            for ids in self._tokenizer(list(names), add_special_tokens=False)["input_ids"]
        ]

    def _encode(self, texts: Sequence[Sequence[str]]) -> list[Pieces]:
        encoded = self._tokenizer([list(words) for words in texts], is_split_into_words=True)
        pieces = []
        for index, ids in enumerate(encoded["input_ids"]):
            words = tuple(SPECIAL if w is None else w for w in encoded.word_ids(index))
            pieces.append(_shortened(Pieces(tuple(ids), words)))
        return pieces


def _check_files(folder: Path) -> None:
    """Check what a tokenizer's files may not hold, whoever reads them."""
    pieces, path = folder / PIECES, folder / SETTINGS
    if pieces.is_file() and pieces.stat().st_size > _LARGEST:
        raise ValueError(f"{pieces}: longer than {_LARGEST} bytes")
    settings = read_json(path) if path.is_file() else {}
    if not isinstance(settings, dict):
        raise ValueError(f"{path}: expected an object, got {short_repr(settings)}")
    for key, value in settings.items():
        # A path would let a folder name any file of this machine.
        if key.endswith("_file") and value is not None:
            raise ValueError(f"{path}: {short_repr(key)} must not be given")


def _at_fault(folder: Path) -> Path:
    """Which of a tokenizer's files cannot be read."""
    if not folder.is_dir():
        return folder
    try:
        Tokenizer.from_file(str(folder / PIECES))
    except Exception:  # the library raises nothing more special
        return folder / PIECES
    return folder / SETTINGS


def _shortened(pieces: Pieces) -> Pieces:
    """At most ``LONGEST_WORD`` pieces of each word."""
    if len(pieces.words) <= LONGEST_WORD:
        return pieces
    kept, run, last = [], 0, SPECIAL
    for index, word in enumerate(pieces.words):
        run = run + 1 if word == last else 1
        last = word
        if word == SPECIAL or run <= LONGEST_WORD:
            kept.append(index)
    return Pieces(tuple(pieces.ids[i] for i in kept), tuple(pieces.words[i] for i in kept))
