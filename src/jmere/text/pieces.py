"""Subword tokens (pieces) for the text encoder, and the word that each belongs to."""

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

MIN_PIECES = 3
"""Minimum sequence length: one piece between two special ones."""

SETTINGS, PIECES = "tokenizer_config.json", "tokenizer.json"
_MAX_BYTES = 1 << 28
"""Maximum size of a SentencePiece file."""

MAX_WORD_PIECES = 32
"""Maximum number of pieces per word; the rest of a long word, such as a URL, is cut."""

SPECIAL = -1
"""Word index of special pieces such as ``[CLS]``."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """Pieces of a text and the word index of each, ``SPECIAL`` for special pieces."""

    ids: tuple[int, ...]
    words: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PieceVocabulary:
    """Number of pieces and the id of the mask piece."""

    size: int
    mask: int


class PieceTokenizer:
    """Subword tokenizer of pre-split words; every word gets at least one piece."""

    def __init__(self, tokenizer: Any) -> None:
        if not tokenizer.is_fast:
            raise ValueError("the encoder's tokenizer must be a fast one: word ids come from it")
        if not isinstance(tokenizer.unk_token, str):
            raise ValueError("the encoder's tokenizer must have a piece for the unknown, unk_token")
        max_length = tokenizer.model_max_length
        if (
            isinstance(max_length, bool)
            or not isinstance(max_length, int)
            or max_length < MIN_PIECES
        ):
            raise ValueError(
                f"the tokenizer's model_max_length must be a whole number from {MIN_PIECES}, "
                f"got {short_repr(max_length)}"
            )
        self._tokenizer = tokenizer
        self.max_length: int = max_length
        """Most pieces of a text that the tokenizer's encoder takes, by its own word."""

    @classmethod
    def load(cls, folder: str | Path) -> PieceTokenizer:
        """Load the tokenizer of a model folder or Hub id, without running its code.

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
                reason = "it requires custom code, which is not run"
            raise kind(f"{_at_fault(Path(folder))}: not a tokenizer ({reason})") from error
        try:
            return cls(tokenizer)
        except ValueError as error:
            raise ValueError(f"{folder}: {error}") from None

    def check_fits(self, vocabulary: int) -> None:
        """Check that an encoder with ``vocabulary`` embeddings covers every piece.

        Raises:
            ValueError: If one is beyond them.
        """
        piece, number = max(self._tokenizer.get_vocab().items(), key=lambda item: item[1])
        if number >= vocabulary:
            raise ValueError(
                f"tokenizer.json: piece {short_repr(piece)} is number {number}, "
                f"but the encoder has {vocabulary} pieces"
            )

    def save(self, folder: str | Path) -> None:
        """Write the tokenizer's files to ``folder``."""
        self._tokenizer.save_pretrained(str(folder))

    @property
    def vocabulary(self) -> PieceVocabulary:
        """Return the piece vocabulary, for masking."""
        return PieceVocabulary(len(self._tokenizer), self._tokenizer.mask_token_id)

    def split(self, texts: Sequence[Sequence[str]]) -> list[Pieces]:
        """Tokenize each text, a sequence of words; special pieces are added."""
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
        """Tokenize each name without special pieces."""
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
    """Check a tokenizer's files for settings that would load code."""
    pieces, path = folder / PIECES, folder / SETTINGS
    if pieces.is_file() and pieces.stat().st_size > _MAX_BYTES:
        raise ValueError(f"{pieces}: longer than {_MAX_BYTES} bytes")
    settings = read_json(path) if path.is_file() else {}
    if not isinstance(settings, dict):
        raise ValueError(f"{path}: expected an object, got {short_repr(settings)}")
    for key, value in settings.items():
        # A path would let a folder name any file of this machine.
        if key.endswith("_file") and value is not None:
            raise ValueError(f"{path}: {short_repr(key)} must not be given")


def _at_fault(folder: Path) -> Path:
    """Return the tokenizer's file that cannot be read."""
    if not folder.is_dir():
        return folder
    try:
        Tokenizer.from_file(str(folder / PIECES))
    except Exception:  # the library raises nothing more special
        return folder / PIECES
    return folder / SETTINGS


def _shortened(pieces: Pieces) -> Pieces:
    """Keep at most ``MAX_WORD_PIECES`` pieces of each word."""
    if len(pieces.words) <= MAX_WORD_PIECES:
        return pieces
    kept, run, last = [], 0, SPECIAL
    for index, word in enumerate(pieces.words):
        run = run + 1 if word == last else 1
        last = word
        if word == SPECIAL or run <= MAX_WORD_PIECES:
            kept.append(index)
    return Pieces(tuple(pieces.ids[i] for i in kept), tuple(pieces.words[i] for i in kept))
