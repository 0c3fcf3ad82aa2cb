"""The spaCy pipeline component ``jmere``."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Iterable, Iterator
from inspect import signature
from itertools import islice
from pathlib import Path
from typing import Any

import srsly
from spacy.language import Language
from spacy.tokens import Doc, SpanGroup

from jmere.data.annotations import quintuple_from_json, quintuple_to_json
from jmere.extract import Extractor
from jmere.files.folders import folder_replaced, mark
from jmere.files.whole import resolve_inside
from jmere.records import Entity, Extraction, Post, Quintuple
from jmere.tagger.folder import find_folder

FACTORY = "jmere"
"""Name of the factory, of the span group and of the keys of a document's user data."""

_MODEL = "model"
_MAX_FILES = 64


class JmereComponent:
    """Sets ``doc._.quintuples``, and ``doc.spans["jmere"]`` to the entities with their types.

    ``doc._.image`` and ``doc._.alt_text``, set before, are the document's picture and its
    description. Words are split by jmere's own rules; a span covers every spaCy token that its
    entity touches, while ``doc._.quintuples`` has the exact characters.

    Example:
        >>> import spacy
        >>> nlp = spacy.blank("en")
        >>> _ = nlp.add_pipe("jmere")
        >>> doc = nlp("Lionel Messi leaves Barcelona")
        >>> [(q.head.text, q.relation, q.tail.text) for q in doc._.quintuples]
        [('Lionel Messi', 'member_of', 'Barcelona')]
        >>> [(span.text, span.label_) for span in doc.spans["jmere"]]
        [('Lionel Messi', 'per'), ('Barcelona', 'org')]
    """

    def __init__(
        self,
        model: str | Path = "default",
        *,
        name: str = FACTORY,
        batch_size: int = 64,
        min_score: float = 0.0,
        spans_key: str = FACTORY,
    ) -> None:
        self.name = name
        self.model = model
        self.batch_size, self.min_score, self.spans_key = batch_size, min_score, spans_key
        self._extractor: Extractor | None = None
        _set_extensions()

    @property
    def extractor(self) -> Extractor:
        """Return the extractor, loaded when first used."""
        if self._extractor is None:
            self._extractor = Extractor.from_pretrained(self.model)
        return self._extractor

    def __call__(self, doc: Doc) -> Doc:
        """Annotate a document."""
        return self._annotated(doc, self.extractor.extract(_post(doc)))

    def pipe(self, stream: Iterable[Doc], *, batch_size: int | None = None) -> Iterator[Doc]:
        """Annotate documents, ``batch_size`` computed together."""
        size = self.batch_size if batch_size is None else batch_size
        waiting = iter(stream)
        while docs := list(islice(waiting, size)):
            found = self.extractor.stream([_post(doc) for doc in docs], batch_size=size)
            for doc, each in zip(docs, found, strict=True):
                yield self._annotated(doc, each)

    def to_disk(self, path: str | Path, exclude: Iterable[str] = ()) -> None:
        """Write the model's folder; ``exclude=["model"]`` writes only the settings."""
        with folder_replaced(path) as part:
            srsly.write_json(part / "settings.json", self._settings())
            for name, content in () if _MODEL in exclude else self._files():
                (part / _MODEL).mkdir(exist_ok=True)
                (part / _MODEL / name).write_bytes(content)
            mark(part)

    def from_disk(self, path: str | Path, exclude: Iterable[str] = ()) -> JmereComponent:
        """Read what ``to_disk`` wrote; the model is loaded now."""
        self._set(srsly.read_json(Path(path) / "settings.json"))
        if (Path(path) / _MODEL).is_dir() and _MODEL not in exclude:
            self._use((each.name, each.read_bytes()) for each in (Path(path) / _MODEL).iterdir())
        return self

    def to_bytes(self, exclude: Iterable[str] = ()) -> bytes:
        """Return settings and model as bytes."""
        files = {} if _MODEL in exclude else dict(self._files())
        packed: bytes = srsly.msgpack_dumps({"settings": self._settings(), _MODEL: files})
        return packed

    def from_bytes(self, data: bytes, exclude: Iterable[str] = ()) -> JmereComponent:
        """Read what ``to_bytes`` returned; the model is loaded now."""
        value = srsly.msgpack_loads(data)
        self._set(value["settings"])
        if value[_MODEL] and _MODEL not in exclude:
            self._use(value[_MODEL].items())
        return self

    def _annotated(self, doc: Doc, found: Extraction) -> Doc:
        sure = [each for each in found.quintuples if (each.score or 0.0) >= self.min_score]
        doc.user_data[FACTORY] = [quintuple_to_json(each, text=True) for each in sure]
        spans = [span for each in found.entities if (span := _span(doc, each)) is not None]
        doc.spans[self.spans_key] = SpanGroup(doc, name=self.spans_key, spans=spans)
        return doc

    def _settings(self) -> dict[str, Any]:
        return {
            "batch_size": self.batch_size,
            "min_score": self.min_score,
            "spans_key": self.spans_key,
        }

    def _set(self, value: dict[str, Any]) -> None:
        self.batch_size, self.min_score = int(value["batch_size"]), float(value["min_score"])
        self.spans_key = str(value["spans_key"])

    def _files(self) -> Iterator[tuple[str, bytes]]:
        for path in sorted(find_folder(self.model).iterdir()):
            if path.is_file():
                yield path.name, path.read_bytes()

    def _use(self, files: Iterable[tuple[str, bytes]]) -> None:
        """Load a model from copies of its files, which stay as long as the component."""
        folder = Path(tempfile.mkdtemp(prefix="jmere-spacy-"))
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        for index, (name, content) in enumerate(files):
            if index >= _MAX_FILES:
                raise ValueError(f"a model of more than {_MAX_FILES} files; expected fewer")
            resolve_inside(folder, Path(name).name).write_bytes(content)
        self.model = folder
        self._extractor = Extractor.from_pretrained(folder)


