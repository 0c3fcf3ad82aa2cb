"""Whether the Hugging Face Hub can be reached, found out within two seconds."""

from __future__ import annotations

import threading
from functools import lru_cache
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

REACH_SECONDS = 2.0
"""Time the hub has to answer. Its own client would try for minutes."""


def local_only(name: str | Path) -> bool:
    """Whether files of a model are only looked for on this machine.

    That is so for a folder, and for a hub id where the hub is switched off
    (``HF_HUB_OFFLINE=1``) or does not answer within ``REACH_SECONDS``.

    Example:
        >>> local_only(".")
        True
    """
    if Path(name).is_dir():
        return True
    from huggingface_hub import constants

    return constants.is_offline_mode() or not _answers(constants.ENDPOINT)


@lru_cache(maxsize=8)
def _answers(endpoint: str) -> bool:
    """Whether a server answers, whatever it says; proxies of the environment are used."""
    answered = threading.Event()

    def ask() -> None:
        try:
            with urlopen(Request(endpoint, method="HEAD"), timeout=REACH_SECONDS):
                answered.set()
        except HTTPError as refusal:
            refusal.close()
            answered.set()
        except (OSError, ValueError):
            pass

    # The time limit of a socket does not cover the look-up of its name, so a thread waits.
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(REACH_SECONDS)
    return answered.is_set()
