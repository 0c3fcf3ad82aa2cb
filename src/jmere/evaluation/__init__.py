"""Evaluation: precision, recall and F1 in three readings, tables, and a significance test."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "bootstrap": ("Comparison", "compare", "paired_bootstrap"),
        "gold": ("evaluate", "extract_gold"),
        "readings": ("Annotated", "as_reading"),
        "reliability": ("Bin", "calibration_error", "debiased_error", "reliability", "scored"),
        "scores": ("Gold", "Measure", "Scores", "read_gold", "score", "score_against"),
        "tables": ("breakdown", "scores_text", "scores_to_json"),
    },
)