def make_component(
    nlp: Language, name: str, model: str, batch_size: int, min_score: float, spans_key: str
) -> JmereComponent:
    """Make the component for ``nlp.add_pipe("jmere", config={...})``.

    Args:
        nlp: The pipeline.
        name: Name of the component in it.
        model: ``default``, a model folder or a hub id.
        batch_size: Documents computed together by ``nlp.pipe``.
        min_score: Quintuples below are left out.
        spans_key: Key of the entities in ``doc.spans``.
    """
    return JmereComponent(
        model, name=name, batch_size=batch_size, min_score=min_score, spans_key=spans_key
    )


# spaCy reads the names of arguments without looking through decorators.
make_component.__signature__ = signature(make_component)  # type: ignore[attr-defined]
Language.factory(
    FACTORY,
    assigns=["doc._.quintuples", "doc.spans"],
    default_config={
        "model": "default",
        "batch_size": 64,
        "min_score": 0.0,
        "spans_key": FACTORY,
    },
    func=make_component,
)


def _set_extensions() -> None:
    if not Doc.has_extension("quintuples"):
        Doc.set_extension("quintuples", getter=_quintuples)
    for name in ("image", "alt_text"):
        if not Doc.has_extension(name):
            Doc.set_extension(name, default=None)


def _quintuples(doc: Doc) -> tuple[Quintuple, ...]:
    # User data holds JSON, so that documents can be stored and sent between processes.
    found = doc.user_data.get(FACTORY, ())
    return tuple(quintuple_from_json(each, doc.text, surface=True) for each in found)


def _post(doc: Doc) -> Post:
    return Post(text=doc.text, image=doc._.image, alt_text=doc._.alt_text)


def _span(doc: Doc, entity: Entity) -> Any:
    if entity.start < 0:
        return None
    return doc.char_span(entity.start, entity.end, label=entity.type, alignment_mode="expand")


_set_extensions()
