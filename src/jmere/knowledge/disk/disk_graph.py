"""Building and writing a graph on disk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jmere.errors import one_line, require
from jmere.files.folders import folder_replaced
from jmere.files.whole import written_whole
from jmere.knowledge.assemble import MergeRules
from jmere.knowledge.disk.disk_blocks import Block
from jmere.knowledge.disk.disk_graphml import write_disk_graphml
from jmere.knowledge.disk.disk_names import name_nodes
from jmere.knowledge.disk.disk_order import order_edges, order_nodes
from jmere.knowledge.disk.disk_parquet import write_disk_parquet
from jmere.knowledge.disk.disk_posts import PostBatches
from jmere.knowledge.disk.disk_rdf import write_disk_rdf
from jmere.knowledge.disk.disk_stream import DiskStream
from jmere.knowledge.disk.disk_tables import (
    DEFAULT_MEMORY,
    MIN_MEMORY,
    limit_memory,
    opened_database,
)
from jmere.knowledge.merge import collector_paused
from jmere.knowledge.rdf import BASE
from jmere.knowledge.reading import PostReader, PredictedPost
from jmere.knowledge.write import Format, write_stream


@contextmanager
def merged_on_disk(
    posts: Iterable[PredictedPost | Block],
    *,
    rules: MergeRules,
    reader: PostReader,
    beside: Path,
    memory: int = DEFAULT_MEMORY,
) -> Iterator[DiskStream]:
    """Merge posts in a temporary database and yield their graph.

    Args:
        posts: Taken one at a time; each needs an id. Or all parts of a file that processes read.
        rules: When two names are one node.
        reader: What is read of a post.
        beside: Existing folder, on whose disk the database is.
        memory: Bytes that the database may hold in memory.

    Raises:
        MissingExtraError: If the libraries of the extra ``large`` are not installed.
        ValueError: If a post has no id.
        OSError: If the database runs out of memory or disk.
    """
    duckdb: Any = require("duckdb", "large", "a graph larger than memory")
    try:
        # While posts come, the processes that read them need memory too.
        with (
            opened_database(beside, max(memory // 2, MIN_MEMORY)) as connection,
            collector_paused(),
        ):
            batches = PostBatches(connection, reader)
            for each in posts:
                if isinstance(each, Block):
                    batches.insert(each.opened())
                else:
                    batches.add(each)
            batches.finish()
            limit_memory(connection, memory)
            name_nodes(connection, rules)
            order_edges(connection, rules.alternate_names)
            order_nodes(connection)
            connection.execute("SET preserve_insertion_order = true")  # tables are read as they lie
            yield DiskStream(connection, rules)
    except duckdb.Error as error:
        raise OSError(f"{beside}: the graph cannot be built on disk: {one_line(error)}") from None


def write_disk_graph(
    graph: DiskStream,
    path: str | Path,
    format: Format,  # noqa: A002
    *,
    base: str = BASE,
) -> None:
    """Write a graph on disk to a file or folder, as ``jmere.write_graph`` writes one in memory."""
    if format == "parquet":
        with folder_replaced(path) as folder:
            write_disk_parquet(graph, folder)
    elif format in ("jsonld", "neo4j"):
        write_stream(graph, path, format, base=base)
    else:
        with written_whole(path, binary=True) as stream:
            if format == "graphml":
                write_disk_graphml(graph, stream)
            else:
                write_disk_rdf(graph, stream, turtle=format == "ttl", base=base)
