"""Measurements that are runs: models trained and evaluated to answer one question."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "comparison": ("read_comparison",),
        "heads": ("Head",),
        "paper": ("Curve", "Figures", "Row", "Table"),
        "plan": ("Job", "Plan"),
        "render": ("comma_separated", "curves", "markdown", "table_text", "table_to_json"),
        "results": ("RowResult", "Spread", "TableResult", "gather"),
        "table": ("run_table",),
    },
)
