"""Read and write files: atomic writes, bounded reads, locks."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "folders": ("check_replaceable", "folder_replaced", "replace_folder"),
        "inputs": ("check_inputs", "opened"),
        "int8_rows": ("quantize_rows",),
        "json_values": ("parse_json", "read_json"),
        "locks": ("same_file", "try_lock"),
        "outputs": ("is_stream", "keep_apart"),
        "resumable": ("ResumableLines", "StreamLines", "is_resumable"),
        "schema": ("check_version",),
        "whole": ("cache_folder", "resolve_inside", "sha256_of", "write_json", "written_whole"),
        "yaml_values": ("parse_yaml",),
    },
)
