"""How much a command line says on stderr: what ``-v`` and ``-q`` set."""

from __future__ import annotations

import logging
import os
import sys
import warnings

from jmere.terminal import Verbosity, log_plainly

_QUIET = {
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_VERBOSITY": "error",
    "TRANSFORMERS_VERBOSITY": "error",
    "TOKENIZERS_PARALLELISM": "false",
}
"""Environment of the libraries, where the user has not set it."""

_LIBRARIES = (
    "accelerate",
    "huggingface_hub",
    "matplotlib",
    "PIL",
    "spacy",
    "torch",
    "transformers",
)


def set_verbosity(level: int) -> None:
    """Set what goes to stderr.

    Args:
        level: -1 for problems alone, 0 for notes and progress, 1 for the log of this package and
            warnings of libraries, 2 for every debug message.
    """
    Verbosity.level = level
    if level > 0:
        log_plainly(logging.DEBUG if level > 1 else logging.INFO, form="%(name)s: %(message)s")
        return
    for name in _LIBRARIES:
        logging.getLogger(name).setLevel(logging.ERROR)
    if Verbosity.own_process:
        for key, value in _QUIET.items():
            os.environ.setdefault(key, value)
        if not sys.warnoptions:
            warnings.simplefilter("ignore")
