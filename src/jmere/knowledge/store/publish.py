"""Writing a generation of a store's graph: in full, or as a change of the present one."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from jmere.knowledge.describe import (
    RdfTerm,
    described_document,
    described_edge,
    described_node,
    described_posts,
)
from jmere.knowledge.graph import Evidence, KnowledgeGraph
from jmere.knowledge.rdf import RdfNames, triple_lines
from jmere.knowledge.store.generations import pyoxigraph
from jmere.knowledge.store.ledger import LEDGER_COLUMNS, Ledger, evidence_of
from jmere.knowledge.store.parts import Parts


def write_full(target: Path, parts: Parts, vocabulary: RdfNames) -> None:
    """Write the whole graph into a new folder, with the bulk loader."""
    oxigraph: Any = pyoxigraph()
    with TemporaryFile("w+", encoding="utf-8", newline="\n", dir=target.parent) as stream:
        stream.writelines(triple_lines(described_document(), vocabulary))
        for graph in parts.whole():
            stream.writelines(_lines(graph, vocabulary))
        posts = _posts(parts.ledger, changed=False)
        for batch in _batches(posts):
            stream.writelines(triple_lines(described_posts(batch), vocabulary))
        stream.flush()
        stream.seek(0)
        store = oxigraph.Store(str(target))
        store.bulk_load(stream.buffer, oxigraph.RdfFormat.N_TRIPLES)
        store.flush()


def write_change(
    target: Path, present: Path, parts: Parts, vocabulary: RdfNames, old_ids: Iterable[str]
) -> None:
    """Copy the present generation and replace what is said of the nodes in ``part``."""
    oxigraph: Any = pyoxigraph()
    # A store that is open for writing can be copied; the copy shares files that never change.
    shutil.copytree(present, target, copy_function=_linked)
    store = oxigraph.Store(str(target))
    posts = list(_posts(parts.ledger, changed=True))
    subjects = [RdfTerm("entity", node) for node in old_ids]
    old = _said_of(store, subjects, vocabulary)
    for post in dict.fromkeys(it.post for it in posts if it.post is not None):
        name = oxigraph.NamedNode(vocabulary.iri(RdfTerm("post", post))[1:-1])
        old.update(store.quads_for_pattern(name, None, None))
    lines = chain(
        _lines(parts.graph(both_ends=True), vocabulary),
        triple_lines(described_posts(posts), vocabulary),
    )
    new = set(oxigraph.parse("".join(lines), oxigraph.RdfFormat.N_TRIPLES))
    for quad in old - new:
        store.remove(quad)
    store.extend(new - old)
    store.flush()


def _linked(source: str, target: str) -> str:
    """Link a table of the database, which never changes; copy anything else."""
    if source.endswith(".sst"):
        try:
            Path(target).hardlink_to(source)
        except OSError:
            pass
        else:
            return target
    return str(shutil.copy2(source, target))


def _said_of(store: Any, subjects: Iterable[RdfTerm], vocabulary: RdfNames) -> set[Any]:
    """Return all that is said of some nodes: their edges, statements, merges and names."""
    oxigraph: Any = pyoxigraph()
    entities, names = vocabulary.prefixes["entity"], vocabulary.prefixes["name"]
    found: set[Any] = set()
    for subject in subjects:
        node = oxigraph.NamedNode(vocabulary.iri(subject)[1:-1])
        for quad in store.quads_for_pattern(node, None, None):
            found.add(quad)
            if isinstance(quad.object, oxigraph.NamedNode) and quad.object.value.startswith(names):
                found.update(store.quads_for_pattern(quad.object, None, None))
        for quad in store.quads_for_pattern(None, None, node):
            if quad.subject.value.startswith(entities):
                found.add(quad)
            else:
                found.update(store.quads_for_pattern(quad.subject, None, None))
    return found


def _lines(graph: KnowledgeGraph, vocabulary: RdfNames) -> Iterator[str]:
    for node in graph.nodes:
        yield from triple_lines(described_node(node), vocabulary)
    for edge in graph.edges:
        yield from triple_lines(described_edge(edge, link=True), vocabulary)


def _posts(ledger: Ledger, *, changed: bool) -> Iterator[Evidence]:
    where = "id IN changed_post" if changed else "TRUE"
    rows = ledger.run(f"SELECT {LEDGER_COLUMNS} FROM post WHERE used AND {where} ORDER BY id")
    return (evidence_of(row) for row in rows)


def _batches(posts: Iterable[Evidence]) -> Iterator[list[Evidence]]:
    """Yield the posts of one id together."""
    batch: list[Evidence] = []
    for post in posts:
        if batch and batch[-1].post != post.post:
            yield batch
            batch = []
        batch.append(post)
    if batch:
        yield batch
