"""A model with everything it needs to read posts, and the folder it is saved in."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "folder": ("find_folder", "folder_digest", "read_config"),
        "grounding": ("ground",),
        "predict": ("Found", "begin_extraction", "extract_prepared", "predict"),
        "scorer": ("Backend", "GridScores", "Scorer"),
        "tagger": ("Tagger", "TaggerConfig"),
    },
)
