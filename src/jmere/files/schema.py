"""Versions of the forms of files, and the rule for changing them.

Posts and predictions, state files, RDF and model folders carry a ``schema_version``, a whole
number that begins at 1.

- The version goes up by one when a key of JSON is added, removed, renamed or read in another way,
  or a term of RDF is removed, renamed or used in another way. A new term of RDF leaves it.
- A release reads every version from 1 to the one that it writes, except of state files: a run is
  continued by the version that began it.
- A newer version than the one it writes is refused in one line.
- A file without a version is of version 1.
"""

from __future__ import annotations

from jmere.errors import short_repr


def check_version(version: object, newest: int, *, where: object) -> None:
    """Refuse a version that is not a whole number from 1 to the newest one; absent is 1.

    Raises:
        ValueError: If it is neither.

    Example:
        >>> check_version(7, 1, where="config.json")
        Traceback (most recent call last):
        ValueError: config.json: schema_version 7 is newer than this jmere, which reads up to 1
    """
    if version is None:
        return
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        expected = f"expected a whole number from 1 to {newest}"
        raise ValueError(f"{where}: schema_version: {expected}, got {short_repr(version)}")
    if version > newest:
        raise ValueError(
            f"{where}: schema_version {short_repr(version)} is newer than this jmere, "
            f"which reads up to {newest}"
        )
