"""Tokenizers that only transformers can read: Hub ids, and folders without ``tokenizer.json``."""

from __future__ import annotations

from pathlib import Path

from jmere.errors import one_line, require
from jmere.pretrained.hub import local_only


def convert_tokenizer(name: str | Path, folder: Path) -> None:
    """Write the tokenizer of a folder or Hub id as ``tokenizer.json``, without running its code.

    Raises:
        FileNotFoundError: If there is none.
        MissingExtraError: If transformers is not installed.
        ValueError: If a file of it is damaged, or it cannot tell words apart.
    """
    transformers = require("transformers", "torch", f"the tokenizer of {name}")
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(
            str(name),
            use_fast=True,
            trust_remote_code=False,
            local_files_only=local_only(name),
        )
    # What reads the files raises errors of its own, and bare exceptions.
    except Exception as error:
        kind = FileNotFoundError if isinstance(error, OSError) else ValueError
        reason = one_line(error)
        if "custom code" in reason:
            reason = "it requires custom code, which is not run"
        raise kind(f"{name}: not a tokenizer ({reason})") from error
    if not tokenizer.is_fast:
        raise ValueError(
            f"{name}: the encoder's tokenizer must be a fast one: word ids come from it"
        )
    tokenizer.save_pretrained(str(folder))
