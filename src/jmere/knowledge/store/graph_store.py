"""A graph on disk that grows with every build, and forgets on request."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from jmere.errors import one_line
from jmere.files.durable import naming, sync_tree
from jmere.files.locks import try_lock
from jmere.knowledge.aliases import Aliases
from jmere.knowledge.graph import KnowledgeGraph
from jmere.knowledge.rdf import RdfNames
from jmere.knowledge.reading import PostReader, PredictedPost
from jmere.knowledge.store.counts import store_counts
from jmere.knowledge.store.generations import generation_path, pyoxigraph, remove_generations
from jmere.knowledge.store.ledger import Ledger
from jmere.knowledge.store.ledger_tables import LEDGER, open_ledger
from jmere.knowledge.store.parts import Parts
from jmere.knowledge.store.publish import write_change, write_full
from jmere.knowledge.store.store_settings import StoreSettings

_LOCK = "lock"
_SETTINGS, _GENERATION = "settings", "generation"
_FULL_SHARE = 3
"""A change of more than one name in so many is written in full, with the bulk loader."""


def is_store(path: str | Path) -> bool:
    """Return whether a path is the folder of a graph store."""
    return (Path(path) / LEDGER).is_file()


@dataclass(frozen=True, slots=True)
class StoreChange:
    """What a build or a deletion did."""

    added: int = 0
    """Posts that were new."""
    repeated: int = 0
    """Posts that the store had already."""
    removed: int = 0
    """Posts that were removed."""


class GraphStore:
    """A knowledge graph in a folder: a ledger of what posts say, and the graph that follows.

    The graph is the same as ``jmere.merge`` makes of all posts, in whatever order and number of
    builds they came. A build is complete or has no effect, also if it is killed.

    Args:
        folder: The folder; a build makes it if there is none.

    Example:
        >>> import tempfile
        >>> from jmere import Entity, Post, Quintuple
        >>> head, tail = Entity("Ann", "per", 0, 3), Entity("Bonn", "loc", 13, 17)
        >>> post = Post("Ann lives in Bonn", id="1", quintuples=[Quintuple(head, tail, "lives_in")])
        >>> store = GraphStore(tempfile.mkdtemp())
        >>> store.build([post]).added, store.build([post]).added
        (1, 0)
        >>> store.stats()["edges"]
        1
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    def build(
        self,
        posts: Iterable[PredictedPost] = (),
        *,
        reader: PostReader | None = None,
        settings: Mapping[str, object] | None = None,
    ) -> StoreChange:
        """Add posts and update the graph.

        Args:
            posts: Taken one at a time; each needs an id.
            reader: What is read of a post; the default reads all.
            settings: Fields of ``StoreSettings`` that replace those of the store.

        Raises:
            ValueError: If the folder holds anything else, another process writes to the store, a
                post has no id, or ``base`` is another one.
        """
        self._check_new()
        with self._writing() as ledger:
            known = _settings(ledger)
            chosen = (known or StoreSettings()).changed(settings or {})
            if known is not None and known.base != chosen.base:
                raise ValueError(
                    f"{self.folder}: is written with the base IRI {known.base!r}; "
                    f"got {chosen.base!r}"
                )
            RdfNames(chosen.base)
            own = Ledger(ledger, Aliases(chosen.aliases))
            reader = reader or PostReader()
            reader.exclude |= set(chosen.exclude_relations)
            change = _added(own, reader, posts)
            if chosen != known:
                own.set(_SETTINGS, chosen.to_json())
                own.use_aliases(own.aliases)
                own.exclude(chosen.exclude_relations)
            if chosen != known or change.added:
                self._publish(own, chosen, full=chosen != known)
        return change

    def forget(self, *, posts: Iterable[str] = (), authors: Iterable[str] = ()) -> StoreChange:
        """Remove posts, and all that rests on them alone; their traces leave the folder's files.

        Args:
            posts: Ids of posts.
            authors: Authors, all of whose posts are removed.

        Raises:
            ValueError: If the folder is no store, or another process writes to it.
        """
        self._check()
        with self._writing() as ledger:
            settings = _settings(ledger) or StoreSettings()
            own = Ledger(ledger, Aliases(settings.aliases))
            removed = own.forget(posts=posts, authors=authors)
            if removed:
                # Written anew: a changed copy would still have the removed triples in its files.
                self._publish(own, settings, full=True)
        if removed:
            self._clean()
        return StoreChange(removed=removed)

    def graph(self) -> KnowledgeGraph:
        """Return the whole graph, in memory.

        Raises:
            ValueError: If the folder is no store.
        """
        with self._reading() as ledger:
            settings = _settings(ledger) or StoreSettings()
            parts = Parts(Ledger(ledger, Aliases(settings.aliases)), settings.rules())
            pieces = list(parts.whole())
        nodes = (node for piece in pieces for node in piece.nodes)
        edges = (edge for piece in pieces for edge in piece.edges)
        return KnowledgeGraph(
            tuple(sorted(nodes, key=lambda node: node.id)),
            tuple(sorted(edges, key=lambda edge: (edge.head, edge.relation, edge.tail))),
        )

    def stats(self) -> dict[str, object]:
        """Count posts, texts, authors, nodes, edges and evidence, by type and relation too."""
        with self._reading() as ledger:
            settings = _settings(ledger) or StoreSettings()
            return store_counts(ledger, settings)

    def settings(self) -> StoreSettings:
        """Return the settings of the store."""
        with self._reading() as ledger:
            return _settings(ledger) or StoreSettings()

    def published(self) -> Path:
        """Return the folder of the graph that queries read.

        Raises:
            ValueError: If the folder is no store, or nothing has been built into it yet.
        """
        with self._reading() as ledger:
            number = _generation(ledger)
        if number == 0:
            raise ValueError(f"{self.folder}: nothing has been built into this store yet")
        return generation_path(self.folder, number)

    def _publish(self, own: Ledger, settings: StoreSettings, *, full: bool) -> None:
        parts, vocabulary = Parts(own, settings.rules()), RdfNames(settings.base)
        number = int(own.setting(_GENERATION) or 0)
        target = generation_path(self.folder, number + 1)
        (names,) = own.run("SELECT COUNT(*) FROM name").fetchone()
        if full or number == 0 or parts.take_touched() * _FULL_SHARE > names:
            parts.take_all()
            parts.name_nodes()
            write_full(target, parts, vocabulary)
        else:
            old_ids = parts.node_ids()
            parts.name_nodes()
            present = generation_path(self.folder, number)
            write_change(target, present, parts, vocabulary, old_ids)
        sync_tree(target)  # before the ledger names it
        own.set(_GENERATION, str(number + 1))

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Yield the ledger in a transaction, which an error ends without effect."""
        pyoxigraph()
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(self.folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            if not try_lock(lock):
                raise ValueError(f"{self.folder}: another process writes to this store")
            ledger = open_ledger(self.folder, write=True)
            try:
                self._transact(ledger, _generation(ledger))
                with naming(self.folder):
                    yield ledger
                ledger.execute("COMMIT")
                number = _generation(ledger)
                remove_generations(self.folder, keep=range(max(number - 1, 1), number + 1))
            except sqlite3.Error as error:
                raise self._fault(error) from None
            finally:
                ledger.close()  # an open transaction ends without effect
        finally:
            os.close(lock)

    def _transact(self, ledger: sqlite3.Connection, number: int) -> None:
        remove_generations(self.folder, keep=range(max(number - 1, 1), number + 1))
        ledger.execute("BEGIN IMMEDIATE")

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        self._check()
        ledger = open_ledger(self.folder)
        try:
            ledger.execute("BEGIN")
            yield ledger
        except sqlite3.Error as error:
            raise self._fault(error) from None
        finally:
            ledger.close()

    def _fault(self, error: sqlite3.Error) -> OSError:
        return OSError(f"{self.folder}: the ledger cannot be read or written: {one_line(error)}")

    def _clean(self) -> None:
        """Remove the earlier generation and what the ledger's files still have of old rows."""
        ledger = open_ledger(self.folder, write=True)
        try:
            number = _generation(ledger)
            remove_generations(self.folder, keep=range(number, number + 1))
            ledger.execute("VACUUM")
            ledger.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            ledger.close()

    def _check(self) -> None:
        if not is_store(self.folder):
            raise ValueError(
                f"{self.folder}: is not a graph store; 'jmere graph build --store' makes one"
            )

    def _check_new(self) -> None:
        """Refuse a folder with anything else in it."""
        if is_store(self.folder) or not self.folder.exists():
            return
        if not self.folder.is_dir():
            raise ValueError(f"{self.folder}: is a file; expected a folder or no file")
        strange = min(
            (path.name for path in self.folder.iterdir() if path.name != _LOCK), default=""
        )
        if strange:
            raise ValueError(
                f"{self.folder}: contains {strange!r}; expected a new or empty folder, or a store"
            )


def _added(own: Ledger, reader: PostReader, posts: Iterable[PredictedPost]) -> StoreChange:
    added = repeated = 0
    for post in posts:
        if own.add(reader.read(post)):
            added += 1
        else:
            repeated += 1
    return StoreChange(added=added, repeated=repeated)


def _settings(ledger: sqlite3.Connection) -> StoreSettings | None:
    row = ledger.execute("SELECT value FROM setting WHERE name = ?", (_SETTINGS,)).fetchone()
    return None if row is None else StoreSettings.from_json(row[0])


def _generation(ledger: sqlite3.Connection) -> int:
    row = ledger.execute("SELECT value FROM setting WHERE name = ?", (_GENERATION,)).fetchone()
    return 0 if row is None else int(row[0])
