"""Tables of posts and results: CSV, TSV, Parquet, pandas, Arrow and Hugging Face datasets."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "columns": ("Columns",),
        "frames": ("like_given", "table_posts"),
        "rows": ("RowKind", "table_rows"),
        "table_files": ("is_table", "read_table", "write_table"),
    },
)
