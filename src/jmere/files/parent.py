"""A process that ends with the one that started it, however that one ends."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
import time
from threading import Thread

_SIGNAL_AT_PARENTS_DEATH = 1
"""``PR_SET_PDEATHSIG`` of Linux."""

_PAUSE = 0.5


def end_with_parent(parent: int | None = None) -> None:
    """From now on, end this process when the one that started it has ended, killed or not.

    Args:
        parent: Process id of the one that started it, where it may have ended already.
    """
    parent = os.getppid() if parent is None else parent
    if sys.platform == "linux":
        # The kernel ends the process at once, also within a long computation.
        ctypes.CDLL(None).prctl(_SIGNAL_AT_PARENTS_DEATH, signal.SIGKILL, 0, 0, 0)
    Thread(target=_wait, args=(parent,), daemon=True).start()


def _wait(parent: int) -> None:
    process = multiprocessing.parent_process()
    if process is not None:
        process.join()
    else:
        while os.getppid() == parent:
            time.sleep(_PAUSE)
    os._exit(1)
