"""Readers of published data sets: one file each, from its own format to posts."""
