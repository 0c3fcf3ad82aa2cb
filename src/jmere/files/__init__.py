"""Read and write files: atomic writes, bounded reads, locks."""
