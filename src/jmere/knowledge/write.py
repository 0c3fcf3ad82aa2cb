"""Knowledge graph files in six formats, written atomically."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, cast, get_args

from jmere.errors import nearest, require
from jmere.files.folders import check_replaceable, folder_replaced
from jmere.files.whole import written_whole
from jmere.knowledge import property as tables
from jmere.knowledge import rdf
from jmere.knowledge.graph import KnowledgeGraph
from jmere.knowledge.graphml import write_graphml
from jmere.knowledge.parquet import write_graph_parquet
from jmere.knowledge.streams import GraphStream, MemoryStream

Format = Literal["ttl", "nt", "jsonld", "graphml", "neo4j", "parquet"]
FORMATS: tuple[str, ...] = get_args(Format)
FOLDERS = ("neo4j", "parquet")
"""Formats of several files in a folder."""


def as_format(name: str | None, path: str | Path) -> Format:
    """Return the format of a name or, without a name, of a file's suffix.

    Raises:
        ValueError: If there is no such format, or the suffix tells none.
    """
    if name is None:
        name = Path(path).suffix.lower().removeprefix(".")
        if name not in FORMATS or name in FOLDERS:
            files = ", ".join(f".{each}" for each in FORMATS if each not in FOLDERS)
            raise ValueError(
                f"{path}: unknown suffix; expected {files}, or a format: {', '.join(FORMATS)}"
            )
    if name not in FORMATS:
        raise ValueError(f"unknown format {name!r}; {nearest(name, FORMATS)}")
    return cast(Format, name)


def write_graph(
    graph: KnowledgeGraph,
    path: str | Path,
    format: Format | None = None,  # noqa: A002
    *,
    base: str = rdf.BASE,
) -> None:
    """Write a graph to a file or, for Neo4j and Parquet, to a folder.

    Args:
        graph: What to write.
        path: Target; an existing one is replaced.
        format: Format name; default: by the suffix of ``path``.
        base: Base IRI of RDF.

    Raises:
        ValueError: If the format is unknown, or the folder contains files not written by jmere.
        MissingExtraError: If the libraries of the extra ``graph`` are not installed.

    Example:
        >>> from pathlib import Path
        >>> from jmere import Entity, Post, Quintuple, merge
        >>> head, tail = Entity("Messi", "per", 0, 5), Entity("Barcelona", "org", 13, 22)
        >>> post = Post("Messi leaves Barcelona", quintuples=[Quintuple(head, tail, "member_of")])
        >>> write_graph(merge([post]), "graph.nt")
        >>> "Messi" in Path("graph.nt").read_text(encoding="utf-8")
        True
    """
    write_stream(MemoryStream(graph), path, check_target(path, format, base=base), base=base)


def write_stream(
    graph: GraphStream,
    path: str | Path,
    format: Format,  # noqa: A002
    *,
    base: str = rdf.BASE,
) -> None:
    """Write a graph that need not be in memory; ``write_graph`` explains the options."""
    if format in FOLDERS:
        write_tables = tables.write_neo4j if format == "neo4j" else write_graph_parquet
        with folder_replaced(path) as folder:
            write_tables(graph, folder)
        return
    with written_whole(path) as stream:
        if format == "graphml":
            write_graphml(graph, stream)
        else:
            write = {"ttl": rdf.write_turtle, "nt": rdf.write_ntriples, "jsonld": rdf.write_jsonld}
            write[format](graph, stream, base=base)


def check_target(
    path: str | Path,
    format: Format | str | None = None,  # noqa: A002
    *,
    base: str = rdf.BASE,
) -> Format:
    """Return the format of ``path``; raise early whatever ``write_graph`` would raise."""
    chosen = as_format(format, path)
    if chosen in FOLDERS:
        check_replaceable(path)
        if chosen == "parquet":
            require("pyarrow", "tables", "writing Parquet")
    elif chosen != "graphml":
        rdf.RdfNames(base)
    return chosen
