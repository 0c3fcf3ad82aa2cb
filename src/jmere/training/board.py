"""TensorBoard's event file of a run, written without a thread whose faults nobody sees."""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from jmere.files.durable import naming


class Board:
    """Writer of scalars; they are in the file when a call returns.

    Raises:
        ImportError: If TensorBoard is not installed.
    """

    def __init__(self, folder: Path) -> None:
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary
        from tensorboard.summary.writer.record_writer import RecordWriter

        folder.mkdir(parents=True, exist_ok=True)
        started = time.time_ns()
        name = f"events.out.tfevents.{started // 10**9:010}.{socket.gethostname()}.{started}"
        self.path = folder / name
        self._stream = self.path.open("wb")
        self._event, self._summary = Event, Summary
        self._records: Any = RecordWriter(self._stream)
        self._write(file_version="brain.Event:2")

    def add(self, epoch: int, values: Mapping[str, float]) -> None:
        """Add the values of an epoch."""
        scalars = [
            self._summary.Value(tag=name, simple_value=value) for name, value in values.items()
        ]
        self._write(step=epoch, summary=self._summary(value=scalars))

    def close(self) -> None:
        """Close the file; what could not be written has been told."""
        with suppress(OSError):
            self._stream.close()

    def _write(self, **content: Any) -> None:
        event = self._event(wall_time=time.time(), **content)
        with naming(self.path):
            self._records.write(event.SerializeToString())
            self._records.flush()
