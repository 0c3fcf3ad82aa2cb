"""Readers and writers of posts and predictions, and readers of published datasets."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "annotations": (
            "entity_from_json",
            "entity_to_json",
            "quintuple_from_json",
            "quintuple_to_json",
        ),
        "descriptions": ("CaptionFile", "read_descriptions"),
        "fields": ("RecordError",),
        "jsonl": ("post_from_json", "post_to_json", "read_posts", "write_posts"),
        "mend": ("mended_post", "mended_scene"),
        "predictions": ("extraction_from_json", "extraction_to_json", "read_predictions"),
        "scene_json": ("scene_graph_from_json", "scene_graph_to_json"),
        "stats": ("Statistics", "statistics"),
        "transforms": (
            "distinct",
            "of_known_labels",
            "outside",
            "overlapping",
            "read_captions",
            "renamed",
            "with_captions",
        ),
        "validate": ("Checks", "Finding", "ProblemKind", "check_posts", "problems"),
    },
)
