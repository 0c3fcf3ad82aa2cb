"""Quintuples of many posts become a knowledge graph: merged, with provenance, written, drawn."""
