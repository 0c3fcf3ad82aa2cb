"""Extraction as a step of Ray Data."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from jmere.data.predictions import at_least
from jmere.data.tables.columns import Columns
from jmere.data.tables.parquet_files import arrow_schema
from jmere.data.tables.rows import QUINTUPLE_COLUMNS, RESULT_COLUMNS, RowKind, row_post, table_rows
from jmere.data.tables.table_files import kept_kinds
from jmere.ray.cluster import start_here, worker_count, worker_options
from jmere.ray.death_ledger import DeathLedger, RemoteMarks
from jmere.ray.libraries import ray_library
from jmere.ray.loading import ExtractorLoader
from jmere.ray.piece_posts import class_of
from jmere.ray.survived import Failure, Survivor
from jmere.records import Extraction, Post

_ITEM = "item"
"""Column of a data set that was made of strings or of posts."""

_ROWS = 512
"""Posts that a worker gets at a time: eight batches."""


def extract(
    dataset: Any,
    *,
    columns: Mapping[str, str] | None = None,
    keep: Sequence[str] = (),
    rows: RowKind | str = RowKind.POST,
    loader: ExtractorLoader | None = None,
    workers: int | None = None,
    batch_size: int = 64,
    min_score: float = 0.0,
) -> Any:
    """Extract quintuples from a Ray ``Dataset`` of posts; return a ``Dataset`` of results.

    Nothing is computed before the result is asked for. Each row of a post has the fields of
    ``Extraction.to_dict``. A row that is no post, and a post that kills its worker three times or
    raises an error, has a result without quintuples whose ``warnings`` say why.

    Args:
        dataset: Rows with a column for each field, or strings, or ``Post`` objects.
        columns: The column of each field, such as ``{"text": "tweet"}``; by default a field has
            the column of its own name.
        keep: Columns to copy to the results.
        rows: ``post``, or ``quintuple`` for one row for each quintuple.
        loader: What each worker loads; by default no pictures are read, whose paths may be
            anywhere. ``ExtractorLoader(visual=VisualConfig(images=DIR))`` reads those in a folder,
            ``ExtractorLoader()`` those at any path and in cells of bytes.
        workers: Most workers; default: one for each processor or GPU of the cluster.
        batch_size: Posts computed together.
        min_score: Least score of a quintuple.

    Raises:
        MissingExtraError: If Ray is not installed.
    """
    ray = ray_library("ray", "jmere.ray.extract")
    data = ray_library("ray.data", "jmere.ray.extract")
    loader = (loader or ExtractorLoader().within_folder()).placed()
    options = worker_options(ray, loader.device)
    arguments = {
        "loader": loader,
        "ledger": start_here(ray, DeathLedger),
        "columns": Columns(dict(columns or {}), tuple(keep)),
        "kind": RowKind(rows),
        "batch_size": batch_size,
        "min_score": min_score,
    }
    most = workers or worker_count(ray, options)
    return dataset.map_batches(
        BatchExtractor,
        fn_constructor_kwargs=arguments,
        batch_size=max(_ROWS, batch_size),
        batch_format="pyarrow",
        compute=data.ActorPoolStrategy(min_size=1, max_size=most),
        **options,
    )


class BatchExtractor:
    """Turns tables of posts into tables of results; Ray Data makes actors of it."""

    def __init__(
        self,
        *,
        loader: ExtractorLoader,
        ledger: Any,
        columns: Columns,
        kind: RowKind,
        batch_size: int,
        min_score: float,
    ) -> None:
        self._extractor = loader.load()
        self._ledger, self._columns, self._kind = ledger, columns, kind
        self._batch_size, self._min_score = batch_size, min_score
        self._ray = ray_library("ray", "jmere.ray.extract")
        self._actor = self._ray.get_runtime_context().get_actor_id()

    def __call__(self, table: Any) -> Any:
        """Return the results of a table of posts, in order."""
        pa = ray_library("pyarrow", "jmere.ray.extract")
        given = list(_posts(table, self._columns))
        marks = RemoteMarks(self._ray, self._ledger, self._key(given))
        survivor = Survivor(
            extractor=self._extractor,
            marks=marks,
            deaths=marks.begin(),
            batch_size=self._batch_size,
        )
        found = survivor.results(each for each in given if isinstance(each, Post))
        results = [_told(each if isinstance(each, Failure) else next(found)) for each in given]
        marks.end()
        kept = [at_least(each, self._min_score) for each in results]
        return pa.Table.from_pylist(list(table_rows(kept, self._kind)), schema=self._schema(table))

    def _key(self, given: Sequence[Post | Failure]) -> str:
        """Return a name of these posts in this actor, the same when Ray has restarted it.

        An actor has one batch at a time, and gets the one that it died of again.
        """
        return hashlib.sha256(f"{self._actor}{given!r}".encode(errors="replace")).hexdigest()

    def _schema(self, table: Any) -> Any:
        columns = RESULT_COLUMNS if self._kind is RowKind.POST else QUINTUPLE_COLUMNS
        kept = {name: class_of(table.schema.field(name).type) for name in self._columns.keep}
        return arrow_schema({**dict.fromkeys(columns), **kept_kinds(columns, kept)})


def _posts(table: Any, columns: Columns) -> Iterator[Post | Failure]:
    """Yield the post of each row, or why it is none."""
    if table.column_names == [_ITEM]:
        for value in table.column(_ITEM).to_pylist():
            yield value if isinstance(value, Post) else Post(text=value)
        return
    fields = columns.found([str(name) for name in table.column_names])
    for number, row in enumerate(table.to_pylist(), start=1):
        post, faults = row_post(row, fields, columns.keep, number=number, gold=False)
        if "id" not in fields:  # rows of a data set have no numbers
            post = replace(post, id=None)
        yield Failure(post, "; ".join(faults)) if faults else post


def _told(found: Extraction | Failure) -> Extraction:
    """Return a result; that of a failure is empty and has the reason as a warning."""
    if isinstance(found, Extraction):
        return found
    post = found.post
    return Extraction(
        post.id, post.text, (), (), warnings=(f"not extracted: {found.reason}",),
        time=post.time, author=post.author, url=post.url, language=post.language, kept=post.kept,
    )  # fmt: skip
