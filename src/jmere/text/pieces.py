"""Subword tokens (pieces) for the text encoder, and the word that each belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tokenizers import Encoding, Tokenizer

from jmere.errors import one_line, short_repr
from jmere.files.json_values import read_json
from jmere.files.whole import write_json

MIN_PIECES = 3
"""Minimum sequence length: one piece between two special ones."""

SETTINGS, PIECES = "tokenizer_config.json", "tokenizer.json"
_MAX_BYTES = 1 << 28
"""Maximum size of a tokenizer's file."""

_NO_LIMIT = 10**30
"""``model_max_length`` of a tokenizer that does not give one."""

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

    def __init__(self, tokenizer: Tokenizer, settings: Mapping[str, Any]) -> None:
        """Take a tokenizer with its settings, those of ``tokenizer_config.json``.

        Raises:
            ValueError: If the settings are not usable, or no piece is for unknown words.
        """
        self._settings = dict(settings)
        unknown = _special(settings, "unk_token", getattr(tokenizer.model, "unk_token", None))
        if unknown is None:
            raise ValueError("the encoder's tokenizer must have a piece for the unknown, unk_token")
        self._unknown: str = unknown
        self._mask = _special(settings, "mask_token")
        max_length = settings.get("model_max_length", _NO_LIMIT)
        if (
            isinstance(max_length, bool)
            or not isinstance(max_length, int)
            or max_length < MIN_PIECES
        ):
            raise ValueError(
                f"the tokenizer's model_max_length must be a whole number from {MIN_PIECES}, "
                f"got {short_repr(max_length)}"
            )
        tokenizer.no_padding()
        tokenizer.no_truncation()
        self._tokenizer = tokenizer
        self.max_length: int = max_length
        """Most pieces of a text that the tokenizer's encoder takes, by its own word."""

    @classmethod
    def load(cls, name: str | Path) -> PieceTokenizer:
        """Load the tokenizer of a folder or Hub id, without running its code.

        A folder without ``tokenizer.json``, and a Hub id, are read by transformers.

        Raises:
            FileNotFoundError: If there is none.
            ValueError: If a file of it is damaged, or it cannot tell words apart.
        """
        folder = Path(name)
        if folder.is_dir():
            settings = _read_settings(folder)
            if (folder / PIECES).is_file():
                return cls._read(folder, settings)
        from jmere.pretrained.tokenizers import convert_tokenizer

        with TemporaryDirectory() as converted:
            convert_tokenizer(name, Path(converted))
            try:
                return cls._read(Path(converted), _read_settings(Path(converted)))
            except ValueError as error:
                raise ValueError(str(error).replace(converted, str(name))) from None

    @classmethod
    def _read(cls, folder: Path, settings: Mapping[str, Any]) -> PieceTokenizer:
        path = folder / PIECES
        if path.stat().st_size > _MAX_BYTES:
            raise ValueError(f"{path}: longer than {_MAX_BYTES} bytes")
        with _told_as(f"{path}: not a tokenizer"):
            tokenizer = Tokenizer.from_file(str(path))
        try:
            made = cls(tokenizer, settings)
        except ValueError as error:
            raise ValueError(f"{folder / SETTINGS}: {error}") from None
        # A damaged part, such as a template with an unknown piece, is only noticed in use.
        with _told_as(f"{path}: not usable"):
            made.split([["a"]])
            made.frame()
        return made

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
        self._tokenizer.save(str(Path(folder) / PIECES))
        write_json(Path(folder) / SETTINGS, self._settings)

    @property
    def vocabulary(self) -> PieceVocabulary:
        """Return the piece vocabulary, for masking.

        Raises:
            ValueError: If it has no mask piece.
        """
        mask = None if self._mask is None else self._tokenizer.token_to_id(self._mask)
        if mask is None:
            raise ValueError("the encoder's tokenizer has no mask piece, mask_token")
        return PieceVocabulary(self._tokenizer.get_vocab_size(), mask)

    def split(self, texts: Sequence[Sequence[str]]) -> list[Pieces]:
        """Tokenize each text, a sequence of words; special pieces are added.

        Raises:
            ValueError: If the tokenizer fails, as one without a piece for an unknown word does, or
                leaves a word without a piece.
        """
        if not texts:
            return []
        encoded = self._encode(texts)
        incomplete = [i for i, words in enumerate(texts) if not _covers(encoded[i], words)]
        # A word of which the tokenizer keeps nothing, such as a zero-width space, is unknown.
        for index in incomplete:
            present = set(encoded[index].words)
            words = [w if i in present else self._unknown for i, w in enumerate(texts[index])]
            encoded[index] = self._encode([words])[0]
            if not _covers(encoded[index], words):
                raise ValueError("tokenizer.json: a word has no piece, not even the unknown one")
        return encoded

    def frame(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the special pieces before and after a second text, which follows a first one.

        A tokenizer that knows no second text ends it as it ends the first.
        """
        alone, both = self._tokenizer.encode("a"), self._tokenizer.encode("a", "a")
        second = [place for place, text in enumerate(both.sequence_ids) if text == 1]
        length = len(alone.ids)
        if second and second[0] >= length and both.ids[:length] == alone.ids:
            return tuple(both.ids[length : second[0]]), tuple(both.ids[second[-1] + 1 :])
        first = [place for place, text in enumerate(alone.sequence_ids) if text == 0]
        return (), tuple(alone.ids[max(first, default=length) + 1 :])

    def labels(self, names: Sequence[str]) -> list[tuple[int, ...]]:
        """Tokenize each name without special pieces.

        Raises:
            ValueError: If the tokenizer fails.
        """
        if not names:
            return []
        with _told_as("tokenizer.json: an object's label cannot be tokenized"):
            encoded = self._tokenizer.encode_batch(list(names), add_special_tokens=False)
        return [tuple(each.ids) for each in encoded]

    def _encode(self, texts: Sequence[Sequence[str]]) -> list[Pieces]:
        with _told_as("tokenizer.json: a text cannot be tokenized"):
            encoded: list[Encoding] = self._tokenizer.encode_batch(
                [list(words) for words in texts], is_pretokenized=True
            )
        return [
            _shortened(
                Pieces(tuple(each.ids), tuple(SPECIAL if w is None else w for w in each.word_ids))
            )
            for each in encoded
        ]


def _covers(pieces: Pieces, words: Sequence[str]) -> bool:
    """Return whether every word has a piece."""
    return len({*pieces.words} - {SPECIAL}) == len(words)


@contextmanager
def _told_as(problem: str) -> Iterator[None]:
    """Raise an error of the tokenizers library as a ``ValueError`` that begins with ``problem``.

    The library raises plain ``Exception``. A fault of its own, a Rust panic, is a
    ``BaseException`` whose class cannot be imported.
    """
    try:
        yield
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise ValueError(f"{problem} ({one_line(error)})") from None


def _read_settings(folder: Path) -> dict[str, Any]:
    """Read a tokenizer's settings; those that name other files are refused."""
    path = folder / SETTINGS
    settings = read_json(path) if path.is_file() else {}
    if not isinstance(settings, dict):
        raise ValueError(f"{path}: expected an object, got {short_repr(settings)}")
    for key, value in settings.items():
        # A path would let a folder name any file of this machine.
        if key.endswith("_file") and value is not None:
            raise ValueError(f"{path}: {short_repr(key)} must not be given")
    return settings


def _special(settings: Mapping[str, Any], key: str, default: str | None = None) -> str | None:
    """Return a special piece: a string, or an object with the string as its content."""
    value = settings.get(key, default)
    if isinstance(value, Mapping):
        value = value.get("content")
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{key} must be a piece, got {short_repr(value)}")
    return value


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
