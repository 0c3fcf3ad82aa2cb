"""Extraction on a Ray cluster: files to parts, and Ray Data sets to Ray Data sets (extra ``ray``).

The library itself is ``ray``; this package is ``jmere.ray`` and imports it when it is used.
"""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "dataset": ("extract",),
        "extract_parts": ("PartsRun", "extract_files"),
        "loading": ("ExtractorLoader",),
    },
)
