"""Predictions of a file, read in several processes: each returns rows for the database."""

from __future__ import annotations

import gc
import multiprocessing
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from jmere.data.predictions import read_for_graph
from jmere.data.readers.lines import numbered_lines
from jmere.errors import OnProblem, Problem
from jmere.files.parent import end_with_parent
from jmere.knowledge.disk.disk_columns import arrow_module
from jmere.knowledge.disk.disk_posts import WaitingPosts
from jmere.knowledge.reading import PostReader

_LINES = 4_000
"""Lines that a process reads at a time."""

_MAX_PROCESSES = 4
"""More read faster than one database takes up."""

Lines = list[tuple[int, bytes]]


class Block(NamedTuple):
    """What a part of a file says."""

    tables: dict[str, bytes]
    """Rows by table, as Arrow writes them."""
    posts: int
    problems: list[Problem]
    reader: PostReader
    """With what it counted."""

    def opened(self) -> dict[str, Any]:
        """Return the tables."""
        arrow: Any = arrow_module()
        return {name: arrow.ipc.open_stream(data).read_all() for name, data in self.tables.items()}


def read_blocks(
    path: Path, *, reader: PostReader, on_problem: OnProblem, processes: int
) -> Iterator[Block]:
    """Read a file of predictions in several processes; yield its parts that have posts, in order.

    Args:
        path: The file.
        reader: What is read of a post; it counts for all processes.
        on_problem: Told of every problem, in the order of the lines.
        processes: How many, of which four are of use.

    Raises:
        OSError: If a process was killed.
        DataError: At the first problem, unless ``on_problem`` continues.
    """
    lines = numbered_lines(path)
    waiting: deque[Future[Block]] = deque()
    count = min(processes, _MAX_PROCESSES)
    spawned = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(count, mp_context=spawned, initializer=_begin)
    try:
        while True:
            part = list(islice(lines, _LINES))
            if part:
                waiting.append(pool.submit(_read, str(path), part, reader.fresh()))
            elif not waiting:
                return
            if not part or len(waiting) > 2 * count:
                block = waiting.popleft().result()
                for problem in block.problems:
                    on_problem(problem)
                reader.count(block.reader)
                if block.posts:
                    yield block
    except BrokenProcessPool:
        raise OSError(f"{path}: a process that read it was killed") from None
    finally:
        pool.shutdown(cancel_futures=True)


def _begin() -> None:
    gc.disable()  # records have no reference cycles
    end_with_parent()


def _read(path: str, lines: Lines, reader: PostReader) -> Block:
    # Numbers of posts are less than that of the last line: no other block has them.
    batch, problems = WaitingPosts(reader, number=lines[0][0]), list[Problem]()
    for post in read_for_graph(path, lines=lines, on_problem=problems.append):
        batch.add(post)
    tables = {name: _written(table) for name, table in batch.tables().items()}
    return Block(tables, reader.posts, problems, reader)


def _written(table: Any) -> bytes:
    arrow: Any = arrow_module()
    sink = arrow.BufferOutputStream()
    with arrow.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return bytes(memoryview(sink.getvalue()))
