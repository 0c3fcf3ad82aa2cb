"""Workers on a cluster: each has one piece at a time, and another takes over from a dead one."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from jmere.errors import one_line
from jmere.ray.cluster import start_here, worker_count, worker_options
from jmere.ray.death_ledger import MOST_DEATHS, DeathLedger
from jmere.ray.file_pieces import Piece
from jmere.ray.part_worker import Done, PartJob, Worker


class Pool:
    """Workers that have loaded the model, for as long as the block lasts.

    A piece is given to the next worker that is free, so no more are read than are computed. Where
    a worker dies, its piece is given to a new one; ``Survivor`` sees to posts that kill workers.
    """

    def __init__(
        self, ray: Any, job: PartJob, *, workers: int | None = None, pieces: int | None = None
    ) -> None:
        """Prepare workers; none is started yet.

        Args:
            ray: The library, connected to a cluster.
            job: What is done with every piece.
            workers: How many; by default as many as the cluster has room for.
            pieces: How many pieces there are, if that is known: no more workers are started.
        """
        self._ray, self._job = ray, job
        self._options = worker_options(ray, job.loader.device)
        count = workers or worker_count(ray, self._options)
        self.size = count if pieces is None else min(count, pieces)
        self._ledger: Any = None
        self._idle: deque[Any] = deque()
        self._busy: dict[Any, tuple[Any, Piece | None]] = {}
        self._died = 0
        errors = ray.exceptions
        self._deaths = (
            *(errors.RayActorError, errors.WorkerCrashedError),
            *(errors.OutOfMemoryError, errors.NodeDiedError),
        )

    def __enter__(self) -> Pool:
        self._ledger = start_here(self._ray, DeathLedger)
        for _ in range(self.size):
            self._start()
        return self

    def __exit__(self, *_: object) -> None:
        for actor in (*self._idle, *(actor for actor, _ in self._busy.values()), self._ledger):
            self._ray.kill(actor)
        self._idle.clear()
        self._busy.clear()

    def wait_until_loaded(self) -> None:
        """Wait until every worker has loaded the model."""
        while self._busy:
            self._next()

    def run(
        self, pieces: Iterable[Piece], contents: Mapping[str, Any] | None = None
    ) -> Iterator[Done]:
        """Yield what becomes of each piece, as soon as it does.

        Args:
            pieces: The pieces.
            contents: References to what files hold that workers cannot read.

        Raises:
            DataError: If a file is damaged.
            ChildProcessError: If workers die while they load the model, or the ledger dies.
        """
        waiting, again = iter(pieces), deque[Piece]()
        while True:
            while self._idle:
                piece = again.popleft() if again else next(waiting, None)
                if piece is None:
                    break
                actor = self._idle.popleft()
                content = (contents or {}).get(piece.file)
                self._busy[actor.compute.remote(piece, content)] = actor, piece
            none_left = not again and all(piece is None for _, piece in self._busy.values())
            if none_left and (self._idle or not self._busy):
                return
            done, piece = self._next()
            if done is not None:
                yield done
            elif piece is not None:
                again.append(piece)

    def _start(self) -> None:
        actor = self._ray.remote(**self._options)(Worker).remote(self._job, self._ledger)
        self._busy[actor.load.remote()] = actor, None

    def _next(self) -> tuple[Done | None, Piece | None]:
        """Wait for the next worker; return what it has done, or the piece that it died of."""
        (ready, *_), _ = self._ray.wait(list(self._busy), num_returns=1)
        actor, piece = self._busy.pop(ready)
        try:
            done: Done | None = self._ray.get(ready)
        except self._ray.exceptions.RayTaskError as error:
            self._idle.append(actor)
            if isinstance(error, self._deaths):  # the worker lives, and so it is the ledger's
                raise ChildProcessError("the actor that counts the workers' deaths died") from None
            raise (error.cause if isinstance(error.cause, Exception) else error) from None
        except self._deaths as error:
            self._ray.kill(actor)
            self._count_death(piece, error)
            self._start()
            return None, piece
        except self._ray.exceptions.RayError as error:
            raise ChildProcessError(f"the cluster: {one_line(error)}") from None
        self._died = 0
        self._idle.append(actor)
        return done, None

    def _count_death(self, piece: Piece | None, error: Exception) -> None:
        """Count workers that die before they have loaded the model.

        Raises:
            ChildProcessError: If there are too many in a row.
        """
        self._died = 0 if piece is not None else self._died + 1
        if self._died >= MOST_DEATHS:
            reason = one_line(error)
            raise ChildProcessError(f"{self._died} workers died while loading the model: {reason}")
