"""Reading and writing of files: whole or not at all, bounded, never someone else's."""
