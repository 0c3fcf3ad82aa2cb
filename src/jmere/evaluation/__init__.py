"""How right predictions are: scores in three readings, tables, and a test between two systems."""
