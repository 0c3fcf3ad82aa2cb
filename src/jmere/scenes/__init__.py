"""Scene graphs and their sources."""
